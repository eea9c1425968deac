import { find } from "./bits";

/**
 * Parts of a page that the server writes: `data-fragment` is their address, `data-every` the seconds after which they are fetched anew. What was opened
 * and what has the focus stay so. A part that holds `[data-over]` is not fetched again; one with `[data-reload]` is ready, and its page is loaded anew.
 */
export function startFragments(): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-fragment]")) start(place);
}

const focusable = "a,button,summary,input,select,[tabindex]";

function start(place: HTMLElement): void {
  const every = Number(place.dataset.every ?? 0) * 1000;
  let busy = false;
  let timer = 0;
  const load = async () => {
    if (busy || document.hidden || find("#pause-live")?.getAttribute("aria-pressed") === "true") return;
    busy = true;
    try {
      const reply = await fetch(place.dataset.fragment ?? "");
      const text = await reply.text();
      if (!reply.ok) {
        tell(place, text);
        clearInterval(timer);
        return;
      }
      swap(place, new DOMParser().parseFromString(text, "text/html").body);
      if (place.querySelector("[data-reload]")) location.reload();
      if (place.querySelector("[data-over],[data-reload]")) clearInterval(timer);
    } catch {
      // The server is away for a moment; the next turn may have more luck.
    } finally {
      busy = false;
    }
  };
  if (every > 0) timer = window.setInterval(() => void load(), every);
  if (!place.hasAttribute("data-filled")) void load();
}

function swap(place: HTMLElement, next: HTMLElement): void {
  const open = [...place.querySelectorAll("details")].map(details => details.open);
  const focus = [...place.querySelectorAll<HTMLElement>(focusable)].findIndex(element => element === document.activeElement);
  place.replaceChildren(...next.childNodes);
  place.querySelectorAll("details").forEach((details, i) => (details.open = open[i] ?? details.open));
  if (focus >= 0) place.querySelectorAll<HTMLElement>(focusable)[focus]?.focus({ preventScroll: true });
}

// The server's troubles are JSON with the reason in words.
function tell(place: HTMLElement, text: string): void {
  const words = document.createElement("p");
  words.className = "note";
  try {
    words.textContent = (JSON.parse(text) as { error: string }).error;
  } catch {
    words.textContent = "This part could not be read. Load the page again.";
  }
  place.replaceChildren(words);
}
