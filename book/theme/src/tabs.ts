// Paired listings: one at a time, chosen once for all of them. Without script and on paper
// both are shown, one after the other.

import { recall, remember } from "./store";

export function tabs(root: Document): void {
    const groups = [...root.querySelectorAll<HTMLElement>(".tabs")].map((group, i) => build(group, i));
    const choose = (language: string) => {
        for (const group of groups) group(language);
        remember("language", language);
    };
    for (const group of root.querySelectorAll<HTMLElement>(".tabs")) {
        group.addEventListener("choose", (event) => choose((event as CustomEvent<string>).detail));
    }
    const before = recall("language");
    if (before !== null) for (const group of groups) group(before);
}

/** Returns what shows one language, if the group has it. */
function build(group: HTMLElement, i: number): (language: string) => void {
    const panels = [...group.children].filter((child) => child.querySelector("code") !== null);
    const list = document.createElement("div");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Language");
    const made = panels.map((panel, j) => {
        const code = panel.querySelector("code");
        const language = code?.classList.contains("language-python") ? "Python" : "Rust";
        const tab = document.createElement("button");
        tab.type = "button";
        tab.textContent = language;
        tab.id = `tab-${i}-${j}`;
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-controls", `panel-${i}-${j}`);
        panel.id = `panel-${i}-${j}`;
        panel.setAttribute("role", "tabpanel");
        panel.setAttribute("aria-labelledby", tab.id);
        tab.addEventListener("click", () => {
            group.dispatchEvent(new CustomEvent("choose", { detail: language }));
        });
        tab.addEventListener("keydown", (event) => {
            if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
            const step = event.key === "ArrowRight" ? 1 : panels.length - 1;
            const other = made[(j + step) % panels.length];
            other.tab.click();
            other.tab.focus();
        });
        list.append(tab);
        return { language, tab, panel };
    });
    group.prepend(list);
    group.classList.add("chosen");
    const show = (language: string) => {
        if (!made.some((one) => one.language === language)) return;
        for (const { language: its, tab, panel } of made) {
            tab.setAttribute("aria-selected", String(its === language));
            tab.tabIndex = its === language ? 0 : -1;
            panel.toggleAttribute("data-hidden", its !== language);
        }
    };
    show(made[0]?.language ?? "");
    return show;
}
