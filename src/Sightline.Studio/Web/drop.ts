import { find, token } from "./bits";

interface Answer { run: string; label: string; probability: number; classes: { name: string; probability: number }[] }

/** Takes a picture by drop, paste or choice and shows what the model makes of it. */
export function startDrop(): void {
  const place = find("#drop");
  const answer = find("#answer");
  if (!place || !answer) return;
  const send = async (file: Blob | null | undefined) => {
    if (!file) return;
    const reader = new Image();
    reader.src = URL.createObjectURL(file);
    reader.alt = "The picture that was tried";
    reader.className = "tried";
    answer.replaceChildren(reader, text("p", "The model looks at it …"));
    const reply = await fetch(place.dataset.drop ?? "", { method: "POST", headers: { "X-Sightline-Token": token(), "Content-Type": "application/octet-stream" }, body: file });
    const said = (await reply.json().catch(() => ({ error: `The server said ${reply.status}.` }))) as Answer & { error?: string };
    answer.replaceChildren(reader, ...(said.error ? [text("p", said.error)] : lines(said)));
  };
  place.addEventListener("dragover", event => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", event => {
    event.preventDefault();
    place.classList.remove("over");
    void send(event.dataTransfer?.files[0]);
  });
  document.addEventListener("paste", event => void send(event.clipboardData?.files[0]));
  const file = find<HTMLInputElement>("#file");
  file?.addEventListener("change", () => void send(file.files?.[0]));
}

function lines(said: Answer): HTMLElement[] {
  const table = document.createElement("table");
  table.className = "list";
  for (const { name, probability } of said.classes) {
    const row = table.insertRow();
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = name;
    row.append(head);
    const meter = document.createElement("progress");
    meter.max = 1;
    meter.value = probability;
    meter.setAttribute("aria-label", name);
    row.insertCell().append(meter);
    const cell = row.insertCell();
    cell.className = "n";
    cell.textContent = `${(100 * probability).toFixed(1)} %`;
  }
  return [text("h2", `${said.label}, ${(100 * said.probability).toFixed(1)} %`), table];
}

function text(kind: string, words: string): HTMLElement {
  const element = document.createElement(kind);
  element.textContent = words;
  return element;
}
