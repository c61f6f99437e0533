// Search. The index is half a book, so it is fetched when somebody searches.

interface Index {
    search(text: string, options: object): { ref: string; score: number; doc: Doc }[];
}

interface Doc {
    title: string;
    body: string;
    breadcrumbs: string;
}

interface Loaded {
    doc_urls: string[];
    index: object;
    results_options: { limit_results: number };
    search_options: object;
}

declare global {
    interface Window {
        search?: Loaded;
        elasticlunr?: { Index: { load(index: object): Index } };
    }
}

export function search(root: Document): void {
    const button = root.querySelector<HTMLButtonElement>("#search-button");
    if (button === null) return;
    button.hidden = false;
    let dialog: HTMLDialogElement | undefined;
    const open = () => {
        dialog ??= build(root, button);
        dialog.showModal();
    };
    button.addEventListener("click", open);
    root.addEventListener("keydown", (event) => {
        const target = event.target as HTMLElement;
        if (event.key !== "/" || /^(input|select|textarea)$/i.test(target.nodeName)) return;
        event.preventDefault();
        open();
    });
}

function build(root: Document, button: HTMLButtonElement): HTMLDialogElement {
    const dialog = root.createElement("dialog");
    dialog.className = "search";
    dialog.setAttribute("aria-label", "Search the book");
    const form = root.createElement("form");
    form.method = "dialog";
    const input = root.createElement("input");
    input.type = "search";
    input.setAttribute("aria-label", "Words to look for");
    const close = root.createElement("button");
    close.textContent = "Close";
    const said = root.createElement("p");
    said.setAttribute("role", "status");
    const list = root.createElement("ol");
    form.append(input, close);
    dialog.append(form, said, list);
    root.body.append(dialog);

    const loaded = load(root, button);
    const look = async () => {
        const words = input.value.trim();
        if (words.length < 2) {
            list.replaceChildren();
            said.textContent = "";
            return;
        }
        try {
            const { index, kept } = await loaded;
            const found = index.search(words, kept.search_options);
            said.textContent = found.length === 0 ? "Nothing found." : `${found.length} places.`;
            const shown = found.slice(0, kept.results_options.limit_results);
            list.replaceChildren(
                ...shown.map(({ ref, doc }) => result(root, kept.doc_urls[Number(ref)], doc, words)),
            );
        } catch {
            said.textContent = "The index could not be fetched.";
        }
    };
    input.addEventListener("input", look);
    form.addEventListener("submit", (event) => {
        // Enter goes to the first place; the button closes.
        if ((event as SubmitEvent).submitter !== close || input === root.activeElement) {
            event.preventDefault();
            list.querySelector<HTMLAnchorElement>("a")?.click();
        }
    });
    list.addEventListener("click", () => dialog.close());
    return dialog;
}

function load(root: Document, button: HTMLButtonElement): Promise<{ index: Index; kept: Loaded }> {
    const script = (source: string | undefined) =>
        new Promise<void>((done, failed) => {
            const made = root.createElement("script");
            made.src = source ?? "";
            made.addEventListener("load", () => done());
            made.addEventListener("error", failed);
            root.head.append(made);
        });
    // mdBook's index adds itself to this.
    window.search ??= {} as Loaded;
    return Promise.all([script(button.dataset.engine), script(button.dataset.index)]).then(() => {
        const kept = window.search as Loaded;
        const index = window.elasticlunr?.Index.load(kept.index) as Index;
        return { index, kept };
    });
}

/** Where the words stand, and what stands around them. */
function result(root: Document, url: string, doc: Doc, words: string): HTMLElement {
    const item = root.createElement("li");
    const link = root.createElement("a");
    link.href = url;
    link.textContent = doc.breadcrumbs || doc.title;
    const around = root.createElement("p");
    around.append(...teaser(root, doc.body, words));
    item.append(link, around);
    return item;
}

function teaser(root: Document, body: string, words: string): Node[] {
    const each = words.toLowerCase().split(/\s+/).filter((word) => word.length > 1);
    const low = body.toLowerCase();
    const first = Math.max(0, Math.min(...each.map((word) => low.indexOf(word)).filter((at) => at >= 0), body.length));
    const from = first === body.length ? 0 : Math.max(0, body.lastIndexOf(" ", first - 60));
    const text = body.slice(from, from + 180);
    const parts: Node[] = [];
    let rest = text;
    while (rest !== "") {
        const hits = each.map((word) => ({ word, at: rest.toLowerCase().indexOf(word) }));
        const next = hits.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        const mark = root.createElement("mark");
        mark.textContent = rest.slice(next.at, next.at + next.word.length);
        parts.push(root.createTextNode(rest.slice(0, next.at)), mark);
        rest = rest.slice(next.at + next.word.length);
    }
    parts.push(root.createTextNode(rest === "" ? "…" : `${rest} …`));
    return parts;
}
