// The cost model, compiled from the same Rust that answers in a terminal (theme/choose). Numbers
// go in, text comes out.

/** What the model knows by name. */
export interface About {
    /** A digest of the sources that it is made of. */
    sources: string;
    /** A job's numbers, and the constants that it asks for, in its order. */
    fields: (keyof Job)[];
    costs: string[];
}

export interface Job {
    items: number;
    cpu_ns: number;
    wait_ns: number;
    at_once: number;
    bytes_in: number;
    bytes_out: number;
    cores: number;
    /** 0 for whatever it takes. */
    memory_bytes: number;
}

export type Language = "rust" | "python";

/** A model, and what the job comes to in it: in numbers, and in words. */
export interface Estimate {
    model: string;
    label: string;
    time_ns: number;
    said: { time: string; cpu: string; memory: string; size: string; binds: string; reason: string; two_hosts: string };
}

export interface Found {
    /** The best first. */
    models: Estimate[];
    /** Where another one becomes the best. */
    turns: { says: string }[];
}

/** Why there is none, and the field of the job at which that stands. */
export interface Refused {
    refused: string;
    field: string;
}

export type Answer = Found | Refused;

interface Exports {
    memory: WebAssembly.Memory;
    room(count: number): number;
    tell_about(): number;
    answer(): number;
    text(): number;
}

/** A machine's constants by name. One that it lacks is one that the model does without. */
export type Costs = Record<string, number | null | undefined>;

export class Engine {
    readonly about: About;

    private constructor(private readonly its: Exports) {
        this.about = JSON.parse(this.text(its.tell_about()));
    }

    static async of(bytes: BufferSource): Promise<Engine> {
        const { instance } = await WebAssembly.instantiate(bytes);
        return new Engine(instance.exports as unknown as Exports);
    }

    static async fetched(url: string): Promise<Engine> {
        // Of another build it would answer otherwise than the pages.
        const answer = await fetch(url, { cache: "no-cache" });
        if (!answer.ok) throw new TypeError(`${answer.status} for ${url}`);
        // Not streamed: servers that do not know the type of the file are answered, too.
        return Engine.of(await answer.arrayBuffer());
    }

    ask(job: Job, language: Language, costs: Costs): Answer {
        return JSON.parse(this.said(this.numbers(job, language, costs)));
    }

    /** What is asked, in the order in which the model takes it. */
    numbers(job: Job, language: Language, costs: Costs): number[] {
        return [
            ...this.about.fields.map((field) => job[field]),
            job.memory_bytes,
            language === "rust" ? 0 : 1,
            ...this.about.costs.map((name) => costs[name] ?? Number.NaN),
        ];
    }

    /** What the model says to that, as it says it. */
    said(numbers: number[]): string {
        const at = this.its.room(numbers.length);
        new Float64Array(this.its.memory.buffer, at, numbers.length).set(numbers);
        return this.text(this.its.answer());
    }

    private text(length: number): string {
        return new TextDecoder().decode(new Uint8Array(this.its.memory.buffer, this.its.text(), length));
    }
}
