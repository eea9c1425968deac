import { find, say } from "./bits";

export interface RunEvent {
  kind: string; at: string; epoch: number; step: number; totalSteps: number; seconds: number; words?: string;
  trainLoss?: number; trainAccuracy?: number; validationLoss?: number; validationAccuracy?: number;
  learningRate?: number; gradientNorm?: number; imagesPerSecond?: number; dataWaitShare?: number;
}

const linesKept = 500;
const quietBetween = 10_000;

/**
 * Follows a run. The stream is closed while the page is hidden (a browser holds only six connections to a server) and goes on where it was;
 * an hour in the background costs nothing and loses nothing.
 */
export function follow(address: string, after: number, take: (events: RunEvent[]) => void, reset: () => void): void {
  let source: EventSource | null = null;
  let offset = after;
  let paused = false;
  let announced = 0;

  const open = () => {
    if (source || paused || document.hidden) return;
    source = new EventSource(`${address}?after=${offset}`);
    source.addEventListener("message", message => {
      offset = Number(message.lastEventId);
      const event = JSON.parse(message.data) as RunEvent;
      take([event]);
      show(event);
      window.dispatchEvent(new CustomEvent("run-event", { detail: event }));
      if (event.words && event.kind === "epoch" && Date.now() - announced > quietBetween) {
        announced = Date.now();
        say(event.words);
      }
    });
    source.addEventListener("reset", () => {
      offset = 0;
      reset();
    });
  };
  const close = () => {
    source?.close();
    source = null;
  };
  const button = find<HTMLButtonElement>("#pause-live");
  button?.addEventListener("click", () => {
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
    button.textContent = paused ? "Go on with updates" : "Pause updates";
    if (paused) close();
    else open();
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  open();
}

function show(event: RunEvent): void {
  const sign = find<HTMLTimeElement>("#state time[data-ago]");
  if (sign) sign.dateTime = event.at;
  const epoch = find("[data-live-epoch]");
  if (epoch && event.kind === "epoch") epoch.textContent = String(event.epoch);
  const progress = find<HTMLProgressElement>("#state progress");
  if (progress && event.totalSteps > 0) {
    progress.value = (100 * event.step) / event.totalSteps;
    progress.nextElementSibling!.textContent = `${Math.round(progress.value)} %`;
  }
  const log = find("#log");
  if (log && event.words) {
    const line = document.createElement("li");
    const time = document.createElement("time");
    time.dateTime = event.at;
    time.textContent = event.at.slice(11, 19);
    const words = document.createElement("span");
    words.textContent = event.words;
    line.append(time, " ", words);
    log.append(line);
    while (log.children.length > linesKept) log.firstElementChild!.remove();
    const box = log.parentElement!;
    if (box.scrollHeight - box.scrollTop - box.clientHeight < 80) box.scrollTop = box.scrollHeight;
  }
  if (event.kind === "control") setTimeout(() => location.reload(), 300); // Its state and the table of requests are other ones now.
  if (event.kind === "end") setTimeout(() => location.reload(), 1500); // Report and weights are there now.
}
