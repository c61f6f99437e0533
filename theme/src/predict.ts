// Predict, then reveal: the reader's guess lands beside the measurement.

import { forgetGuesses, guessesHere, recall, recallAll, remember } from "./store";

/** A guess counts as near when it is within a quarter of the measurement, or in the interval. */
export function isNear(guess: number, value: number, low: number, high: number): boolean {
    return (low <= guess && guess <= high) || Math.abs(guess - value) <= Math.abs(value) / 4;
}

export function verdict(guess: number, value: number, low: number, high: number): string {
    if (low <= guess && guess <= high) return "Inside the interval.";
    if (isNear(guess, value, low, high)) return "Near.";
    const times = guess > value ? guess / value : value / guess;
    const side = guess > value ? "too high" : "too low";
    return Number.isFinite(times) && times >= 1.5 ? `${times.toFixed(1)} × ${side}.` : `${side}.`;
}

/**
 * A number as readers type it: “1.8”, “1,8”, “1,800”. A comma is a point, unless it parts
 * thousands. What is no number of zero or more is not one.
 */
export function typed(text: string): number | undefined {
    const said = text.trim().replace(/\s/g, "");
    const parted = /^[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(said);
    const plain = parted ? said.replaceAll(",", "") : said.replace(",", ".");
    const value = plain === "" ? Number.NaN : Number(plain);
    return Number.isFinite(value) && value >= 0 ? value : undefined;
}

interface Measured {
    machine: string;
    value: number;
    low: number;
    high: number;
}

/** What was measured, on the machine that the page opens on first. */
function measurements(values: string): Measured[] {
    return values.split(";").map((text) => {
        const [machine = "", value, low, high] = text.split(" ");
        return { machine, value: Number(value), low: Number(low), high: Number(high) };
    });
}

export function predictions(root: ParentNode): void {
    const chapter = guessesHere();
    for (const box of root.querySelectorAll<HTMLElement>(".predict[data-values]")) {
        prediction(box, chapter);
    }
}

function prediction(box: HTMLElement, chapter: string): void {
    const all = measurements(box.dataset.values ?? "");
    const [first] = all;
    if (first === undefined) return;
    let { machine, value, low, high } = first;
    let guessed: number | undefined;
    const unit = box.dataset.unit ?? "";
    const key = chapter + (box.dataset.key ?? "");
    const details = box.querySelector("details");
    if (details === null) return;

    const form = document.createElement("form");
    const label = document.createElement("label");
    const input = document.createElement("input");
    // Not a field for numbers: where the browser's language has a point, it drops a comma.
    input.type = "text";
    input.inputMode = "decimal";
    input.autocomplete = "off";
    input.required = true;
    const check = () => {
        const isOne = input.value === "" || typed(input.value) !== undefined;
        input.setCustomValidity(isOne ? "" : "A number, such as 1.8");
    };
    input.addEventListener("input", check);
    label.append("Your guess ", input, ` ${unit} `);
    const compare = document.createElement("button");
    compare.textContent = "Compare";
    const reset = document.createElement("button");
    reset.type = "button";
    reset.className = "forget";
    reset.textContent = "Forget my guesses in this chapter";
    reset.hidden = true;
    const result = document.createElement("div");
    result.className = "guess";
    result.setAttribute("role", "status");
    form.append(label, compare);
    details.before(form, result, reset);

    const reveal = (guess: number) => {
        guessed = guess;
        remember(key, JSON.stringify({ guess, near: isNear(guess, value, low, high) }));
        const where = machine === "local" ? "on your machine" : `on ${machine}`;
        const name = all.length > 1 ? `Measured ${where}` : "Measured";
        const most = Math.max(guess, high) || 1;
        result.replaceChildren(
            bar("You", guess, unit, most, "guessed"),
            bar(name, value, unit, most, "thread"),
            paragraph(`${verdict(guess, value, low, high)} ${score(chapter)}`),
        );
        // It would say the number once more.
        details.hidden = true;
        reset.hidden = false;
    };
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        const guess = typed(input.value);
        if (guess !== undefined) reveal(guess);
    });
    document.addEventListener("machine", (event) => {
        const chosen = (event as CustomEvent<string>).detail;
        ({ machine, value, low, high } = all.find((one) => one.machine === chosen) ?? first);
        if (guessed !== undefined) reveal(guessed);
    });
    reset.addEventListener("click", () => forgetGuesses());
    const before = read(recall(key));
    if (before !== undefined) {
        input.value = String(before.guess);
        reveal(before.guess);
    }
}

interface Guess {
    guess: number;
    near: boolean;
}

/** A guess that was kept. One that is damaged is none. */
function read(text: string | null): Guess | undefined {
    try {
        const { guess, near } = JSON.parse(text ?? "");
        return Number.isFinite(guess) && guess >= 0 ? { guess, near: near === true } : undefined;
    } catch {
        return undefined;
    }
}

function score(chapter: string): string {
    const guesses = [...recallAll(chapter).values()].map(read).filter((guess) => guess !== undefined);
    const near = guesses.filter((kept) => kept.near).length;
    return `In this chapter: ${near} of ${guesses.length} near.`;
}

function bar(name: string, value: number, unit: string, most: number, kind: string): HTMLElement {
    const row = paragraph(`${name}: ${value} ${unit}`);
    const fill = document.createElement("span");
    fill.className = `guess-bar ${kind}`;
    fill.style.width = `${Math.max(1, (value / most) * 100)}%`;
    row.append(fill);
    return row;
}

function paragraph(text: string): HTMLElement {
    const made = document.createElement("p");
    made.textContent = text;
    return made;
}
