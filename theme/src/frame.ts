// The frame around the text: the theme, the contents, the copy buttons.

import { recall, remember } from "./store";

/** Auto follows the reader's system, also while the page is open. */
export function themes(root: Document): void {
    const select = root.querySelector<HTMLSelectElement>("#theme");
    if (select === null) return;
    const html = root.documentElement;
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
        const auto = dark.matches ? html.dataset.dark : html.dataset.light;
        html.className = `js ${select.value || auto}`;
    };
    select.value = recall("theme") ?? "";
    // What was kept may be no theme.
    if (select.selectedIndex < 0) select.value = "";
    select.addEventListener("change", () => {
        remember("theme", select.value || null);
        apply();
    });
    dark.addEventListener("change", apply);
    select.closest("label")?.removeAttribute("hidden");
}

/** Marks the page in the contents, and lists its sections beneath. */
export function contents(root: Document): void {
    const here = location.pathname.split("/").pop() || "index.html";
    const link = root.querySelector<HTMLAnchorElement>(`#contents a[href="${CSS.escape(here)}"]`);
    if (link === null) return;
    link.setAttribute("aria-current", "page");
    const list = root.createElement("ol");
    list.className = "here";
    for (const heading of root.querySelectorAll<HTMLElement>("main > h2[id]")) {
        const item = root.createElement("li");
        const anchor = root.createElement("a");
        anchor.href = `#${heading.id}`;
        anchor.textContent = heading.textContent;
        // On a small screen the contents lie over the text.
        anchor.addEventListener("click", () => {
            const contents = root.querySelector<HTMLElement>("#contents:popover-open");
            contents?.hidePopover();
        });
        item.append(anchor);
        list.append(item);
    }
    if (list.children.length > 0) link.closest(".chapter-link-wrapper")?.after(list);
    link.scrollIntoView({ block: "nearest" });
}

/** What a button beside code takes of its width, with the block's own edges, in pixels. */
const BUTTON = 120;

/** A button for each block of code, beside it, above it or in its head: it covers no code. */
export function copyButtons(root: Document): void {
    const blocks = [...root.querySelectorAll<HTMLElement>("main pre")];
    // All are looked at before any is changed, or the page would be laid out once for each.
    // Blocks that do not scroll need no stop for the keyboard; what is folded may yet.
    const fits = (one: HTMLElement): boolean => one.clientWidth > 0 && one.scrollWidth <= one.clientWidth;
    // What is folded has no width yet.
    const beside = (one: HTMLElement): boolean => {
        const code = one.querySelector("code")?.getBoundingClientRect().width ?? 0;
        return code > 0 && code + BUTTON <= one.clientWidth;
    };
    const roomy = new Set(blocks.filter(beside));
    for (const pre of blocks.filter(fits)) pre.removeAttribute("tabindex");
    for (const pre of blocks) {
        const head = pre.closest(".listing")?.querySelector(".listing-file");
        if (!head) {
            const isCommand = pre.matches(".run, :has(> .language-sh)");
            const frame = root.createElement("div");
            frame.className = `copied ${isCommand ? "command" : roomy.has(pre) ? "" : "above"}`.trim();
            pre.replaceWith(frame);
            frame.append(pre, copyButton(frame, isCommand ? "this command" : "this code"));
        } else if (head.querySelector(".copy") === null) {
            head.firstElementChild?.after(copyButton(head.parentElement ?? pre, "this code"));
        }
    }
}

/** Copies all code in `place`, also what is folded away. */
function copyButton(place: HTMLElement, what: string): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy ${what}`);
    button.addEventListener("click", async () => {
        const code = [...place.querySelectorAll("pre code")].map((part) => part.textContent ?? "");
        try {
            await navigator.clipboard.writeText(code.join("").trimEnd());
            button.textContent = "Copied";
        } catch {
            button.textContent = "Not allowed";
        }
        setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    return button;
}

/** Our tables can be scrolled by keyboard; those written by hand get it here, if they are wide. */
export function wideTables(root: Document): void {
    const byHand = "main .table-wrapper:not([tabindex])";
    const wrappers = [...root.querySelectorAll<HTMLElement>(byHand)];
    // All are looked at before any is changed, or the page would be laid out once for each.
    for (const wrapper of wrappers.filter((one) => one.scrollWidth > one.clientWidth)) {
        wrapper.tabIndex = 0;
        wrapper.setAttribute("role", "group");
        const heads = [...wrapper.querySelectorAll("th")].map((head) => head.textContent);
        wrapper.setAttribute("aria-label", heads.join(", "));
    }
}
