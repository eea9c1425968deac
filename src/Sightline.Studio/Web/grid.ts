import { find } from "./bits";

interface Picture { place: number; name: string; label: string; split: string; address: string }
interface Answer { total: number; from: number; pictures: Picture[] }

const tile = 132;
const caption = 40;
const gap = 10;
const pageSize = 200;
const pagesKept = 8;

export function startGrid(): void {
  const place = find("#pictures");
  if (place) new Grid(place);
}

/** Only the tiles in sight exist, and only the last lists that were fetched are kept: memory does not grow with what was scrolled past. */
class Grid {
  private readonly total: number;
  private readonly lists = new Map<number, Picture[] | null>();
  private readonly tiles = new Map<number, HTMLElement>();
  private readonly floor = document.createElement("div");
  private columns = 1;

  constructor(private readonly place: HTMLElement) {
    this.total = Number(place.dataset.total);
    this.floor.className = "floor";
    place.append(this.floor);
    place.addEventListener("scroll", () => requestAnimationFrame(() => this.show()), { passive: true });
    new ResizeObserver(() => this.layOut()).observe(place);
    this.layOut();
  }

  private layOut(): void {
    this.columns = Math.max(1, Math.floor((this.place.clientWidth - gap) / (tile + gap)));
    this.floor.style.height = `${Math.ceil(this.total / this.columns) * (tile + caption + gap)}px`;
    this.tiles.forEach(element => element.remove());
    this.tiles.clear();
    this.show();
  }

  private show(): void {
    const row = tile + caption + gap;
    const first = Math.max(0, Math.floor(this.place.scrollTop / row) - 1) * this.columns;
    const last = Math.min(this.total, (Math.ceil((this.place.scrollTop + this.place.clientHeight) / row) + 1) * this.columns);
    for (const [i, element] of this.tiles) {
      if (i < first || i >= last) {
        element.remove();
        this.tiles.delete(i);
      }
    }
    for (let i = first; i < last; i++) {
      if (this.tiles.has(i)) continue;
      const page = Math.floor(i / pageSize);
      const list = this.lists.get(page);
      if (list === undefined) void this.fetch(page);
      const picture = list?.[i - page * pageSize];
      if (picture) this.add(i, picture);
    }
  }

  private add(i: number, picture: Picture): void {
    const link = document.createElement("a");
    link.href = `${picture.address}&large=1`;
    link.className = "tile";
    link.style.left = `${gap + (i % this.columns) * (tile + gap)}px`;
    link.style.top = `${Math.floor(i / this.columns) * (tile + caption + gap)}px`;
    const image = document.createElement("img");
    image.src = picture.address;
    image.alt = `${picture.label}, ${picture.split}, ${picture.name}`;
    image.decoding = "async";
    const text = document.createElement("span");
    text.textContent = picture.label;
    const split = document.createElement("small");
    split.textContent = picture.split;
    link.append(image, text, split);
    this.tiles.set(i, link);
    this.floor.append(link);
  }

  private async fetch(page: number): Promise<void> {
    this.lists.set(page, null);
    if (this.lists.size > pagesKept) {
      const far = [...this.lists.keys()].sort((a, b) => Math.abs(b - page) - Math.abs(a - page))[0]!;
      if (far !== page) this.lists.delete(far);
    }
    const reply = await fetch(`${this.place.dataset.pictures}&from=${page * pageSize}&count=${pageSize}`);
    if (!reply.ok) {
      this.lists.delete(page);
      return;
    }
    this.lists.set(page, ((await reply.json()) as Answer).pictures);
    this.show();
  }
}
