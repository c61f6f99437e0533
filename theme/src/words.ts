// What the script writes, in the page's language: a page that is not English brings the words
// with it, each under the English text, with {} for what stands in a gap.

interface Said {
    pattern: RegExp;
    other: string;
}

const ATTRIBUTES = ["aria-label", "aria-valuetext", "placeholder", "title"];

/** From now on says in the page's language what the script puts on it. */
export function inItsLanguage(root: Document): void {
    const kept = root.documentElement.dataset.words;
    if (kept === undefined) return;
    const words = read(kept);
    const say = (node: Node) => {
        const around = node instanceof Element ? node : node.parentElement;
        if (around?.closest("[lang]")?.getAttribute("lang") === "en") return;
        if (node instanceof Text) {
            const said = translated(words, node.data.trim());
            if (said !== undefined) node.data = node.data.replace(node.data.trim(), () => said);
        } else if (node instanceof Element) {
            for (const name of ATTRIBUTES) {
                const said = translated(words, node.getAttribute(name) ?? "");
                if (said !== undefined) node.setAttribute(name, said);
            }
            node.childNodes.forEach(say);
        }
    };
    // These are there as soon as the browser knows of them, before any other part.
    root.querySelectorAll(".player, .now").forEach(say);
    const observer = new MutationObserver((changes) => {
        for (const { target, addedNodes, type } of changes) {
            if (type === "childList") addedNodes.forEach(say);
            else say(target);
        }
    });
    observer.observe(root.body, {
        childList: true,
        subtree: true,
        characterData: true,
        attributes: true,
        attributeFilter: ATTRIBUTES,
    });
}

function read(kept: string): Said[] {
    const all: Record<string, string> = JSON.parse(kept);
    return Object.entries(all).map(([english, other]) => {
        const pieces = english.split("{}").map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
        return { pattern: new RegExp(`^${pieces.join("(.+?)")}$`), other };
    });
}

function translated(words: Said[], text: string): string | undefined {
    for (const { pattern, other } of words) {
        const gaps = pattern.exec(text)?.slice(1);
        // What is the same in both languages is left, or there would be no end of it.
        if (gaps === undefined || text === other) continue;
        const said = gaps.map((gap) => translated(words, gap) ?? gap.replace(/(?<=\d)\.(?=\d)/g, ","));
        const pieces = other.split("{}");
        return pieces.map((piece, i) => piece + (i + 1 < pieces.length ? said[i] ?? "" : "")).join("");
    }
    // A clock, say.
    return /^\d+\.\d+\s?(s|ms|µs|×|%)$/.test(text) ? text.replace(".", ",") : undefined;
}
