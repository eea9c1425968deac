import { find, say } from "./bits";

interface Job { state: "running" | "done" | "failed"; lines: string[]; next?: string }

const interval = 700;

/** Follows a command that the studio started, and goes on to the page that it leads to. */
export function startJob(): void {
  const place = find("#job");
  if (!place || place.dataset.running !== "yes") return;
  const look = async () => {
    if (document.hidden) return void setTimeout(look, interval);
    const reply = await fetch(place.dataset.job ?? "").catch(() => null); // The studio may be ending.
    const job = reply?.ok ? ((await reply.json()) as Job) : null;
    if (job?.next) return location.replace(job.next);
    if (job && job.state !== "running") return location.reload();
    if (job) show(job.lines);
    setTimeout(look, interval);
  };
  void look();
}

function show(lines: string[]): void {
  const list = find("#job-lines");
  if (!list || list.lastElementChild?.textContent === lines.at(-1)) return;
  list.replaceChildren(...lines.map(line => {
    const item = document.createElement("li");
    item.textContent = line;
    return item;
  }));
  const box = list.parentElement!;
  box.scrollTop = box.scrollHeight;
  if (lines.length > 0) say(lines.at(-1)!);
}
