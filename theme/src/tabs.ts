// Paired listings: one at a time, chosen once for all of them. Without script and on paper
// both are shown, one after the other.

import { recall, remember } from "./store";

export function tabs(root: Document): void {
    const groups = [...root.querySelectorAll<HTMLElement>(".tabs")];
    const shows = groups.map((group, i) => build(group, i, (language) => choose(language, group)));
    const choose = (language: string, pressed?: HTMLElement) => {
        // Other listings on the page change their height; the pressed one stays where it is.
        const before = pressed?.getBoundingClientRect().top ?? 0;
        for (const show of shows) show(language);
        remember("language", language);
        if (pressed !== undefined) scrollBy(0, pressed.getBoundingClientRect().top - before);
    };
    const before = recall("language");
    if (before !== null) for (const show of shows) show(before);
}

/** Returns what shows one language, if the group has it. */
function build(group: HTMLElement, i: number, choose: (language: string) => void): (language: string) => void {
    const panels = [...group.querySelectorAll<HTMLElement>(":scope > .listing[data-language]")];
    const list = document.createElement("div");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Language");
    const made = panels.map((panel, j) => {
        const language = panel.dataset.language ?? "";
        const tab = document.createElement("button");
        tab.type = "button";
        tab.textContent = language;
        tab.id = `tab-${i}-${j}`;
        tab.setAttribute("role", "tab");
        panel.id ||= `panel-${i}-${j}`;
        tab.setAttribute("aria-controls", panel.id);
        panel.setAttribute("role", "tabpanel");
        panel.setAttribute("aria-labelledby", tab.id);
        tab.addEventListener("click", () => choose(language));
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
