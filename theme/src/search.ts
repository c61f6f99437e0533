// Search: a dialog, and on the page that one goes to, marks on what was looked for. What finds is
// fetched when somebody searches.

import type { Finder, Found, Marked, Place } from "./find";

/** In an address: what is looked for, and what is marked on a page. */
const QUERY = "search";
const MARK = "marked";

export function search(root: Document): void {
    const button = root.querySelector<HTMLButtonElement>("#search-button");
    if (button === null) return;
    button.hidden = false;
    let fetched: Promise<Finder> | undefined;
    const finder = () => {
        fetched ??= load(button).catch((fault) => {
            // So that one may try again.
            fetched = undefined;
            throw fault;
        });
        return fetched;
    };
    let dialog: Dialog | undefined;
    const open = (words?: string) => {
        dialog ??= new Dialog(root, finder);
        dialog.open(words);
    };
    button.addEventListener("click", () => open());
    root.addEventListener("keydown", (event) => {
        const target = event.target as HTMLElement;
        if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
        if (/^(input|select|textarea)$/i.test(target.nodeName)) return;
        event.preventDefault();
        open();
    });
    const asked = new URLSearchParams(location.search);
    const words = asked.get(QUERY);
    if (words !== null) open(words);
    const marked = asked.get(MARK);
    if (marked) void mark(root, marked, finder);
}

/** Below the book's own address, wherever the page is. */
async function load(button: HTMLButtonElement): Promise<Finder> {
    const at = (file: string | undefined) => new URL(file ?? "", document.baseURI).href;
    const { fetched } = (await import(at(button.dataset.finder))) as typeof import("./find");
    return fetched(at(button.dataset.index));
}

/** The page's address, with this among what it asks for, or without. */
function readdress(name: string, value: string | null): void {
    const url = new URL(location.href);
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
    history.replaceState(history.state, "", url);
}

class Dialog {
    private readonly dialog: HTMLDialogElement;
    private readonly input: HTMLInputElement;
    private readonly said: HTMLElement;
    private readonly list: HTMLElement;
    private readonly rest: HTMLButtonElement;
    private active = -1;
    private asked = 0;

    constructor(
        private readonly root: Document,
        private readonly finder: () => Promise<Finder>,
    ) {
        const made = <K extends keyof HTMLElementTagNameMap>(name: K, attributes: Record<string, string>) => {
            const element = root.createElement(name);
            for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
            return element;
        };
        this.dialog = made("dialog", { class: "search", "aria-label": "Search the book" });
        const form = made("form", { method: "dialog", role: "search" });
        this.input = made("input", {
            type: "search",
            role: "combobox",
            "aria-label": "Words to look for",
            "aria-autocomplete": "list",
            "aria-controls": "search-places",
            "aria-expanded": "false",
            autocomplete: "off",
            autocapitalize: "off",
            spellcheck: "false",
            enterkeyhint: "go",
            placeholder: "A word, a message, a name",
        });
        const close = made("button", { type: "button" });
        close.textContent = "Close";
        this.said = made("p", { role: "status", class: "search-said" });
        this.list = made("div", { role: "listbox", id: "search-places", "aria-label": "Places" });
        this.rest = made("button", { type: "button", class: "search-rest" });
        form.append(this.input, close);
        this.dialog.append(form, this.said, this.list, this.rest);
        root.body.append(this.dialog);

        this.input.addEventListener("input", () => void this.look());
        this.input.addEventListener("keydown", (event) => this.key(event));
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            void this.go();
        });
        this.rest.addEventListener("click", () => {
            const before = this.list.children.length;
            void this.look(Infinity).then(() => {
                this.choose(before);
                this.input.focus();
            });
        });
        close.addEventListener("click", () => this.dialog.close());
        // A press beside it closes it.
        this.dialog.addEventListener("click", (event) => {
            if (event.target === this.dialog) this.dialog.close();
        });
        this.dialog.addEventListener("close", () => readdress(QUERY, null));
    }

    open(words?: string): void {
        if (this.dialog.open) return;
        this.dialog.showModal();
        if (words !== undefined) this.input.value = words;
        this.input.select();
        // So that it is there with the first word.
        this.finder().catch(() => {});
        void this.look();
    }

    /** At most so many places, or as many as one looks through at first. */
    private async look(most?: number): Promise<void> {
        const words = this.input.value.trim();
        readdress(QUERY, words);
        const asked = ++this.asked;
        if (words.length < 2) return this.show("", []);
        try {
            const finder = await this.finder();
            // Slow to come, and something else is asked by now.
            if (asked !== this.asked) return;
            const found = finder.find(words, most);
            this.show(told(found, words), found.places.map((place) => this.place(place, words, found)));
            const left = found.count - found.places.length;
            this.rest.hidden = left === 0;
            this.rest.textContent = `Show the other ${left}`;
            if (found.has === "none") this.offer();
        } catch {
            if (asked === this.asked) this.show("The index could not be fetched; `cargo book build` makes it.", []);
        }
    }

    private show(said: string, places: HTMLElement[]): void {
        this.said.textContent = said;
        this.list.replaceChildren(...places);
        this.list.hidden = places.length === 0;
        this.list.scrollTop = 0;
        this.rest.hidden = true;
        this.input.setAttribute("aria-expanded", String(places.length > 0));
        this.choose(places.length > 0 ? 0 : -1);
    }

    /** Where nothing was found: where words are explained, and where everything is listed. */
    private offer(): void {
        const link = (href: string, text: string) => {
            const a = this.root.createElement("a");
            a.href = href;
            a.textContent = text;
            return a;
        };
        this.said.append(
            " Try fewer words, or another one for it; the ",
            link("glossary.html", "glossary"),
            " has the book's own.",
        );
    }

    private choose(which: number): void {
        const places = [...this.list.children];
        places[this.active]?.setAttribute("aria-selected", "false");
        this.active = which;
        const place = places[which];
        if (place === undefined) return this.input.removeAttribute("aria-activedescendant");
        place.setAttribute("aria-selected", "true");
        this.input.setAttribute("aria-activedescendant", place.id);
        place.scrollIntoView({ block: "nearest" });
    }

    private key(event: KeyboardEvent): void {
        if (event.key === "Escape") {
            // A field of this kind would only be emptied.
            event.preventDefault();
            return this.dialog.close();
        }
        const count = this.list.children.length;
        const to: Record<string, number> = {
            ArrowDown: (this.active + 1) % count,
            ArrowUp: (this.active + count - 1) % count,
        };
        const which = to[event.key];
        if (which === undefined || count === 0) return;
        event.preventDefault();
        this.choose(which);
    }

    private async go(): Promise<void> {
        // Enter may be faster than the index.
        if (this.list.children.length === 0) await this.look();
        (this.list.children[this.active] as HTMLAnchorElement | undefined)?.click();
    }

    private place(place: Place, words: string, found: Found): HTMLElement {
        const link = this.root.createElement("a");
        const which = found.places.indexOf(place);
        link.id = `search-place-${which}`;
        link.setAttribute("role", "option");
        link.setAttribute("aria-selected", "false");
        link.tabIndex = -1;
        const at = new URL(place.at, this.root.baseURI);
        // What was only nearly found is not to be marked there.
        if (found.has === "all") at.searchParams.set(MARK, words);
        link.href = at.href;
        const line = (name: string, ...parts: (Node | string)[]) => {
            const span = this.root.createElement("span");
            span.className = name;
            span.append(...parts);
            return span;
        };
        const where = line("where", line("of", place.page));
        if (place.heading.join("") !== "") {
            where.append(" › ", ...this.marked(place.heading));
        }
        link.append(where, line("around", ...this.marked(place.around)));
        link.addEventListener("pointermove", () => {
            if (this.active !== which) this.choose(which);
        });
        link.addEventListener("click", () => {
            // Back leads to what was found; a place on this very page is only scrolled to.
            if (at.pathname === location.pathname) this.dialog.close();
        });
        return link;
    }

    private marked(parts: Marked): (Node | string)[] {
        return parts.map((part, i) => {
            if (i % 2 === 0) return part;
            const mark = this.root.createElement("mark");
            mark.textContent = part;
            return mark;
        });
    }
}

function told({ has, count, places }: Found, words: string): string {
    const first = count > places.length ? `, the first ${places.length}` : "";
    const counted = `${count} ${count === 1 ? "place" : "places"}${first}`;
    if (has === "all") return `${counted}.`;
    if (has === "near") return `Nothing has “${words}” as it is written. What is nearest: ${counted}.`;
    if (has === "some") return `No section has all of these words. Some of them: ${counted}.`;
    return `Nothing found for “${words}”.`;
}

/** Text that is not read: code, drawings, and what is there on demand. */
const UNMARKED = "pre, svg, script, style, [popover], [hidden], .copy, .trial";

/** Marks on a page what was looked for, and goes to the first of it. */
async function mark(root: Document, words: string, finder: () => Promise<Finder>): Promise<void> {
    const main = root.querySelector("main");
    if (main === null || !("highlights" in CSS)) return;
    const { marks } = await finder();
    const all: Range[] = [];
    // By blocks, so that a phrase is found that has a link in it.
    const blocks = new Map<Element, Text[]>();
    const walker = root.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode as Text;
        const parent = text.parentElement;
        if (parent === null || parent.closest(UNMARKED) !== null) continue;
        if (parent.closest("figure") !== null && parent.closest("figcaption") === null) continue;
        const block = parent.closest("p, li, h1, h2, h3, h4, td, th, dt, dd, figcaption, summary, main") ?? main;
        blocks.set(block, [...(blocks.get(block) ?? []), text]);
    }
    for (const texts of blocks.values()) {
        const starts: number[] = [];
        let whole = "";
        for (const text of texts) {
            starts.push(whole.length);
            whole += text.data;
        }
        const place = (at: number, isEnd: boolean): [Text, number] => {
            let i = starts.length - 1;
            while (i > 0 && (isEnd ? (starts[i] as number) >= at : (starts[i] as number) > at)) i--;
            return [texts[i] as Text, at - (starts[i] as number)];
        };
        for (const [from, to] of marks(whole, words)) {
            const range = root.createRange();
            range.setStart(...place(from, false));
            range.setEnd(...place(to, true));
            all.push(range);
        }
    }
    if (all.length === 0) return;
    CSS.highlights.set("looked-for", new Highlight(...all));

    const note = root.createElement("p");
    note.className = "marks";
    note.setAttribute("role", "status");
    const remove = root.createElement("button");
    remove.type = "button";
    remove.textContent = "Remove the marks";
    // What means the same is marked, too, and was not typed.
    const typed = words.toLowerCase().split(/\s+/);
    const kinds = [...new Set(all.map((range) => range.toString().toLowerCase()))];
    const others = kinds.filter((kind) => !typed.some((word) => kind.startsWith(word.slice(0, 4))));
    const also = others.length > 0 ? `, also as ${others.slice(0, 2).map((kind) => `“${kind}”`).join(" and ")}` : "";
    note.append(`${all.length} × “${words}”${also} `, remove);
    const bar = root.querySelector(".bar");
    // In the page's flow, so that it lies on nothing.
    if (bar === null) root.body.prepend(note);
    else bar.after(note);
    const away = () => {
        CSS.highlights.delete("looked-for");
        note.remove();
        readdress(MARK, null);
        root.removeEventListener("keydown", escape);
    };
    const escape = (event: KeyboardEvent) => {
        // What is open closes first.
        const isOpen = root.querySelector("dialog[open], [popover]:popover-open:not(#contents)");
        if (event.key === "Escape" && isOpen === null) away();
    };
    remove.addEventListener("click", away);
    root.addEventListener("keydown", escape);

    // The first in the section that was gone to, or of the page.
    const target = location.hash.length > 1 ? root.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    const isBehind = (range: Range) =>
        target === null ||
        target.contains(range.startContainer) ||
        (target.compareDocumentPosition(range.startContainer) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
    const first = all.find(isBehind) ?? all[0];
    const around = first?.startContainer.parentElement;
    for (let fold = around?.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
    if (target === null || around !== target) around?.scrollIntoView({ block: "center" });
    else target.scrollIntoView();
}
