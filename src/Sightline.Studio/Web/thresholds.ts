import { find, say } from "./bits";

interface Given { kept: number; [name: string]: number | null | undefined }

const settleAfter = 600;

/** The slider asks the server for the figures at its place, which are exact; the address keeps the place. */
export function startThresholds(): void {
  const form = find<HTMLFormElement>("#thresholds");
  const slider = find<HTMLInputElement>("#slider");
  const field = find<HTMLInputElement>("#at");
  if (!form || !slider || !field) return;
  let request: AbortController | null = null;
  let announcing = 0;
  const show = async (at: number) => {
    const address = new URL(location.href);
    address.searchParams.set("at", String(at));
    history.replaceState(null, "", address);
    if (!find("#given")) return;
    request?.abort();
    request = new AbortController();
    address.searchParams.set("format", "json");
    try {
      const reply = await fetch(address, { signal: request.signal });
      if (!reply.ok) return;
      fill(((await reply.json()) as { given: Given }).given);
      clearTimeout(announcing);
      announcing = window.setTimeout(() => {
        say(`From ${at}: ${find("#given")?.innerText.replace(/\s+/g, " ") ?? ""}`);
        void mark();
      }, settleAfter);
    } catch (error) {
      if ((error as Error).name !== "AbortError") say("The figures could not be read.");
    }
  };
  const move = (value: number) => {
    const at = Math.min(1, Math.max(0, +value.toFixed(6)));
    slider.value = String(at);
    field.value = String(at);
    void show(at);
  };
  slider.addEventListener("input", () => {
    field.value = slider.value;
    void show(Number(slider.value));
  });
  field.addEventListener("input", () => {
    if (!field.checkValidity() || field.value === "") return;
    slider.value = field.value;
    void show(Number(field.value));
  });
  for (const button of form.querySelectorAll<HTMLButtonElement>("[data-move]")) {
    button.addEventListener("click", () => move(Number(field.value) + Number(button.dataset.move)));
  }
  for (const select of form.querySelectorAll("select")) select.addEventListener("change", () => form.requestSubmit());
}

/** The mark in the chart follows once the slider rests: the server draws it. */
async function mark(): Promise<void> {
  const reply = await fetch(location.href).catch(() => null);
  if (!reply?.ok) return;
  const next = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("#threshold-curve .plot");
  if (next) find("#threshold-curve")?.querySelector(".plot")?.replaceWith(next);
}

function fill(given: Given): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-given]")) {
    const value = given[place.dataset.given ?? ""];
    place.textContent = value === null || value === undefined ? "–" : place.hasAttribute("data-share") ? `${(100 * value).toFixed(2)}\u00a0%` : value.toLocaleString("en");
  }
}
