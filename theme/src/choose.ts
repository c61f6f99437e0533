// The form on the page about choosing: a job in, the models ranked. The model is the terminal's
// own (engine.ts). Nothing is sent; a job is in the address, behind its `#`, so that it can be
// shared. A bundle of its own, fetched by that page alone (choosing.ts).

import { Engine, type Answer, type Costs, type Estimate, type Found, type Job, type Language } from "./engine";
import { typed } from "./predict";
import { recall } from "./store";

/** What press has written down for the form (`{{#choose}}`). */
interface Known {
    reference: string;
    machines: { name: string; title: string; cores: number; costs: Costs; borrowed: string[] }[];
    /** How far off the model was on the jobs kept aside, as pages print it. */
    error: { machine: string; language: Language; median: string; p90: string; best_named: string | null }[];
    jobs: (Job & { id: string; name: string; words: string })[];
}

type Asked = Language | "both";

/** As it is shown, as a terminal takes it, and how many of the model's own. */
type Unit = [shown: string, written: string, factor: number];

const TIMES: Unit[] = [
    ["ns", "ns", 1],
    ["µs", "us", 1e3],
    ["ms", "ms", 1e6],
    ["s", "s", 1e9],
];
const SIZES: Unit[] = [
    ["B", "B", 1],
    ["kB", "kB", 1e3],
    ["MB", "MB", 1e6],
];

const MEMORY: Unit[] = [
    ["MB", "MB", 1e6],
    ["GB", "GB", 1e9],
];

interface Field {
    of: keyof Job;
    /** The terminal's option, and the name in the address. */
    option: string;
    label: string;
    hint: string;
    units?: Unit[];
    first: string;
}

const FIELDS: Field[] = [
    { of: "cpu_ns", option: "cpu", label: "CPU per item", hint: "on one core", units: TIMES, first: "5ms" },
    { of: "wait_ns", option: "wait", label: "Waiting per item", hint: "disk, server, timer", units: TIMES, first: "100ms" },
    { of: "items", option: "items", label: "Items", hint: "pages, requests, pictures", first: "1000" },
    { of: "at_once", option: "at-once", label: "At once, at most", hint: "the other side allows", first: "200" },
    { of: "bytes_in", option: "bytes-in", label: "Bytes in", hint: "per item, handed over", units: SIZES, first: "1kB" },
    { of: "bytes_out", option: "bytes-out", label: "Bytes out", hint: "per item, handed back", units: SIZES, first: "1kB" },
    { of: "cores", option: "cores", label: "Cores", hint: "or a quota, such as 1.5", first: "4" },
    { of: "memory_bytes", option: "memory", label: "Memory", hint: "0 for whatever it takes", units: MEMORY, first: "0MB" },
];

const LANGUAGES: [Asked, string][] = [
    ["both", "Both"],
    ["rust", "Rust"],
    ["python", "Python"],
];

/** What an address has behind its `#`, before a job. */
const MARK = "#job:";
/** So many times as long as the best's the longest bar may be, or the short ones would be dots. */
const LONGEST = 8;
/** How long nothing is typed before it is read out and kept in the address. */
const PAUSE_MS = 500;
/** How long nothing is typed before it is asked about. */
const TYPING_MS = 150;

function made<K extends keyof HTMLElementTagNameMap>(
    name: K,
    attributes: Record<string, string> = {},
    ...inside: (Node | string)[]
): HTMLElementTagNameMap[K] {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...inside);
    return element;
}

export async function form(place: HTMLElement): Promise<void> {
    const known = JSON.parse(place.dataset.choosing ?? "") as Known;
    const engine = await Engine.fetched(new URL(place.dataset.engine ?? "", document.baseURI).href);
    new Form(place, known, engine);
}

/** “5ms” as a number and its unit, for a field of these units. */
export function parted(text: string, units: Unit[]): [string, string] | undefined {
    const found = /^\s*([\d.,\s]*?)\s*([a-zµ]*)\s*$/i.exec(text);
    const unit = units.find(([shown, written]) => found?.[2] === shown || found?.[2] === written);
    return found && unit ? [found[1] ?? "", unit[1]] : undefined;
}

/** A number of the model's, in the greatest unit that has it in few digits. */
export function written(value: number, units?: Unit[]): string {
    if (units === undefined) return String(value);
    const short = (of: number) => String(value / of).length <= 5;
    const fit = [...units].reverse().find(([, , factor]) => value >= factor && short(factor)) ?? units[0];
    return fit === undefined ? String(value) : `${value / fit[2]}${fit[1]}`;
}

class Input {
    readonly whole: HTMLElement;
    private readonly input: HTMLInputElement;
    private readonly unit?: HTMLSelectElement;
    private readonly below: HTMLElement;

    constructor(readonly field: Field) {
        const id = `choose-${field.option}`;
        this.input = made("input", {
            id,
            inputmode: "decimal",
            autocomplete: "off",
            spellcheck: "false",
            "aria-describedby": `${id}-about`,
        });
        // Not a field for numbers: where the browser's language has a point, it drops a comma.
        this.input.type = "text";
        this.below = made("span", { id: `${id}-about`, class: "about-field" }, field.hint);
        const typed = made("span", { class: "typed" }, this.input);
        if (field.units !== undefined) {
            this.unit = made("select", { "aria-label": `${field.label}, unit` });
            for (const [shown, written] of field.units) this.unit.append(new Option(shown, written));
            typed.append(this.unit);
        }
        this.whole = made("div", { class: "field" }, made("label", { for: id }, field.label), typed, this.below);
        this.text = field.first;
    }

    /** As a terminal takes it: “5ms”. */
    get text(): string {
        return this.input.value.trim() + (this.unit?.value ?? "");
    }

    set text(text: string) {
        const both = this.field.units && parted(text, this.field.units);
        this.input.value = both ? both[0] : text;
        if (both && this.unit) this.unit.value = both[1];
    }

    /** In the model's own unit, to a whole one where it has one. */
    get value(): number | undefined {
        const value = typed(this.input.value);
        const unit = this.field.units?.find(([, written]) => written === this.unit?.value);
        return value === undefined || unit === undefined ? value : Math.round(value * unit[2]);
    }

    /** What is wrong with it stands where the hint was, so that nothing moves. */
    tell(wrong?: string): void {
        this.below.textContent = wrong ?? this.field.hint;
        this.whole.classList.toggle("mistaken", wrong !== undefined);
        if (wrong === undefined) this.input.removeAttribute("aria-invalid");
        else this.input.setAttribute("aria-invalid", "true");
    }
}

class Form {
    private readonly inputs = FIELDS.map((field) => new Input(field));
    private readonly language = choice("language", LANGUAGES);
    private readonly machine: HTMLSelectElement;
    private readonly presets: HTMLButtonElement[];
    private readonly said = made("p", { role: "status", class: "heard" });
    private readonly first = made("p", { class: "chosen" });
    private readonly lists = made("div", { class: "ranked" });
    private readonly turns = made("ul", { class: "turns-of", "aria-labelledby": "choose-turns" });
    private readonly off = made("p", { class: "off" });
    private readonly command = made("code");
    private readonly result = made("div", { class: "result", role: "group", "aria-label": "What it costs" });
    private typing = 0;
    private pause = 0;

    constructor(
        place: HTMLElement,
        private readonly known: Known,
        private readonly engine: Engine,
    ) {
        const names = known.machines.map(({ name, title }): [string, string] => [name, title]);
        this.machine = choice("machine", names);
        this.machine.value = this.likely();
        this.presets = known.jobs.map((job) => {
            const button = made("button", { type: "button", "aria-pressed": "false", title: job.words }, job.name);
            button.addEventListener("click", () => {
                this.take(job);
                this.changed();
            });
            return button;
        });
        const fields = made(
            "div",
            { class: "fields" },
            ...this.inputs.map(({ whole }) => whole),
            labelled("Language", this.language, "each with this CPU"),
            labelled("Machine", this.machine, "whose constants"),
        );
        // No form in HTML's sense: there is nothing to submit.
        const asked = made(
            "div",
            { class: "your-job", role: "group", "aria-label": "Your job" },
            made("fieldset", { class: "presets" }, made("legend", {}, "A job like"), ...this.presets),
            fields,
        );
        asked.addEventListener("input", ({ target }) => {
            // An answer takes a tenth of a second, and on a phone more: not one for each key.
            clearTimeout(this.typing);
            this.result.setAttribute("aria-busy", "true");
            this.typing = setTimeout(() => this.changed(), target instanceof HTMLInputElement ? TYPING_MS : 0);
        });
        this.result.append(
            this.first,
            this.lists,
            made("p", { class: "of", id: "choose-turns" }, "Where another one becomes the best"),
            this.turns,
            this.off,
            made("p", { class: "command" }, "In a terminal: ", this.command),
        );
        place.prepend(asked, this.result, this.said);
        addEventListener("hashchange", () => {
            if (this.read()) this.show();
        });
        const isShared = this.read();
        this.show();
        if (isShared) place.scrollIntoView();
    }

    /** The machine whose figures the reader has chosen, the reader's own, or the reference. */
    private likely(): string {
        const has = (name: string | null) => this.known.machines.some((machine) => machine.name === name);
        const chosen = recall("machine");
        if (chosen !== null && has(chosen)) return chosen;
        return has("local") ? "local" : this.known.reference;
    }

    private take(job: Known["jobs"][number]): void {
        for (const input of this.inputs) input.text = written(job[input.field.of], input.field.units);
    }

    /** By the reader's hand: said and kept when no more is typed. */
    private changed(): void {
        const said = this.show();
        clearTimeout(this.pause);
        this.pause = setTimeout(() => {
            this.said.textContent = said;
            history.replaceState(history.state, "", MARK + this.address());
        }, PAUSE_MS);
    }

    private address(): string {
        const asked = new URLSearchParams(this.inputs.map(({ field, text }) => [field.option, text]));
        asked.set("language", this.language.value);
        asked.set("machine", this.machine.value);
        return asked.toString();
    }

    /** The job in the page's address, if there is one. What is not understood stays as it is. */
    private read(): boolean {
        if (!location.hash.startsWith(MARK)) return false;
        const asked = new URLSearchParams(location.hash.slice(MARK.length));
        for (const input of this.inputs) {
            const text = asked.get(input.field.option);
            if (text !== null) input.text = text.slice(0, 20);
        }
        for (const [name, select] of Object.entries({ language: this.language, machine: this.machine })) {
            const value = asked.get(name);
            if (value !== null && [...select.options].some((option) => option.value === value)) select.value = value;
        }
        return true;
    }

    private get machineAsked(): Known["machines"][number] | undefined {
        return this.known.machines.find(({ name }) => name === this.machine.value);
    }

    private get languages(): Language[] {
        const asked = this.language.value as Asked;
        return asked === "both" ? ["rust", "python"] : [asked];
    }

    /** Asks the model and shows what it says. Returns it in a sentence. */
    private show(): string {
        clearTimeout(this.typing);
        this.result.removeAttribute("aria-busy");
        const job: Partial<Job> = {};
        let wrong: string | undefined;
        for (const input of this.inputs) {
            const { value } = input;
            const isOne = value !== undefined;
            input.tell(isOne ? undefined : `A number, such as ${/[\d.]+/.exec(input.field.first)?.[0]}`);
            if (isOne) job[input.field.of] = value;
            else wrong ??= `${input.field.label}: a number is needed`;
        }
        const answers: [Language, Answer][] = [];
        if (wrong === undefined) {
            for (const language of this.languages) {
                answers.push([language, this.engine.ask(job as Job, language, this.machineAsked?.costs ?? {})]);
            }
        }
        for (const [, answer] of answers) {
            if (!("refused" in answer)) continue;
            const input = this.inputs.find(({ field }) => field.of === answer.field);
            input?.tell(answer.refused);
            // A machine whose records are not enough.
            if (input === undefined) this.first.textContent = answer.refused;
            wrong ??= input === undefined ? answer.refused : `${input.field.label}: ${answer.refused}`;
        }
        for (const [i, button] of this.presets.entries()) button.setAttribute("aria-pressed", String(this.isOf(i)));
        this.result.classList.toggle("old", wrong !== undefined);
        // The last answer stays, pale, until there is another.
        if (wrong !== undefined) return wrong;
        return this.tell(answers.flatMap(([of, answer]) => ("refused" in answer ? [] : [{ of, ...answer }])));
    }

    private isOf(preset: number): boolean {
        const job = this.known.jobs[preset];
        return this.inputs.every((input) => input.value === job?.[input.field.of]);
    }

    private tell(answers: ({ of: Language } & Found)[]): string {
        const best = answers.flatMap(({ of, models: [best] }) => (best === undefined ? [] : [{ of, best }]));
        const name = ({ of, best }: { of: Language; best: Estimate }) => `${called(of)}: ${best.label}, ${best.said.time}.`;
        this.first.replaceChildren(
            ...best.map((one) => made("span", {}, made("b", {}, name(one)), ` ${one.best.said.reason}`)),
        );
        const times = answers.flatMap(({ models }) => models.map(({ time_ns }) => time_ns));
        const widest = Math.min(Math.max(...times), LONGEST * Math.min(...times));
        const open = new Set([...this.lists.querySelectorAll<HTMLElement>("details[open]")].map((one) => one.dataset.model));
        this.lists.replaceChildren(
            ...answers.map(({ of, models }) => {
                const rows = models.map((one) => row(one, of, widest, open.has(one.model)));
                const id = `choose-models-${of}`;
                return made(
                    "div",
                    {},
                    made("p", { id, class: "of" }, `${called(of)}, the best first`),
                    made("ol", { "aria-labelledby": id }, ...rows),
                );
            }),
        );
        this.turns.replaceChildren(...answers.flatMap(({ of, turns }) => turns.map(({ says }) => made("li", {}, `${called(of)}: ${says}`))));
        const off = answers.map(({ of }) => this.howFar(of)).filter((text) => text !== "");
        if (off.length > 0) off.unshift("How far off this was on the jobs kept aside.");
        const borrowed = this.machineAsked?.borrowed.length ?? 0;
        if (borrowed > 0) {
            const them = borrowed === 1 ? "One constant is" : `${borrowed} constants are`;
            off.push(`${them} of ${this.title(this.known.reference)}, for want of a record.`);
        }
        this.off.textContent = off.join(" ");
        this.command.textContent = [
            "cargo book choose",
            ...this.inputs.map(({ field, text }) => `--${field.option} ${text}`),
            `--language ${this.language.value}`,
            `--machine ${this.machine.value}`,
        ].join(" ");
        return best.map((one) => `${name(one)} ${one.best.said.reason}`).join(" ");
    }

    /** The model's error, on the machine that is asked about or on the one that has been tried. */
    private howFar(language: Language): string {
        const all = this.known.error.filter((error) => error.language === language);
        const error = all.find(({ machine }) => machine === this.machine.value) ?? all[0];
        if (error === undefined) return "";
        const best = error.best_named === null ? "" : `; the best model, or one as good, named in ${error.best_named}`;
        // Nobody ran the jobs on fewer cores than the machine has, or on more.
        const cores = this.known.machines.find(({ name }) => name === error.machine)?.cores;
        const asked = this.inputs.find(({ field }) => field.of === "cores")?.value;
        const there = cores === undefined || cores === asked ? "" : ` with its ${cores} cores`;
        const where = `${called(language)}, ${this.title(error.machine)}${there}`;
        return `${where}: half within ${error.median}, nine in ten within ${error.p90}${best}.`;
    }

    private title(machine: string): string {
        return this.known.machines.find(({ name }) => name === machine)?.title ?? machine;
    }
}

const called = (language: Language) => (language === "rust" ? "Rust" : "Python");

/** In which color it is in all figures. */
function kind(model: string): string {
    if (/in_turn$/.test(model)) return "alone";
    if (/process/.test(model)) return "process";
    return /tokio|asyncio|to_thread/.test(model) ? "task" : "thread";
}

/** A model's line: its name, its time as a bar, what it takes; why, when it is opened. */
function row(one: Estimate, of: Language, widest: number, isOpen: boolean): HTMLElement {
    const { said } = one;
    // Filled for Rust, outlined for Python, in the colors of all figures.
    const bar = made("span", { class: `cell ${kind(one.model)}${of === "python" ? " hollow" : ""}`, "aria-hidden": "true" });
    bar.style.setProperty("--from", "0%");
    bar.style.setProperty("--share", `${Math.min(100, (100 * one.time_ns) / widest)}%`);
    bar.classList.toggle("goes-on", one.time_ns > widest);
    const rest = `CPU ${said.cpu}, memory ${said.memory}, size ${said.size}. Binds: ${said.binds}. Two hosts: ${said.two_hosts}. `;
    const summary = made(
        "summary",
        {},
        made("b", {}, one.label),
        " ",
        made("span", { class: "time" }, said.time),
        " ",
        bar,
        made("span", { class: "rest" }, rest, made("span", { class: "why" }, "Why")),
    );
    const fold = made("details", { "data-model": one.model }, summary, made("p", {}, said.reason));
    fold.open = isOpen;
    return made("li", {}, fold);
}

function choice(name: string, options: [string, string][]): HTMLSelectElement {
    const select = made("select", { id: `choose-${name}`, "aria-describedby": `choose-${name}-about` });
    for (const [value, text] of options) select.append(new Option(text, value));
    return select;
}

function labelled(label: string, select: HTMLSelectElement, hint: string): HTMLElement {
    const about = made("span", { id: `${select.id}-about`, class: "about-field" }, hint);
    return made("div", { class: "field" }, made("label", { for: select.id }, label), select, about);
}
