// Questions: the first answer counts, and what is right is told beside it. On the page of all
// questions a quiz is drawn by a seed, from the pages that have them, and what was guessed
// anywhere makes one score.

import { forgetAll, forgetGuesses, guessesOf, recall, recallAll, remember } from "./store";

/** As in `press/src/ask/quiz.rs`; both are held to one file. */
export function mixed(text: string): number {
    let hash = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
}

/** The places of `names`, in the order of what is made of them. */
function sorted(names: string[]): number[] {
    const made = names.map(mixed);
    return [...names.keys()].sort((a, b) => (made[a] ?? 0) - (made[b] ?? 0) || a - b);
}

/** The places of `ids`, in the order in which that seed draws them. */
export const drawn = (seed: number, ids: string[]): number[] => sorted(ids.map((id) => `${seed} ${id}`));

/** The places of the options of question `id`, as that seed shuffles them. */
export const shuffled = (seed: number, id: string, options: number): number[] =>
    sorted(Array.from({ length: options }, (_, i) => `${seed} ${id} ${i}`));

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

/** An answer; whether it was right is not known where the machine has no key. */
interface Answer {
    option: number;
    right: boolean | null;
}

/** An answer that was kept. One that is damaged is none. */
function read(text: string | null | undefined): Answer | undefined {
    try {
        const { option, right } = JSON.parse(text ?? "");
        const known = Number.isInteger(option) && (typeof right === "boolean" || right === null);
        return known ? { option, right } : undefined;
    } catch {
        return undefined;
    }
}

/** The key of the machine that was chosen, or else of the one that the page shows first. */
function keyOf(box: Element): HTMLElement | undefined {
    const keys = [...box.querySelectorAll<HTMLElement>(".which")];
    const chosen = recall("machine");
    return keys.find((key) => key.dataset.machine === chosen) ?? keys[0];
}

interface Asked {
    answer(): Answer | undefined;
    /** Tells anew, by the machine that is chosen. */
    tell(): void;
}

/** Makes buttons of a question's options. What was answered before is shown if it `recalls`. */
function ask(box: HTMLElement, page: string, recalls: boolean, changed: () => void): Asked {
    const name = `${guessesOf(`${page}.html`)}quiz:${box.dataset.question ?? ""}`;
    const list = box.querySelector(".options");
    const fold = box.querySelector<HTMLDetailsElement>(".key-fold");
    const status = make("p", { class: "told", role: "status" });
    const group = make("div", { class: "options", role: "group", "aria-labelledby": box.querySelector(".ask-it")?.id ?? "" });
    const kept = recalls ? read(recall(name)) : undefined;
    let option = kept?.option;

    const right = () => Number(keyOf(box)?.dataset.right ?? Number.NaN);
    const answer = (): Answer | undefined =>
        option === undefined ? undefined : { option, right: Number.isNaN(right()) ? null : option === right() };
    const buttons = [...box.querySelectorAll<HTMLElement>(".options > li")].map((item) => {
        const button = make("button", { type: "button", "data-option": item.dataset.option ?? "" }, ...item.childNodes);
        button.addEventListener("click", () => {
            // The first answer counts, here and on other days.
            if (option !== undefined) return;
            option = Number(button.dataset.option);
            const given = answer();
            if (read(recall(name)) === undefined) remember(name, JSON.stringify(given));
            tell();
            if (fold !== null) fold.open = true;
            changed();
        });
        group.append(button);
        return button;
    });
    list?.replaceWith(group);
    group.after(status);
    if (option !== undefined && !buttons.some((button) => Number(button.dataset.option) === option)) option = undefined;

    function tell(): void {
        const given = answer();
        if (given === undefined) return;
        for (const button of buttons) {
            const its = Number(button.dataset.option);
            button.setAttribute("aria-disabled", "true");
            button.setAttribute("aria-pressed", String(its === given.option));
            button.classList.toggle("is-right", its === right());
            button.classList.toggle("is-wrong", its === given.option && given.right === false);
        }
        const words = given.right === null ? "On this machine it has no key, and does not count." : given.right ? "Right." : "Not so.";
        if (status.textContent !== words) status.textContent = words;
    }
    tell();
    return { answer, tell };
}

/** `2 of 3 right`. */
function score(answers: (Answer | undefined)[], all: number): string {
    const right = answers.filter((answer) => answer?.right === true).length;
    const without = answers.filter((answer) => answer?.right === null).length;
    return `${right} of ${all - without} right`;
}

/** The questions at the end of a chapter. */
function ofChapter(fold: HTMLElement): void {
    const page = fold.dataset.page ?? "";
    const boxes = [...fold.querySelectorAll<HTMLElement>(".question")];
    const told = make("span", { class: "count" });
    fold.querySelector("summary")?.append(" ", told);
    const forget = make("button", { type: "button", class: "forget" }, "Forget my guesses in this chapter");
    forget.addEventListener("click", () => forgetGuesses());
    fold.append(forget);
    const asked = boxes.map((box) => ask(box, page, true, tell));
    function tell(): void {
        const answers = asked.map((one) => one.answer());
        const some = answers.some((answer) => answer !== undefined);
        told.textContent = some ? score(answers, boxes.length) : "";
        forget.hidden = !some;
    }
    tell();
    document.addEventListener("machine", () => {
        for (const one of asked) one.tell();
        tell();
    });
}

/** A chapter of the page of all questions. */
interface Row {
    page: string;
    part: string;
    title: string;
    ids: string[];
    row: HTMLTableRowElement;
}

function rowsOf(table: HTMLElement): Row[] {
    return [...table.querySelectorAll<HTMLTableRowElement>("tbody tr")].map((row) => ({
        page: row.dataset.page ?? "",
        part: row.dataset.part ?? "",
        title: row.querySelector("th")?.textContent?.trim() ?? "",
        ids: (row.dataset.questions ?? "").split(" "),
        row,
    }));
}

/** What is drawn: as `cargo book quiz` takes it. */
interface Wanted {
    seed: number;
    questions: number;
    chapter: string;
    part: string;
}

const SOME = 10;
const ALL = 1000;
const MOST = 0xffffffff;

/** What an address asks for. What is no number is none. */
function wanted(search: URLSearchParams): Partial<Wanted> {
    const number = (name: string, least: number) => {
        const text = search.get(name) ?? "";
        const value = Number(text);
        return /^\d{1,10}$/.test(text) && value >= least && value <= MOST ? value : undefined;
    };
    return {
        seed: number("seed", 0),
        questions: number("questions", 1),
        chapter: search.get("chapter") ?? "",
        part: search.get("part") ?? "",
    };
}

/** The questions of the page of all: which, where to find them, and the form that asks for them. */
function draw(place: HTMLElement, rows: Row[], changed: () => void): void {
    const from = make("select", { id: "quiz-from" });
    from.append(new Option("all chapters", " "));
    for (const part of new Set(rows.map((row) => row.part))) {
        const its = rows.filter((row) => row.part === part);
        const first = its.find((row) => row.page === part) ?? its[0];
        if (its.length > 1) from.append(new Option(`${first?.title}, with the pages below it`, `part ${part}`));
        for (const row of its) from.append(new Option(its.length > 1 ? `– ${row.title}` : row.title, `chapter ${row.page}`));
    }
    const count = make("select", { id: "quiz-questions" });
    for (const number of [5, SOME, 20]) count.append(new Option(String(number), String(number)));
    count.append(new Option("all there are", String(ALL)));
    count.value = String(SOME);
    const seed = make("input", { id: "quiz-seed", type: "text", inputmode: "numeric", autocomplete: "off", maxlength: "10" });
    const check = () => {
        const isOne = wanted(new URLSearchParams({ seed: seed.value })).seed !== undefined;
        seed.setCustomValidity(isOne ? "" : "A whole number, such as 7");
        return isOne;
    };
    seed.addEventListener("input", check);
    const form = make(
        "form",
        { class: "quiz-form" },
        make("label", {}, "About ", from),
        make("label", {}, "Questions ", count),
        make("label", {}, "Seed ", seed),
        make("button", {}, "Ask me"),
    );
    const status = make("p", { class: "note", role: "status" });
    const command = make("p", { class: "note" });
    const list = make("div", { class: "drawn" });
    place.replaceChildren(form, status, list, command);

    const drawSeed = () => String(Math.floor(Math.random() * 100_000));
    seed.value = drawSeed();
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (!check()) return;
        const [kind = "", name = ""] = from.value.split(" ");
        const its = { seed: Number(seed.value), questions: Number(count.value), chapter: "", part: "", [kind]: name };
        const search = new URLSearchParams({ seed: String(its.seed) });
        search.set("questions", String(its.questions));
        if (name !== "") search.set(kind, name);
        history.replaceState(null, "", `?${search}`);
        void start(its);
    });

    async function start(its: Wanted): Promise<void> {
        const of = rows.filter((row) => (its.chapter === "" || row.page === its.chapter) && (its.part === "" || row.part === its.part));
        const pool = of.flatMap((row) => row.ids.map((id) => ({ id, row })));
        const chosen = drawn(its.seed, pool.map(({ id }) => id)).slice(0, its.questions).flatMap((i) => pool[i] ?? []);
        status.textContent = "Fetching the questions …";
        list.replaceChildren();
        command.replaceChildren();
        try {
            const pages = new Map<string, Document>();
            await Promise.all(
                [...new Set(chosen.map(({ row }) => row.page))].map(async (page) => {
                    const answer = await fetch(`${page}.html`);
                    if (!answer.ok) throw new TypeError(`${answer.status}`);
                    pages.set(page, new DOMParser().parseFromString(await answer.text(), "text/html"));
                }),
            );
            const asked: Asked[] = [];
            const tell = () => {
                const answers = asked.map((one) => one.answer());
                const given = answers.filter((answer) => answer !== undefined).length;
                const left = asked.length - given;
                status.textContent =
                    given === 0 ? `${asked.length} question${asked.length === 1 ? "" : "s"}.` : left > 0 ? `${score(answers, given)}, ${left} to go.` : `${score(answers, given)}.`;
                changed();
            };
            for (const { id, row } of chosen) {
                const there = pages.get(row.page)?.getElementById(`quiz-${id}`);
                if (there === null || there === undefined) throw new TypeError(id);
                const box = document.importNode(there, true);
                const options = [...box.querySelectorAll<HTMLElement>(".options > li")].sort(
                    (a, b) => Number(a.dataset.option) - Number(b.dataset.option),
                );
                const order = box.dataset.ordered === undefined ? shuffled(its.seed, id, options.length) : [...options.keys()];
                box.querySelector(".options")?.replaceChildren(...order.flatMap((i) => options[i] ?? []));
                const shown = keyOf(box);
                for (const key of box.querySelectorAll<HTMLElement>(".which")) key.hidden = recall("machine") !== null && key !== shown;
                box.prepend(make("p", { class: "whence" }, row.title));
                list.append(box);
                asked.push(ask(box, row.page, false, tell));
            }
            tell();
            const flags = [
                `--seed ${its.seed}`,
                its.questions === SOME ? "" : `--questions ${its.questions}`,
                its.chapter && `--chapter ${its.chapter}`,
                its.part && `--part ${its.part}`,
            ];
            command.append("The same in a terminal: ", make("code", {}, ["cargo book quiz", ...flags].filter(Boolean).join(" ")));
        } catch (fault) {
            list.replaceChildren();
            status.textContent = "The questions could not be fetched here. Each chapter has its own at its end.";
            // What is asked of the network may fail; whatever else it is, is a fault.
            if (!(fault instanceof TypeError)) reportError(fault);
        }
    }

    const before = wanted(new URLSearchParams(location.search));
    if (before.seed === undefined) return;
    seed.value = String(before.seed);
    const known = (kind: string, name = "") => [...from.options].some((option) => option.value === `${kind} ${name}`);
    const chapter = known("chapter", before.chapter) ? (before.chapter ?? "") : "";
    const part = known("part", before.part) && chapter === "" ? (before.part ?? "") : "";
    from.value = chapter !== "" ? `chapter ${chapter}` : part !== "" ? `part ${part}` : " ";
    const questions = before.questions ?? SOME;
    if (![...count.options].some((option) => option.value === String(questions))) {
        count.append(new Option(String(questions), String(questions)));
    }
    count.value = String(questions);
    void start({ seed: before.seed, questions, chapter, part });
}

/** What a guess of a verdict is called, and the verdict that it says. */
const VERDICTS = new Map([
    ["holds", "holds"],
    ["depends", "depends"],
    ["fails", "does not hold"],
]);

/** How many were right of how many that count. */
interface Tally {
    right: number;
    of: number;
}

/** What was guessed on a page: questions, predictions, verdicts. */
function guessed(page: string, verdicts: Map<string, string>): [Tally, Tally, Tally] {
    const made: [Tally, Tally, Tally] = [{ right: 0, of: 0 }, { right: 0, of: 0 }, { right: 0, of: 0 }];
    const count = (tally: Tally, right: boolean) => {
        tally.of += 1;
        if (right) tally.right += 1;
    };
    const start = guessesOf(`${page}.html`);
    for (const [name, text] of recallAll(start)) {
        const [kind = "", ...rest] = name.slice(start.length).split(":");
        if (kind === "quiz") {
            const answer = read(text);
            if (answer !== undefined && answer.right !== null) count(made[0], answer.right);
        } else if (kind === "claim") {
            const verdict = verdicts.get(rest.join(":"));
            const guess = VERDICTS.get(text);
            if (verdict !== undefined && guess !== undefined) count(made[2], guess === verdict);
        } else {
            try {
                const { guess, near } = JSON.parse(text);
                if (Number.isFinite(guess)) count(made[1], near === true);
            } catch {
                // One that is damaged is none.
            }
        }
    }
    return made;
}

/** How far the reader is, chapter by chapter, and a way to begin anew. Returns what tells it. */
function progress(table: HTMLElement, rows: Row[]): () => void {
    const verdicts = new Map((table.dataset.verdicts ?? "").split(";").map((one) => one.split("=") as [string, string]));
    for (const [row, kind] of [["thead tr", "th"], ["tfoot tr", "td"]] as const) {
        for (const title of ["Predictions", "Verdicts"]) {
            const cell = make(kind, {}, kind === "th" ? title : "");
            if (kind === "th") cell.setAttribute("scope", "col");
            table.querySelector(row)?.append(cell);
        }
    }
    for (const { row } of rows) row.append(make("td"), make("td"));
    const said = make("p", { class: "note", role: "status" });
    const forget = make("button", { type: "button" });
    const kept = make("p", { class: "progress-note" }, "Questions: right, of all there are. Predictions and verdicts: near or right, of those guessed. All of it is kept in this browser only.");
    const foot = make("div", { class: "foot-line of-all" }, said, forget);
    (table.closest(".table-wrapper") ?? table).after(kept, foot);
    let isSure = false;
    forget.addEventListener("click", () => {
        if (isSure) {
            forgetAll();
            location.reload();
        }
        isSure = true;
        forget.textContent = "Press again to forget all";
    });
    forget.addEventListener("blur", () => {
        isSure = false;
        forget.textContent = "Forget all guesses";
    });

    const tell = () => {
        const all: [Tally, Tally, Tally] = [{ right: 0, of: 0 }, { right: 0, of: 0 }, { right: 0, of: 0 }];
        const write = (row: Element | null, made: Tally[], questions: number) => {
            const cells = [...(row?.querySelectorAll("td") ?? [])];
            const shown = made.map(({ right, of }, i) => (i === 0 ? (of === 0 ? `${questions}` : `${right} of ${questions}`) : of === 0 ? "–" : `${right} of ${of}`));
            cells.forEach((cell, i) => (cell.textContent = shown[i] ?? ""));
        };
        let questions = 0;
        for (const { page, ids, row } of rows) {
            const made = guessed(page, verdicts);
            made.forEach(({ right, of }, i) => {
                const sum = all[i];
                if (sum !== undefined) [sum.right, sum.of] = [sum.right + right, sum.of + of];
            });
            questions += ids.length;
            write(row, made, ids.length);
        }
        write(table.querySelector("tfoot tr"), all, questions);
        const [right, of] = [all.reduce((sum, one) => sum + one.right, 0), all.reduce((sum, one) => sum + one.of, 0)];
        const words = of === 0 ? "Nothing guessed yet." : `Of ${of} guesses, ${right} right or near.`;
        if (said.textContent !== words) said.textContent = words;
        forget.hidden = recallAll("guess:").size === 0;
        if (!isSure) forget.textContent = "Forget all guesses";
    };
    tell();
    return tell;
}

export function quizzes(root: Document): void {
    // On paper questions are as they are written, and the print view has the keys at its end.
    if (location.pathname.endsWith("print.html")) return;
    for (const fold of root.querySelectorAll<HTMLElement>("details.quiz")) ofChapter(fold);
    const table = root.querySelector<HTMLElement>("table.progress");
    const place = root.querySelector<HTMLElement>(".draw");
    if (table === null || place === null) return;
    const rows = rowsOf(table);
    draw(place, rows, progress(table, rows));
}
