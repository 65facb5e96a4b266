/** How is a piece of the page made? Out of its tag, its attributes and what is in it. Text stays text. */

type Attributes = Readonly<Record<string, string | boolean | undefined | ((event: Event) => unknown)>>;
type Child = Node | string | undefined | readonly Child[];

export function h<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (typeof value === "string") {
      element.setAttribute(name, value);
    }
  }
  add(element, children);
  return element;
}

function add(element: HTMLElement, children: readonly Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) {
      add(element, child);
    } else if (child !== undefined) {
      element.append(child as Node | string);
    }
  }
}

/** A labelled input, and how to read it. */
export function field(label: string, input: HTMLElement): HTMLLabelElement {
  return h("label", { class: "field" }, h("span", {}, label), input);
}

/** Runs a form's work once at a time, and shows what went wrong beside its button. */
export function onSubmit(form: HTMLFormElement, say: (text: string) => void, work: () => Promise<void>): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
    say("");
    button?.setAttribute("disabled", "");
    work()
      .catch((error: unknown) => say(error instanceof Error ? error.message : String(error)))
      .finally(() => button?.removeAttribute("disabled"));
  });
}
