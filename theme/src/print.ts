// The whole book on one page, made ready for paper: a title, contents, and the answers to what a
// reader is asked at the end instead of beside the question. Without script everything is there,
// in its place.
//
// Page numbers are for whoever prints to know: an element with `data-page-of` waits for the
// number of the page that has the place it names (tests/browser/pdf.js).

import { wideTables } from "./frame";

/** What a reader is to find first, and look up then: the answers to predictions and questions, and solutions. */
const ANSWERS = ".predict > details, .question > details, details.fold";

/** What a fold has that is no answer stays where it is, as all that can be opened does. */
const isAnswer = (details: Element): boolean =>
    details.matches(".predict > *, .question > *") || details.querySelector("summary")?.textContent?.trim() === "A solution";

function make<K extends keyof HTMLElementTagNameMap>(
    name: K,
    attributes: Record<string, string> = {},
    ...parts: (Node | string)[]
): HTMLElementTagNameMap[K] {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...parts);
    return element;
}

/** A number of a page, once it is known. */
const pageOf = (id: string) => make("span", { class: "page-of", "data-page-of": id });

interface Chapter {
    heading: HTMLElement;
    /** As in the contents: `3.1.`, or nothing. */
    number: string;
}

/** What an exercise is called whose solution this is. */
function exercise(solution: Element): string | undefined {
    for (let e = solution.previousElementSibling; e !== null; e = e.previousElementSibling) {
        const first = e.firstChild;
        if (e.nodeName === "P" && first?.nodeName === "STRONG") return first.textContent?.replace(/^\d+\.\s*/, "");
    }
    return undefined;
}

function chapters(main: Element): Chapter[] {
    const listed = [...document.querySelectorAll("#contents .chapter-link-wrapper a")];
    return [...main.querySelectorAll<HTMLElement>("h1[id]")].map((heading, i) => {
        const number = listed[i]?.querySelector("strong")?.textContent?.trim() ?? "";
        if (number !== "") heading.dataset.number = number.replace(/\.$/, "");
        return { heading, number };
    });
}

/** Takes the answers away from their questions; what they become is for the end of the book. */
function answers(main: Element, all: Chapter[]): HTMLElement | undefined {
    const end = make("section", { class: "at-the-end" }, make("h1", { id: "at-the-end" }, "Answers"));
    let count = 0;
    let chapter: Chapter | undefined;
    let list: HTMLOListElement | undefined;
    for (const details of [...main.querySelectorAll<HTMLDetailsElement>(ANSWERS)].filter(isAnswer)) {
        const before = (one: Chapter) =>
            (one.heading.compareDocumentPosition(details) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
        const here = all.filter(before).pop();
        if (list === undefined || here !== chapter) {
            chapter = here;
            end.append(make("h2", {}, chapter?.heading.textContent ?? ""));
            list = make("ol");
            end.append(list);
        }
        count += 1;
        const [question, answer] = [`question-${count}`, `answer-${count}`];
        const item = make("li", { id: answer, value: String(count) });
        const asked = details.closest(".predict, .question")?.querySelector("p")?.cloneNode(true) as HTMLElement | undefined;
        const summary = details.querySelector("summary");
        for (const label of asked?.querySelectorAll("b") ?? []) label.remove();
        const heading = make("p", { class: "asked-for" }, asked?.textContent?.trim() || exercise(details) || summary?.textContent || "");
        heading.append(" ", make("a", { href: `#${question}` }, "Asked ", "on page ", pageOf(question)));
        item.append(heading, ...[...details.childNodes].filter((node) => node !== summary));
        list.append(item);
        const way = make("p", { class: "answer-at", id: question });
        way.append(`${count}. `, make("a", { href: `#${answer}` }, "The answer is at the end, on page ", pageOf(answer)));
        details.replaceWith(way);
    }
    return count > 0 ? end : undefined;
}

/** Of every figure, its caption and its chart in one box; its data, which may break, below. */
function wholeFigures(main: Element): void {
    for (const figure of main.querySelectorAll("figure.measured-figure")) {
        const data = [...figure.querySelectorAll(".machine:not(.other) > details")];
        if (data.length === 0) continue;
        const below = data.map((details) => {
            const its: Node[] = [];
            for (let e: Element | null = details; e !== null; e = e.nextElementSibling) its.push(e);
            return make("div", { class: "machine" }, ...its);
        });
        figure.replaceChildren(make("div", { class: "with-chart" }, ...figure.childNodes), ...below);
    }
}

function contents(all: Chapter[], end: HTMLElement | undefined): HTMLElement {
    const list = make("ol");
    const row = (id: string, number: string, title: string, depth: number) => {
        const link = make("a", { href: `#${id}` }, make("span", { class: "title" }, `${number} ${title}`.trim()));
        link.append(make("span", { class: "leader" }), pageOf(id));
        const item = make("li", { "data-depth": String(depth) }, link);
        list.append(item);
        return item;
    };
    for (const [i, { heading, number }] of all.entries()) {
        const depth = number.split(".").filter(Boolean).length;
        const item = row(heading.id, number, heading.textContent ?? "", depth);
        const next = all[i + 1]?.heading;
        const sections: Node[] = [];
        for (let e = heading.nextElementSibling; e !== null && e !== next; e = e.nextElementSibling) {
            if (e.nodeName !== "H2" || e.id === "") continue;
            if (sections.length > 0) sections.push(document.createTextNode(" · "));
            sections.push(make("a", { href: `#${e.id}` }, e.textContent ?? "", " ", pageOf(e.id)));
        }
        if (sections.length > 0) item.append(make("p", { class: "sections" }, ...sections));
    }
    if (end !== undefined) row("at-the-end", "", "Answers", 0);
    return make("nav", { class: "print-contents", "aria-label": "Pages" }, make("h1", { id: "pages" }, "Contents"), list);
}

function title(): HTMLElement {
    const told = document.querySelector<HTMLMetaElement>("meta[name=description]")?.content ?? "";
    const name = document.querySelector(".book-title")?.textContent ?? "";
    const license = document.querySelector(".foot p")?.cloneNode(true) ?? "";
    return make(
        "section",
        { class: "title-page" },
        make("p", { class: "title-page-title" }, name),
        make("p", {}, told),
        make("p", { class: "aside" }, "Figures of further machines, and the data, are on the book’s own pages."),
        license,
    );
}

/** Each chapter on pages of its own kind, since only the kind can say what stands above them. */
function runningHeads(main: Element, all: Chapter[]): void {
    const rules: string[] = [];
    for (const [i, { heading }] of all.entries()) {
        const kind = `chapter-${i}`;
        const section = make("section", { style: `page: ${kind}` });
        heading.before(section);
        const next = all[i + 1]?.heading ?? main.querySelector(".at-the-end");
        while (section.nextSibling !== null && section.nextSibling !== next) section.append(section.nextSibling);
        const head = JSON.stringify(`${heading.dataset.number ?? ""} ${heading.textContent}`.trim());
        rules.push(`@page ${kind} { @top-right { content: ${head} } }`);
    }
    main.append(make("style", {}, rules.join("\n")));
}

const main = document.querySelector("main");
if (main !== null) {
    const all = chapters(main);
    const end = answers(main, all);
    if (end !== undefined) main.append(end);
    main.prepend(title(), contents(all, end));
    runningHeads(main, all);
    wholeFigures(main);
    wideTables(document);
}
