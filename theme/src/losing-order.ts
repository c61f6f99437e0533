// <losing-order>: steps through the order in which a planted bug fails, and lets a reader order
// the steps otherwise.
//
// It wraps the whole story. What every other order does is in the file that `data-from` names,
// fetched when somebody asks for it: each place that the program can be at was found by running
// the program itself, so nothing of it is worked out here.

/** A step, its file, line and code, and what it did, unless it is only waited for. */
type Step = [file: number, line: number, code: string, says?: string];
/** For a thread: a step and where it leads, a step that waits, or nothing where it has ended. */
type Move = [step: number, to: number] | [step: number] | null;
type Place = [state: number, moves: Move[], end?: string];

interface Kept {
    files: string[];
    steps: Step[];
    states: string[][];
    places: Place[];
}

function made(tag: string, className: string, ...inside: (string | Node)[]): HTMLElement {
    const element = document.createElement(tag);
    element.className = className;
    element.append(...inside);
    return element;
}

class LosingOrder extends HTMLElement {
    private told: HTMLElement[] = [];
    private list: HTMLElement | null = null;
    private end: HTMLElement | null = null;
    private lanes: string[] = [];
    private shared: string[] = [];
    private order: number[] = [];
    private path: number[] = [];
    private kept: Kept | null = null;
    private buttons: HTMLButtonElement[] = [];
    private choice = made("div", "order-choice");
    private status = made("p", "order-status");

    connectedCallback(): void {
        if (this.list !== null) return;
        this.list = this.querySelector<HTMLElement>(".order-steps");
        if (this.list === null) return;
        this.end = this.querySelector<HTMLElement>(".order-end");
        this.told = [...this.list.children] as HTMLElement[];
        this.order = this.told.map((step) => Number(step.dataset.lane));
        this.lanes = JSON.parse(this.dataset.lanes ?? "[]") as string[];
        this.shared = JSON.parse(this.dataset.shared ?? "[]") as string[];
        // The whole story stands there before anybody steps.
        this.path = [...this.order];
        const button = (label: string, press: () => void): HTMLButtonElement => {
            const key = document.createElement("button");
            key.type = "button";
            key.textContent = label;
            key.addEventListener("click", () => {
                if (key.getAttribute("aria-disabled") !== "true") press();
            });
            this.buttons.push(key);
            return key;
        };
        const row = made("div", "player");
        row.append(
            button("Start over", () => this.go([])),
            button("Back", () => this.go(this.path.slice(0, -1))),
            button("Next", () => this.next()),
            button("Order it yourself", () => void this.choose()),
        );
        this.status.setAttribute("role", "status");
        this.choice.hidden = true;
        this.prepend(row, this.choice, this.status);
        this.addEventListener("keydown", (event) => this.press(event));
        this.show();
    }

    private press(event: KeyboardEvent): void {
        if (event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof HTMLButtonElement)) return;
        const keys: Record<string, () => void> = {
            ArrowRight: () => this.next(),
            ArrowLeft: () => this.go(this.path.slice(0, -1)),
            Home: () => this.go([]),
            End: () => this.go(this.order),
        };
        const act = keys[event.key];
        if (act === undefined) return;
        event.preventDefault();
        act();
    }

    /** How many of its steps are those of the order that loses. */
    private common(): number {
        const other = this.path.findIndex((lane, i) => lane !== this.order[i]);
        return other < 0 ? this.path.length : other;
    }

    private next(): void {
        if (this.common() < this.path.length || this.path.length >= this.order.length) return;
        this.go(this.order.slice(0, this.path.length + 1));
    }

    private go(path: number[]): void {
        this.path = [...path];
        this.show();
    }

    /** Fetches what every order does, and begins at the start. */
    private async choose(): Promise<void> {
        try {
            if (this.kept === null) {
                const answer = await fetch(new URL(this.dataset.from ?? "", document.baseURI));
                if (!answer.ok) throw new Error(answer.statusText);
                this.kept = (await answer.json()) as Kept;
            }
        } catch {
            this.status.textContent = "The other orders cannot be fetched now; this one stands below.";
            return;
        }
        this.choice.hidden = false;
        this.go([]);
    }

    /** The places along the path, the first among them. */
    private places(): Place[] {
        const kept = this.kept;
        if (kept === null) return [];
        const places = [kept.places[0]];
        for (const lane of this.path) {
            const move = places[places.length - 1][1][lane];
            if (move === null || move.length < 2) break;
            places.push(kept.places[(move as [number, number])[1]]);
        }
        return places;
    }

    private show(): void {
        const [over, back, next] = this.buttons;
        const common = this.common();
        const isOurs = common < this.path.length;
        const can = (key: HTMLButtonElement, yes: boolean) => key.setAttribute("aria-disabled", String(!yes));
        can(over, this.path.length > 0);
        can(back, this.path.length > 0);
        can(next, !isOurs && this.path.length < this.order.length);
        const places = this.places();
        for (const step of this.querySelectorAll(".of-reader")) step.remove();
        this.told.forEach((step, i) => {
            step.hidden = i >= common;
            step.classList.toggle("is-now", i === this.path.length - 1 && !isOurs && common < this.order.length);
        });
        if (this.kept !== null) {
            for (let i = common; i < this.path.length; i++) this.list?.append(this.item(this.kept, places, i));
        }
        const isWhole = !isOurs && common === this.order.length;
        if (this.end !== null) this.end.hidden = !isWhole;
        this.offers(places);
        this.status.textContent = this.says(places, isOurs, isWhole);
    }

    /** A step that is not one of the story's. */
    private item(kept: Kept, places: Place[], i: number): HTMLElement {
        const lane = this.path[i];
        const [number] = places[i][1][lane] as [number, number];
        const [file, line, code, says] = kept.steps[number];
        const name = kept.files[file].split("/").pop() ?? "";
        const state = made("p", "order-state");
        const [before, after] = [kept.states[places[i][0]], kept.states[places[i + 1][0]]];
        this.shared.forEach((thing, at) => {
            const value = made("b", "", after[at]);
            state.append(made("span", after[at] === before[at] ? "" : "is-new", `${thing} `, value));
        });
        const said = made("p", "", made("b", "", this.lanes[lane]), ` ${says ?? ""}`);
        const where = made("p", "order-code", made("code", "", code), " ", made("span", "order-at", `${name}:${line}`));
        return made("li", `lane-${lane} of-reader`, said, where, state);
    }

    /** A key for each thread that can go on, and where the others are. */
    private offers(places: Place[]): void {
        const kept = this.kept;
        if (kept === null || this.choice.hidden) return;
        const [, moves, end] = places[places.length - 1];
        this.lanes.forEach((lane, i) => {
            let key = this.choice.children[i] as HTMLButtonElement | undefined;
            if (key === undefined) {
                key = document.createElement("button");
                key.type = "button";
                key.addEventListener("click", () => {
                    if (key?.getAttribute("aria-disabled") !== "true") this.go([...this.path, i]);
                });
                this.choice.append(key);
            }
            const move = moves[i];
            const can = move !== null && move.length === 2 && end === undefined;
            const code = move === null ? "" : kept.steps[move[0]][2];
            const what = move === null ? "has ended" : can ? "goes on:" : end === undefined ? "waits:" : "is at:";
            key.replaceChildren(made("b", "", lane), ` ${what} `, ...(code === "" ? [] : [made("code", "", code)]));
            key.setAttribute("aria-disabled", String(!can));
        });
    }

    private says(places: Place[], isOurs: boolean, isWhole: boolean): string {
        if (isWhole) return `All ${this.order.length} steps; at their end it goes wrong.`;
        const end = places.length > this.path.length ? places[this.path.length][2] : undefined;
        const step = this.path.length === 0 ? "Before the first step" : `Step ${this.path.length}`;
        const of = isOurs ? ", an order of your own" : this.path.length === 0 ? "" : ` of ${this.order.length}`;
        if (end === undefined) return `${step}${of}.`;
        return end === "" ? `${step}${of}: all have ended, and nothing is wrong.` : `${step}${of}. Wrong: ${end}.`;
    }
}

if (!customElements.get("losing-order")) customElements.define("losing-order", LosingOrder);

export {};
