import { find, say } from "./bits";

interface Points { classes: string[]; x: number[]; y: number[]; label: number[]; right: number[]; place: number[]; name: string[] }

const colours = ["--accent", "--second", "--third", "--good", "--bad", "--warn"];
const shapes = 6;
const reach = 14;
const size = 4;
const height = 560;
const announceAfter = 400;

export function startMap(): void {
  const place = find("#map");
  if (place) void load(place);
}

async function load(place: HTMLElement): Promise<void> {
  const reply = await fetch(place.dataset.points ?? "");
  if (reply.ok) new EmbeddingMap(place, (await reply.json()) as Points);
  else place.textContent = "The map could not be read. Load the page again.";
}

/** Pictures as marks; each class has a colour and a shape of its own. Reached by pointer, by arrow keys, and as a table below. */
class EmbeddingMap {
  private readonly canvas = document.createElement("canvas");
  private readonly box: { left: number; top: number; width: number; height: number };
  private view: { x: number; y: number; width: number };
  private chosen = -1;
  private announcing = 0;
  private drag: { x: number; y: number; moved: boolean } | null = null;
  private planned = false;

  constructor(private readonly place: HTMLElement, private readonly points: Points) {
    const [left, right] = ends(points.x);
    const [bottom, top] = ends(points.y);
    this.box = { left, top, width: right - left || 1, height: top - bottom || 1 };
    this.view = this.whole();
    place.append(this.canvas);
    this.legend();
    for (const button of document.querySelectorAll<HTMLButtonElement>("[data-zoom]")) button.addEventListener("click", () => this.zoom(button.dataset.zoom ?? "all"));
    new ResizeObserver(() => this.plan()).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.plan());
    place.addEventListener("keydown", event => this.key(event));
    this.canvas.addEventListener("pointerdown", event => {
      this.drag = { x: event.clientX, y: event.clientY, moved: false };
      this.canvas.setPointerCapture(event.pointerId);
    });
    this.canvas.addEventListener("pointermove", event => this.point(event));
    this.canvas.addEventListener("pointerup", () => {
      if (this.drag && !this.drag.moved) this.open();
      this.drag = null;
    });
    this.plan();
    place.dataset.drawn = "1";
  }

  private whole(): { x: number; y: number; width: number } {
    return { x: this.box.left + this.box.width / 2, y: this.box.top - this.box.height / 2, width: Math.max(this.box.width, this.box.height * 1.4) * 1.08 };
  }

  /** Where a point is on the canvas, CSS pixels. */
  private at(i: number): [number, number] {
    const scale = this.canvas.clientWidth / this.view.width;
    return [(this.points.x[i]! - this.view.x) * scale + this.canvas.clientWidth / 2, (this.view.y - this.points.y[i]!) * scale + height / 2];
  }

  private plan(): void {
    if (this.planned) return;
    this.planned = true;
    requestAnimationFrame(() => {
      this.planned = false;
      this.draw();
    });
  }

  private draw(): void {
    const width = this.place.clientWidth;
    const ratio = devicePixelRatio;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    const context = this.canvas.getContext("2d")!;
    context.scale(ratio, ratio);
    const inks = colours.map(colour);
    context.lineWidth = 1.6;
    for (let i = 0; i < this.points.x.length; i++) {
      const [x, y] = this.at(i);
      if (x < -size || y < -size || x > width + size || y > height + size) continue;
      const [ink, shape] = sign(this.points.label[i]!);
      context.strokeStyle = context.fillStyle = inks[ink]!;
      const path = mark(shape, x, y, size);
      if (this.points.right[i]) context.fill(path);
      context.stroke(path);
    }
    if (this.chosen >= 0) {
      const [x, y] = this.at(this.chosen);
      context.strokeStyle = colour("--text");
      context.lineWidth = 2.5;
      context.beginPath();
      context.arc(x, y, 10, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  private zoom(act: string): void {
    if (act === "all") this.view = this.whole();
    else {
      this.view.width *= act === "in" ? 0.5 : 2;
      if (act === "in" && this.chosen >= 0) [this.view.x, this.view.y] = [this.points.x[this.chosen]!, this.points.y[this.chosen]!];
      if (this.view.width > this.whole().width) this.view = this.whole();
    }
    this.plan();
  }

  private point(event: PointerEvent): void {
    if (this.drag && event.buttons) {
      const [dx, dy] = [event.clientX - this.drag.x, event.clientY - this.drag.y];
      if (!this.drag.moved && Math.hypot(dx, dy) < 4) return;
      const scale = this.view.width / this.canvas.clientWidth;
      this.view.x -= dx * scale;
      this.view.y += dy * scale;
      this.drag = { x: event.clientX, y: event.clientY, moved: true };
      this.plan();
      return;
    }
    const box = this.canvas.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    let [best, near] = [-1, reach];
    for (let i = 0; i < this.points.x.length; i++) {
      const [x, y] = this.at(i);
      const distance = Math.hypot(x - px, y - py);
      if (distance < near) [best, near] = [i, distance];
    }
    if (best >= 0 && best !== this.chosen) this.choose(best);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const way = ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] } as Record<string, [number, number]>)[event.key];
    if (way) this.step(way);
    else if (event.key === "Enter") this.open();
    else if (event.key === "+" || event.key === "=") this.zoom("in");
    else if (event.key === "-") this.zoom("out");
    else return;
    event.preventDefault();
  }

  /** The nearest point in a direction: what lies aside counts twice. */
  private step([dx, dy]: [number, number]): void {
    const { x, y } = this.points;
    let [best, near] = [-1, Infinity];
    const [fx, fy] = this.chosen < 0 ? [this.view.x, this.view.y] : [x[this.chosen]!, y[this.chosen]!];
    for (let i = 0; i < x.length; i++) {
      const [ax, ay] = [x[i]! - fx, y[i]! - fy];
      const along = ax * dx + ay * dy;
      if (i === this.chosen || (this.chosen >= 0 && along <= 0)) continue;
      const distance = this.chosen < 0 ? Math.hypot(ax, ay) : along + 2 * Math.abs(ax * dy) + 2 * Math.abs(ay * dx);
      if (distance < near) [best, near] = [i, distance];
    }
    if (best < 0) return;
    this.choose(best);
    const [cx, cy] = this.at(best);
    if (cx < 0 || cy < 0 || cx > this.canvas.clientWidth || cy > height) [this.view.x, this.view.y] = [x[best]!, y[best]!];
  }

  private choose(i: number): void {
    this.chosen = i;
    this.plan();
    const figure = find("#map-picture");
    if (!figure) return;
    const { place, name, classes, label, right } = this.points;
    const words = `${classes[label[i]!] ?? "no class"}${right[i] ? "" : ", the model sees another class"}`;
    const picture = new Image();
    picture.src = `${this.place.dataset.pictures}${place[i]}?v=${this.place.dataset.hash}`;
    picture.alt = `${words}, ${name[i]}`;
    const link = document.createElement("a");
    link.href = `${this.place.dataset.near}${place[i]}`;
    link.textContent = name[i]!;
    const caption = document.createElement("figcaption");
    caption.append(`${words}: `, link);
    figure.replaceChildren(picture, caption);
    clearTimeout(this.announcing);
    this.announcing = window.setTimeout(() => say(`${words}, ${name[i]}`), announceAfter);
  }

  private open(): void {
    if (this.chosen >= 0) location.href = `${this.place.dataset.near}${this.points.place[this.chosen]}`;
  }

  private legend(): void {
    const list = find("#map-legend");
    this.points.classes.forEach((name, label) => {
      const item = document.createElement("li");
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 16;
      canvas.setAttribute("aria-hidden", "true");
      const context = canvas.getContext("2d")!;
      const [ink, shape] = sign(label);
      context.strokeStyle = context.fillStyle = colour(colours[ink]!);
      const path = mark(shape, 8, 8, 5);
      context.fill(path);
      context.stroke(path);
      item.append(canvas, `${name}: ${this.points.label.filter(other => other === label).length.toLocaleString("en")}`);
      list?.append(item);
    });
  }
}

function ends(values: number[]): [number, number] {
  return values.reduce<[number, number]>(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}

/** Colour and shape of a class: 36 pairs, no two of the first six share either. */
function sign(label: number): [number, number] {
  return [label % colours.length, (label + Math.floor(label / colours.length)) % shapes];
}

function mark(shape: number, x: number, y: number, r: number): Path2D {
  const path = new Path2D();
  const lines = (...corners: [number, number][]) => {
    corners.forEach(([dx, dy], i) => (i === 0 ? path.moveTo(x + r * dx, y + r * dy) : path.lineTo(x + r * dx, y + r * dy)));
    path.closePath();
  };
  if (shape === 0) path.arc(x, y, r, 0, 2 * Math.PI);
  else if (shape === 1) lines([0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]);
  else if (shape === 2) lines([0, -1.2], [1.1, 0.9], [-1.1, 0.9]);
  else if (shape === 3) lines([-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]);
  else if (shape === 4) lines([0, 1.2], [1.1, -0.9], [-1.1, -0.9]);
  else lines([-0.4, -1.1], [0.4, -1.1], [0.4, -0.4], [1.1, -0.4], [1.1, 0.4], [0.4, 0.4], [0.4, 1.1], [-0.4, 1.1], [-0.4, 0.4], [-1.1, 0.4], [-1.1, -0.4], [-0.4, -0.4]);
  return path;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
