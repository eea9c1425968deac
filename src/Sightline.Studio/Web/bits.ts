/** An element that the page has or has not. */
export function find<T extends HTMLElement>(selector: string): T | null {
  return document.querySelector<T>(selector);
}

/** Tells a screen reader, politely. */
export function say(words: string): void {
  const said = find("#said");
  if (said) said.textContent = words;
}

/** What every change must carry. */
export function token(): string {
  return find<HTMLMetaElement>('meta[name="token"]')?.content ?? "";
}

export function startCopying(): void {
  document.addEventListener("click", async event => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy ?? "");
    button.textContent = "Copied";
    say("Copied");
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
}

/** Turns instants into "2 min ago" and keeps them right. */
export function startClock(): void {
  const turn = () => {
    if (document.hidden) return;
    for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-ago]")) {
      const words = ago((Date.now() - Date.parse(time.dateTime)) / 1000);
      if (time.textContent !== words) time.textContent = words;
    }
  };
  turn();
  setInterval(turn, 1000);
}

function ago(seconds: number): string {
  if (seconds < 5) return "now";
  if (seconds < 60) return `${Math.round(seconds / 5) * 5} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} d ago`;
}
