// Slides: on a page with headings of the class `slide`, each of them with what follows it, alone
// on a screen of 16:9. Without script they are sections like any other; on paper, those of a page
// that is shown as slides have a sheet each.
//
// Where one is stands in the address, so that a reload, or a link, leads to the same slide.

/** The stage, in pixels of its own: letters of figures have the size that they have on pages. */
const [WIDTH, HEIGHT] = [960, 540];

const KEYS: Record<string, "next" | "before" | "first" | "last" | "answers" | "full" | "leave"> = {
    ArrowRight: "next",
    ArrowDown: "next",
    PageDown: "next",
    " ": "next",
    Enter: "next",
    ArrowLeft: "before",
    ArrowUp: "before",
    PageUp: "before",
    Home: "first",
    End: "last",
    a: "answers",
    f: "full",
    Escape: "leave",
};

export function slides(root: Document): void {
    const start = root.querySelector<HTMLElement>(".slides-start");
    const main = root.querySelector("main");
    const heads = [...(main?.querySelectorAll<HTMLElement>(":scope > h2.slide[id]") ?? [])];
    if (start === null || main === null || heads.length === 0) return;
    let stages: HTMLElement[] = [];
    let at = 0;

    const bar = root.createElement("nav");
    bar.className = "slides-bar";
    bar.setAttribute("aria-label", "Slides");
    const place = root.createElement("span");
    place.setAttribute("role", "status");
    bar.append(button("←", "The slide before", () => act("before")), place, button("→", "The next slide", () => act("next")));
    bar.append(button("Leave", "", () => act("leave")));

    const show = (i: number) => {
        at = Math.max(0, Math.min(heads.length - 1, i));
        stages.forEach((stage, j) => stage.classList.toggle("shown", j === at));
        place.textContent = `${at + 1} of ${heads.length}`;
        history.replaceState(null, "", `?slides#${heads[at].id}`);
        fit();
        // Whoever hears the page hears the new slide, and no field of the last keeps the keys.
        heads[at].focus({ preventScroll: true });
    };

    /** As large as the window allows, and what stands below the heading, as large as the stage does. */
    const fit = () => {
        const stage = stages[at];
        if (stage === undefined) return;
        const scale = Math.min(innerWidth / WIDTH, (innerHeight - bar.offsetHeight) / HEIGHT);
        stage.style.setProperty("--scale", String(scale));
        const inner = stage.firstElementChild as HTMLElement;
        for (let zoom = 1.4; zoom > 0.4; zoom -= 0.05) {
            inner.style.setProperty("--zoom", zoom.toFixed(2));
            if (stage.scrollHeight <= HEIGHT && stage.scrollWidth <= WIDTH) break;
        }
    };

    const enter = () => {
        if (stages.length > 0) return;
        stages = heads.map((head) => {
            const stage = root.createElement("section");
            const inner = root.createElement("div");
            stage.className = "stage";
            head.before(stage);
            head.tabIndex = -1;
            let node: ChildNode | null = head;
            while (node !== null && (node === head || !(node instanceof HTMLElement && node.matches("h2")))) {
                const next: ChildNode | null = node.nextSibling;
                inner.append(node);
                node = next;
            }
            stage.append(inner);
            return stage;
        });
        main.append(bar);
        root.documentElement.classList.add("slides");
        const named = heads.findIndex((head) => `#${head.id}` === decodeURIComponent(location.hash));
        show(named);
    };

    const leave = () => {
        const head = heads[at];
        for (const stage of stages) stage.replaceWith(...(stage.firstElementChild?.childNodes ?? []));
        for (const one of heads) one.removeAttribute("tabindex");
        stages = [];
        bar.remove();
        root.documentElement.classList.remove("slides");
        if (root.fullscreenElement !== null) void root.exitFullscreen();
        history.replaceState(null, "", `${location.pathname}#${head.id}`);
        head.scrollIntoView();
    };

    /** Opens what is folded on the slide, or folds it again. */
    const answers = () => {
        const folds = [...stages[at].querySelectorAll<HTMLDetailsElement>("details.ask, .predict > details")];
        const open = folds.some((fold) => !fold.open);
        for (const fold of folds) fold.open = open;
        fit();
    };

    const full = () => {
        if (root.fullscreenElement !== null) void root.exitFullscreen();
        else void root.documentElement.requestFullscreen().catch(() => {});
    };

    const act = (what: (typeof KEYS)[string]) => {
        if (what === "next") show(at + 1);
        if (what === "before") show(at - 1);
        if (what === "first") show(0);
        if (what === "last") show(heads.length - 1);
        if (what === "answers") answers();
        if (what === "full") full();
        if (what === "leave") leave();
    };

    root.addEventListener("keydown", (event) => {
        const what = KEYS[event.key];
        if (stages.length === 0 || what === undefined || event.defaultPrevented) return;
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        // What is open is closed first, and a field or a button has its own keys.
        if (root.querySelector("dialog[open], :popover-open") !== null) return;
        const target = event.target as Element;
        if (target.matches("input, select, textarea")) return;
        if ([" ", "Enter"].includes(event.key) && target.closest("button, summary, a") !== null) return;
        event.preventDefault();
        act(what);
    });
    addEventListener("resize", fit);
    root.addEventListener("toggle", fit, true);

    const first = button("Show the slides", "", enter);
    const keys = root.createElement("span");
    keys.className = "aside";
    keys.textContent = "→ and ← turn them, A opens answers, F fills the screen, Esc leaves.";
    start.append(first, " ", keys);
    if (new URLSearchParams(location.search).has("slides")) enter();
}

function button(text: string, label: string, press: () => void): HTMLButtonElement {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    if (label !== "") made.setAttribute("aria-label", label);
    made.addEventListener("click", press);
    return made;
}
