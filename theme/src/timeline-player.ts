// <timeline-player>: plays a recorded timeline, and steps through it moment by moment.
//
// It wraps the static figure, whose attributes have lanes, spans and the window. It never
// plays by itself, and not at all for readers who asked for less motion. What it says of a
// moment is short, and no live region: a reader hears it of the slider, when they move it.

import { kitchens } from "./kitchens";

const PLAY_MS = 10_000;
/** Longer lists of names are a count. */
const NAMES = 3;
/** A step that is shorter, a share of the window, could not be seen. */
const STEP = 1 / 200;

/** What a player plays: lanes beneath each other, or the kitchens of the first page. */
export interface Scene {
    /** What the button that steps is called. */
    next: string;
    drawings: (SVGSVGElement | null)[];
    show(at: number): void;
    /** The moment in a few words. */
    spoken(): string;
    /** The moments at which something changes. */
    edges(): number[];
}

interface Lane {
    name: string;
    spans: { from: number; to: number; state: string }[];
}

/** Who has a core at `at`, or who has the lock, in a few words. */
export function moment(lanes: Lane[], at: number): string {
    const at_it = (state: string) => {
        const is = (lane: Lane) => lane.spans.find(({ from, to }) => from <= at && at < to)?.state === state;
        return lanes.filter(is).map((lane) => lane.name);
    };
    const says = (names: string[], what: string) =>
        names.length === 0 ? [] : [`${names.length > NAMES ? names.length : names.join(", ")} ${what}`];
    const parts = [...says(at_it("holding"), "with the lock"), ...says(at_it("running"), "on a core")];
    return parts.join(", ") || "none on a core";
}

function lanes(player: HTMLElement): Scene | null {
    const blocks = [...player.querySelectorAll<HTMLElement>(".lanes")].map((block) => ({
        lanes: [...block.querySelectorAll<HTMLElement>("li[data-spans]")].map(
            (item): Lane => ({
                name: item.textContent ?? "",
                // `start width state;…`, in hundredths of the window.
                spans: (item.dataset.spans ?? "").split(";").filter(Boolean).map((span) => {
                    const [start, width, state] = span.split(" ");
                    const from = Number(start) / 100;
                    return { from, to: from + Number(width) / 100, state };
                }),
            }),
        ),
        title: block.previousElementSibling,
        svg: block.querySelector("svg"),
    }));
    const groups = blocks.filter(({ lanes }) => lanes.length > 0);
    if (groups.length === 0) return null;
    const says = groups.map(({ title }) => {
        const now = document.createElement("span");
        now.className = "now";
        title?.append(now);
        return now;
    });
    return {
        next: "Next event",
        drawings: groups.map(({ svg }) => svg),
        show(at) {
            // At its end the whole story stands there, and no moment of it.
            groups.forEach(({ lanes }, i) => (says[i].textContent = at < 1 ? moment(lanes, at) : ""));
        },
        spoken: () => says.map((now) => now.textContent).filter(Boolean).join("; ") || "The end",
        edges: () => groups.flatMap(({ lanes }) => lanes).flatMap(({ spans }) => spans.flatMap(({ from, to }) => [from, to])),
    };
}

class TimelinePlayer extends HTMLElement {
    private scene: Scene | null = null;
    private slider = document.createElement("input");
    private clock = document.createElement("span");
    private play = document.createElement("button");
    private marks: { cursor: SVGElement; veil: SVGElement }[] = [];
    private position = 0;
    private frame = 0;

    connectedCallback(): void {
        if (this.scene !== null) return;
        const scene = kitchens(this) ?? lanes(this);
        if (scene === null) return;
        this.scene = scene;
        for (const svg of scene.drawings) if (svg !== null) this.mark(svg);
        this.prepend(this.controls(scene));
        // The whole story stands there before anybody plays it.
        this.show(1);
    }

    disconnectedCallback(): void {
        this.stop();
    }

    /** A line at the moment, and a veil over what is still to come. */
    private mark(svg: SVGSVGElement): void {
        const add = (name: string, attributes: Record<string, string>) => {
            const made = document.createElementNS("http://www.w3.org/2000/svg", name);
            for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
            svg.append(made);
            return made;
        };
        const veil = add("rect", { class: "veil", y: "0", height: "100%" });
        const cursor = add("line", { class: "cursor", y1: "0", y2: "100%" });
        this.marks.push({ cursor, veil });
    }

    private controls(scene: Scene): HTMLElement {
        const row = document.createElement("div");
        row.className = "player";
        const button = (label: string, press: () => void): HTMLButtonElement => {
            const made = document.createElement("button");
            made.type = "button";
            made.textContent = label;
            made.addEventListener("click", press);
            return made;
        };
        this.play = button("Play", () => (this.frame === 0 ? this.start() : this.stop()));
        const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
        const next = button(scene.next, () => {
            this.stop();
            const at = this.position >= 1 ? 0 : this.position;
            const seen = scene.edges().filter((edge) => edge >= at + STEP && edge <= 1 - STEP);
            this.show(Math.min(1, ...seen));
        });
        this.slider.type = "range";
        this.slider.min = "0";
        this.slider.max = "1000";
        this.slider.step = "1";
        this.slider.setAttribute("aria-label", "Moment");
        this.slider.addEventListener("input", () => {
            this.stop();
            this.show(Number(this.slider.value) / 1000);
        });
        const text = document.createElement("p");
        const time = document.createElement("b");
        time.append(this.clock);
        text.append(time);
        if (!still) row.append(this.play);
        row.append(next, this.slider, text);
        return row;
    }

    private time(at: number): string {
        const from = Number(this.getAttribute("from-ms"));
        const to = Number(this.getAttribute("to-ms"));
        return `${(from + (to - from) * at).toFixed(1)} ms`;
    }

    private show(at: number): void {
        this.position = at;
        this.slider.value = String(Math.round(at * 1000));
        for (const { cursor, veil } of this.marks) {
            cursor.style.visibility = at < 1 ? "visible" : "hidden";
            cursor.setAttribute("x1", `${at * 100}%`);
            cursor.setAttribute("x2", `${at * 100}%`);
            veil.setAttribute("x", `${at * 100}%`);
            veil.setAttribute("width", `${(1 - at) * 100}%`);
        }
        this.clock.textContent = this.time(at);
        this.scene?.show(at);
        // It would only stammer while it plays.
        if (this.frame === 0) this.tell();
    }

    private tell(): void {
        this.slider.setAttribute("aria-valuetext", `${this.time(this.position)}. ${this.scene?.spoken()}.`);
    }

    private start(): void {
        const from = this.position >= 1 ? 0 : this.position;
        const began = performance.now();
        this.play.textContent = "Pause";
        this.scrollIntoView({ behavior: "smooth", block: "nearest" });
        this.classList.add("plays");
        const step = (now: number) => {
            const at = Math.min(1, from + Math.max(0, now - began) / PLAY_MS);
            this.show(at);
            if (at < 1) this.frame = requestAnimationFrame(step);
            else this.stop();
        };
        this.frame = requestAnimationFrame(step);
    }

    private stop(): void {
        cancelAnimationFrame(this.frame);
        this.frame = 0;
        this.play.textContent = "Play";
        this.classList.remove("plays");
        if (this.scene !== null) this.tell();
    }
}

customElements.define("timeline-player", TimelinePlayer);
