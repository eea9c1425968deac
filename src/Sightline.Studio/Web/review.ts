import { find } from "./bits";

const remembered = "sightline-single-keys";

/** Single keys press the button that shows them. They can be switched off (WCAG 2.1.4); every one has its button. */
export function startKeys(): void {
  if (!find("#review")) return;
  const on = find<HTMLInputElement>("#keys-on");
  if (on) {
    on.checked = localStorage.getItem(remembered) !== "off";
    on.addEventListener("change", () => localStorage.setItem(remembered, on.checked ? "on" : "off"));
  }
  document.addEventListener("keydown", event => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.altKey || event.metaKey || (on && !on.checked) || target.matches("input:not([type=checkbox]),select,textarea")) return;
    const button = find(`[data-key="${CSS.escape(event.key)}"]`);
    if (button) {
      event.preventDefault();
      button.click();
    }
  });
}
