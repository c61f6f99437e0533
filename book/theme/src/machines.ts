// One machine at a time: hides what was rendered for the others.

import { recall, remember } from "./store";

const ALL = "";

export function choosableMachines(root: Document): void {
    const marked = [...root.querySelectorAll<HTMLElement>("[data-machine]")];
    const names = [...new Set(marked.map((element) => element.dataset.machine ?? ""))];
    const bar = root.querySelector(".right-buttons");
    if (names.length < 2 || bar === null) return;

    const label = root.createElement("label");
    label.className = "machine-choice";
    const select = root.createElement("select");
    select.setAttribute("aria-label", "Whose numbers");
    select.append(new Option("side by side", ALL));
    for (const name of names) {
        select.append(new Option(name === "local" ? "your machine" : name, name));
    }
    label.append(select);
    bar.prepend(label);

    const show = (chosen: string) => {
        for (const element of marked) {
            const figure = element.closest("figure, .measured, .about, .verdict, .machines");
            const has = figure?.querySelector(`[data-machine="${CSS.escape(chosen)}"]`);
            // Where the chosen machine has nothing to show, the others stay.
            element.hidden =
                chosen !== ALL && element.dataset.machine !== chosen && has !== null && has !== undefined;
            if (element instanceof HTMLDetailsElement) element.open = element.dataset.machine === chosen;
        }
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
