// One machine at a time, chosen once for the whole book: hides what was rendered for others.

import { recall, remember } from "./store";

const ALL = "";

export function choosableMachines(root: Document): void {
    const marked = [...root.querySelectorAll<HTMLElement>("[data-machine]")];
    const names = [...new Set(marked.map((element) => element.dataset.machine ?? ""))];
    const bar = root.querySelector(".controls");
    if (names.length < 2 || bar === null) return;

    const label = root.createElement("label");
    const aside = root.createElement("span");
    aside.className = "aside";
    aside.textContent = "Figures of ";
    const select = root.createElement("select");
    select.id = "machine";
    select.setAttribute("aria-label", "Whose numbers");
    select.append(new Option("all machines", ALL));
    for (const name of names) {
        select.append(new Option(name === "local" ? "your machine" : name, name));
    }
    label.append(aside, select);
    bar.prepend(label);

    const asBuilt = new Map(marked.map((element) => [element, element.hidden]));
    const show = (chosen: string) => {
        for (const element of marked) {
            const group = element.closest("figure, .measured, .observed, .about, .verdict, .margin-note, .question");
            const has = group?.querySelector(`[data-machine="${CSS.escape(chosen)}"]`);
            const is = element.dataset.machine === chosen;
            // Where the chosen machine has nothing to show, the others stay as they are.
            // A note beside a sentence is of its machine only.
            const isNote = element.classList.contains("margin-note");
            const asIs = chosen === ALL || (!isNote && (has === null || has === undefined));
            element.hidden = asIs ? (asBuilt.get(element) ?? false) : !is;
            element.classList.toggle("alone", !asIs && is);
            if (element instanceof HTMLDetailsElement) element.open = !asIs && is;
        }
        root.dispatchEvent(new CustomEvent("machine", { detail: chosen }));
    };
    select.addEventListener("change", () => {
        remember("machine", select.value === ALL ? null : select.value);
        show(select.value);
    });
    const before = recall("machine");
    if (before !== null && names.includes(before)) {
        select.value = before;
        show(before);
    }
}
