// What is on trial: a verdict stays covered until its claim was guessed, or until the reader
// would rather see them all, which then goes for the whole book.

import { forgetGuesses, guessesHere, recall, remember } from "./store";

const GUESSES = ["holds", "depends", "fails"];
/** What a guess is called as a verdict, and on its button. */
const VERDICTS = ["holds", "depends", "does not hold"];

export function covers(root: ParentNode): void {
    let shown = recall("verdicts") === "shown";
    // The print view has an opener for each chapter.
    const tells = [...root.querySelectorAll<HTMLElement>(".opener")].map((opener) => cover(opener, () => shown, turn));
    function turn(): void {
        shown = !shown;
        remember("verdicts", shown ? "shown" : null);
        for (const tell of tells) tell?.(shown);
    }
}

/** Returns what shows all its verdicts, or covers those that were not guessed. */
function cover(opener: HTMLElement, isShown: () => boolean, turn: () => void): ((shown: boolean) => void) | undefined {
    const head = opener.querySelector("p");
    const note = opener.querySelector<HTMLElement>(".note");
    if (head === null || note === null) return undefined;
    const chapter = `${guessesHere()}claim:`;
    const first = note.textContent;
    note.setAttribute("role", "status");

    // A claim that no test has decided has nothing to guess.
    const claims = [...opener.querySelectorAll<HTMLElement>("li[data-verdict]")].filter((row) => row.querySelector("details") !== null);
    const rows = claims.map((row) => build(row, chapter, (said) => tell(isShown(), said)));
    const all = document.createElement("button");
    all.type = "button";
    all.addEventListener("click", turn);
    const forget = document.createElement("button");
    forget.type = "button";
    forget.textContent = "Forget guesses";
    forget.addEventListener("click", () => forgetGuesses());
    head.append(all);
    const foot = document.createElement("div");
    foot.className = "foot-line";
    note.replaceWith(foot);
    foot.append(note, forget);

    // What is seen beside a claim is heard here, and only of the one that was guessed.
    const tell = (shown: boolean, said = "") => {
        const guessed = rows.filter((row) => row.guess() !== undefined);
        const right = guessed.filter((row) => VERDICTS[GUESSES.indexOf(row.guess() ?? "")] === row.verdict);
        for (const row of rows) row.show(shown);
        all.textContent = shown ? "Cover verdicts" : "Show all verdicts";
        all.hidden = !shown && guessed.length === rows.length;
        forget.hidden = shown || guessed.length === 0;
        const score = `${right.length} of ${guessed.length} right.`;
        const text = shown ? "Shown in every chapter from now on." : guessed.length > 0 ? score : first;
        const heard = document.createElement("span");
        heard.className = "heard";
        heard.textContent = said;
        if (note.textContent !== said + text) note.replaceChildren(heard, text ?? "");
    };
    tell(isShown());
    return tell;
}

interface Row {
    verdict: string;
    guess(): string | undefined;
    show(all: boolean): void;
}

/** A claim's row: three answers to press, and beside them the verdict once there is one. */
function build(row: HTMLElement, chapter: string, changed: (said: string) => void): Row {
    const verdict = row.dataset.verdict ?? "";
    const key = chapter + (row.dataset.claim ?? "");
    const cover = row.querySelector("details");
    const chip = row.querySelector<HTMLElement>(".chip");
    const claim = row.querySelector("a")?.textContent?.trim() ?? "";
    // One that was damaged is none.
    const kept = recall(key) ?? "";
    let guess = GUESSES.includes(kept) ? kept : undefined;

    const group = document.createElement("span");
    group.className = "answers";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", `Your guess: ${claim}`);
    const isRight = () => VERDICTS[GUESSES.indexOf(guess ?? "")] === verdict;
    const buttons = GUESSES.map((answer, i) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = VERDICTS[i] ?? "";
        button.addEventListener("click", () => {
            // The first guess counts; whoever knows the verdict guesses no more.
            if (guess !== undefined) return;
            guess = answer;
            remember(key, answer);
            changed(`Verdict: ${verdict}. You guessed: ${VERDICTS[i]}. ${isRight() ? "Right" : "Not so"}. `);
        });
        group.append(button);
        return button;
    });
    const told = document.createElement("span");
    const hit = document.createElement("span");
    hit.className = "hit";
    const ask = document.createElement("span");
    ask.className = "ask";
    ask.append(group, told);
    if (chip !== null) {
        chip.hidden = true;
        told.append(chip, hit);
    }
    cover?.replaceWith(ask);

    return {
        verdict,
        guess: () => guess,
        show(all) {
            if (chip !== null) chip.hidden = !all && guess === undefined;
            group.hidden = all && guess === undefined;
            hit.textContent = guess === undefined ? "" : isRight() ? "right" : "not so";
            buttons.forEach((button, i) => {
                button.setAttribute("aria-pressed", String(GUESSES[i] === guess));
                // Beside the verdict there is room for the guess alone.
                button.hidden = guess !== undefined && GUESSES[i] !== guess;
                if (guess !== undefined) button.setAttribute("aria-disabled", "true");
            });
        },
    };
}
