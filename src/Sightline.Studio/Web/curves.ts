import uPlot from "uplot";
import { find, say } from "./bits";
import { follow, type RunEvent } from "./live";

interface Line { key: string; name: string; label: string; total: number; x: number[]; y: number[] }
interface Chart { id: string; title: string; yName: string; isShare: boolean; isLowGood?: boolean | null; series: Line[] }
interface Answer { offset: number; charts: Chart[] }
interface Shown { chart: Chart; plot: uPlot; summary: HTMLElement; table: HTMLDetailsElement }

const colours = ["--accent", "--second", "--third", "--good", "--bad", "--warn"];
const dashes = [[], [8, 4], [2, 4], [12, 3, 3, 3], [5, 2], [1, 3]];
const height = 260;

export function startCurves(): void {
  const place = find("#curves");
  if (place) new Curves(place);
}

/** All charts of a page. They share one range of steps; the server sends no more points than there are pixels. */
class Curves {
  private shown: Shown[] = [];
  private from: number | null = null;
  private to: number | null = null;
  private last = 0;
  private request: AbortController | null = null;
  private dirty = false;

  constructor(private readonly place: HTMLElement) {
    for (const button of document.querySelectorAll<HTMLButtonElement>("[data-range]")) {
      button.addEventListener("click", () => this.move(button.dataset.range ?? "all"));
    }
    new ResizeObserver(() => this.shown.forEach(({ plot }) => plot.setSize({ width: plot.root.parentElement!.clientWidth, height }))).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw(this.shown.map(s => s.chart)));
    void this.load().then(offset => this.live(offset));
  }

  private async load(): Promise<number> {
    this.request?.abort();
    this.request = new AbortController();
    const address = new URL(this.place.dataset.curves ?? "", location.href);
    if (this.from !== null) address.searchParams.set("from", String(Math.floor(this.from)));
    if (this.to !== null) address.searchParams.set("to", String(Math.ceil(this.to)));
    address.searchParams.set("points", String(Math.min(4000, Math.max(400, this.place.clientWidth * 2))));
    try {
      const reply = await fetch(address, { signal: this.request.signal });
      if (!reply.ok) throw new Error(`The server said ${reply.status}.`);
      const answer = (await reply.json()) as Answer;
      if (this.from === null) this.last = Math.max(0, ...answer.charts.flatMap(c => c.series.map(s => s.x.at(-1) ?? 0)));
      this.draw(answer.charts);
      this.place.dataset.drawn = String(performance.now());
      return answer.offset;
    } catch (error) {
      if ((error as Error).name !== "AbortError") this.tell(`The curves could not be read: ${(error as Error).message} Load the page again.`);
      return 0;
    }
  }

  private tell(words: string): void {
    const wait = find("#curves-wait");
    if (wait) wait.textContent = words;
    say(words);
  }

  private draw(charts: Chart[]): void {
    const ids = charts.map(c => c.id + c.series.map(s => s.key)).join();
    if (ids === this.shown.map(s => s.chart.id + s.chart.series.map(l => l.key)).join() && this.shown.length > 0 && this.place.dataset.dark === String(dark())) {
      charts.forEach((chart, i) => this.update(this.shown[i]!, chart));
      return;
    }

    this.shown.forEach(({ plot }) => plot.destroy());
    this.place.replaceChildren();
    this.place.dataset.dark = String(dark());
    this.shown = charts.map(chart => this.add(chart));
    if (charts.length === 0) {
      const none = document.createElement("p");
      none.className = "note";
      none.id = "curves-wait";
      none.textContent = "No figures yet: the first come after some steps.";
      this.place.append(none);
    }
  }

  private add(chart: Chart): Shown {
    const figure = document.createElement("figure");
    figure.className = "card chart";
    const caption = document.createElement("figcaption");
    const title = document.createElement("h3");
    title.textContent = chart.title;
    caption.append(title, legend(chart));
    const canvas = document.createElement("div");
    canvas.className = "canvas";
    canvas.setAttribute("role", "img");
    const summary = document.createElement("p");
    summary.className = "note";
    const table = document.createElement("details");
    const open = document.createElement("summary");
    open.textContent = `${chart.title} as a table`;
    table.append(open);
    figure.append(caption, canvas, summary, table);
    this.place.append(figure);
    const plot = new uPlot(this.options(chart, canvas.clientWidth), data(chart), canvas);
    const shown = { chart, plot, summary, table };
    table.addEventListener("toggle", () => fillTable(shown));
    describe(shown);
    return shown;
  }

  private update(shown: Shown, chart: Chart): void {
    shown.chart = chart;
    shown.plot.setData(data(chart));
    describe(shown);
    if (shown.table.open) fillTable(shown);
  }

  private options(chart: Chart, width: number): uPlot.Options {
    const muted = colour("--muted");
    const axis = { stroke: muted, grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
    return {
      width,
      height,
      padding: [10, 74, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 7 }, sync: { key: "run" } },
      scales: { x: { time: false }, y: { range: (_, low, high) => range(low, high, chart.isShare) } },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map(t => short(t)) },
        { ...axis, size: 62, values: (_, ticks) => ticks.map(t => (chart.isShare ? `${+(100 * t).toFixed(1)} %` : short(t))) },
      ],
      series: [
        { label: "Step" },
        ...chart.series.map((line, i) => ({
          label: line.name,
          stroke: colour(colours[i % colours.length]!),
          width: 1.8,
          dash: dashes[i % dashes.length]!,
          spanGaps: true,
          points: { show: line.x.length < 60, size: 5 },
        })),
      ],
      hooks: {
        draw: [plot => endLabels(plot, chart)],
        setSelect: [plot => this.select(plot)],
        ready: [plot => plot.over.addEventListener("dblclick", () => this.move("all"))],
      },
    };
  }

  private select(plot: uPlot): void {
    if (plot.select.width < 4) return;
    [this.from, this.to] = [plot.posToVal(plot.select.left, "x"), plot.posToVal(plot.select.left + plot.select.width, "x")];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    void this.load();
  }

  private move(act: string): void {
    const [from, to] = [this.from ?? 0, this.to ?? this.last];
    const width = to - from;
    const middle = from + width / 2;
    if (act === "all") [this.from, this.to] = [null, null];
    else {
      const next = { left: [from - width / 2, to - width / 2], right: [from + width / 2, to + width / 2], in: [middle - width / 4, middle + width / 4], out: [middle - width, middle + width] }[act]!;
      if (next[0]! <= 0 && next[1]! >= this.last) [this.from, this.to] = [null, null];
      else {
        const kept = Math.max(1, next[1]! - next[0]!);
        this.from = Math.max(0, Math.min(next[0]!, this.last - kept));
        this.to = this.from + kept;
      }
    }
    say(this.from === null ? "The whole run" : `Steps ${Math.round(this.from)} to ${Math.round(this.to!)}`);
    void this.load();
  }

  private live(offset: number): void {
    const address = this.place.dataset.live;
    if (!address) return;
    follow(address, offset, events => this.take(events), () => void this.load());
    setInterval(() => {
      if (!this.dirty || document.hidden) return;
      this.dirty = false;
      // Too many points for the screen: the server thins them out anew.
      if (this.shown.length === 0 || this.shown.some(s => s.chart.series.some(l => l.x.length > 8000))) void this.load();
      else this.shown.forEach(s => this.update(s, s.chart));
    }, 1000);
  }

  private take(events: RunEvent[]): void {
    for (const event of events) {
      this.last = Math.max(this.last, event.step);
      if (this.from !== null) continue; // Someone looks at an earlier part.
      for (const { chart } of this.shown) {
        for (const line of chart.series) {
          const value = event[line.key as keyof RunEvent];
          if (typeof value === "number" && (event.kind === "step") !== line.key.startsWith("validation") && (line.x.at(-1) ?? -1) <= event.step) {
            line.x.push(event.step);
            line.y.push(value);
            line.total++;
          }
        }
      }
      if (event.kind === "epoch" && !this.shown.some(s => s.chart.series.some(l => l.key === "validationLoss" && l.x.length > 0))) void this.load();
    }
    this.dirty = true;
  }
}

function dark(): boolean {
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function data(chart: Chart): uPlot.AlignedData {
  return chart.series.length === 1 ? [chart.series[0]!.x, chart.series[0]!.y] : uPlot.join(chart.series.map(line => [line.x, line.y] as uPlot.AlignedData));
}

function range(low: number | null, high: number | null, isShare: boolean): [number, number] {
  if (low === null || high === null) return [0, 1];
  const space = (high - low || Math.abs(high) || 1) * 0.06;
  const bottom = low >= 0 && low < 0.35 * high ? 0 : low - space;
  return [isShare ? Math.max(0, bottom) : bottom, isShare ? Math.min(1.02, high + space) : high + space];
}

function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${+(value / 1e6).toFixed(2)} M`;
  if (size >= 1e4) return `${+(value / 1e3).toFixed(1)} k`;
  return size !== 0 && size < 1e-3 ? value.toExponential(1) : String(+value.toPrecision(4));
}

function figure(value: number, chart: Chart): string {
  return chart.isShare ? `${(100 * value).toFixed(2)} %` : short(value);
}

/** The word at the end of each line, so that nothing depends on its colour. */
function endLabels(plot: uPlot, chart: Chart): void {
  const ratio = devicePixelRatio;
  plot.ctx.save();
  plot.ctx.font = `600 ${12 * ratio}px system-ui, sans-serif`;
  plot.ctx.textBaseline = "middle";
  plot.ctx.textAlign = "left";
  const ends = chart.series
    .map((line, i) => ({ label: line.label, i, y: line.y.length ? plot.valToPos(line.y.at(-1)!, "y", true) : NaN }))
    .filter(end => isFinite(end.y))
    .sort((a, b) => a.y - b.y);
  let previous = -Infinity;
  for (const { label, i, y } of ends) {
    const at = Math.max(y, previous + 14 * ratio);
    previous = at;
    plot.ctx.fillStyle = colour(colours[i % colours.length]!);
    plot.ctx.fillText(label.length > 11 ? `${label.slice(0, 10)}…` : label, plot.bbox.left + plot.bbox.width + 6 * ratio, at);
  }
  plot.ctx.restore();
}

function legend(chart: Chart): HTMLElement {
  const list = document.createElement("ul");
  list.className = "legend";
  chart.series.forEach((line, i) => {
    const item = document.createElement("li");
    const sign = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    sign.setAttribute("viewBox", "0 0 30 10");
    sign.setAttribute("width", "30");
    sign.setAttribute("height", "10");
    sign.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M0 5H30");
    path.setAttribute("stroke", colour(colours[i % colours.length]!));
    path.setAttribute("stroke-width", "2.5");
    path.setAttribute("stroke-dasharray", dashes[i % dashes.length]!.join(" "));
    sign.append(path);
    item.append(sign, line.name);
    list.append(item);
  });
  return list;
}

function describe({ chart, plot, summary }: Shown): void {
  const words = chart.series
    .filter(line => line.y.length > 0)
    .map(line => {
      const [first, last] = [line.y[0]!, line.y.at(-1)!];
      const text = `${line.name}: from ${figure(first, chart)} to ${figure(last, chart)}`;
      if (chart.isLowGood === null || chart.isLowGood === undefined) return `${text}.`;
      const best = line.y.reduce((b, v, i) => ((chart.isLowGood ? v < line.y[b]! : v > line.y[b]!) ? i : b), 0);
      return `${text}, ${chart.isLowGood ? "lowest" : "highest"} ${figure(line.y[best]!, chart)} at step ${line.x[best]!.toLocaleString("en")}.`;
    })
    .join(" ");
  summary.textContent = words;
  plot.root.parentElement!.setAttribute("aria-label", `${chart.title}. ${words}`);
}

const rowsShown = 60;

function fillTable({ chart, table }: Shown): void {
  table.querySelector(".scroll")?.remove();
  if (!table.open) return;
  const scroll = document.createElement("div");
  scroll.className = "scroll";
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", `${chart.title} as a table`);
  const inside = document.createElement("table");
  inside.className = "list";
  const head = inside.createTHead().insertRow();
  for (const name of ["Step", ...chart.series.map(s => s.name)]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.className = "n";
    cell.textContent = name;
    head.append(cell);
  }
  const [steps, ...values] = data(chart);
  const body = inside.createTBody();
  const rows = Math.min(rowsShown, steps.length);
  for (let row = 0; row < rows; row++) {
    const i = rows === 1 ? 0 : Math.floor((row * (steps.length - 1)) / (rows - 1));
    const line = body.insertRow();
    for (const text of [steps[i]!.toLocaleString("en"), ...values.map(v => (v[i] === null || v[i] === undefined ? "" : figure(v[i]!, chart)))]) {
      const cell = line.insertCell();
      cell.className = "n";
      cell.textContent = text;
    }
  }
  scroll.append(inside);
  table.append(scroll);
}
