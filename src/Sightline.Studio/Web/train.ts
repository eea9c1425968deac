import { find, say } from "./bits";

interface Answer { html: string; problems: Record<string, string>; address: string; summary: string }

const patience = 300;

/** Keeps the plan in step with the form. The server writes the plan, every value in it encoded. */
export function startPlan(): void {
  const form = find<HTMLFormElement>("#train");
  const plan = find("#plan");
  if (!form || !plan) return;
  let timer = 0;
  let asked: AbortController | null = null;
  const ask = async () => {
    asked?.abort();
    const mine = (asked = new AbortController());
    const values = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && value) values.append(name, value);
    plan.setAttribute("aria-busy", "true");
    try {
      const reply = await fetch(`${form.dataset.plan}?${values}`, { signal: mine.signal });
      if (!reply.ok) return;
      const answer = (await reply.json()) as Answer;
      const open = [...plan.querySelectorAll("details")].map(part => part.open);
      plan.innerHTML = answer.html;
      plan.querySelectorAll("details").forEach((part, i) => (part.open = open[i] ?? false));
      mark(form, answer.problems);
      history.replaceState(null, "", answer.address);
      say(answer.summary);
    } catch {
      // A newer question took its place, or the studio is ending.
    } finally {
      if (asked === mine) plan.removeAttribute("aria-busy");
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), patience);
  });
}

function mark(form: HTMLFormElement, problems: Record<string, string>): void {
  for (const place of form.querySelectorAll<HTMLElement>(".trouble")) {
    const name = place.id.slice(2);
    place.textContent = problems[name] ?? "";
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLElement) {
      if (problems[name]) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }
}
