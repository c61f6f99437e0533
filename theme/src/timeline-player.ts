// <timeline-player>: steps through a recorded timeline, moment by moment.
//
// It wraps the static figure, whose attributes have lanes, spans and the window. It never
// plays by itself, and not at all for readers who asked for less motion.

const WORDS: Record<string, string> = {
    running: "on a core",
    holding: "holds the lock",
    "waiting-lock": "waits for the lock",
    "waiting-io": "waits for I/O",
};
const PLAY_MS = 10_000;

interface Span {
    from: number;
    to: number;
    words: string;
}

interface Lane {
    name: string;
    spans: Span[];
}

/** What every lane does at `at`, a share of the window from 0 to 1. */
export function moment(groups: Map<string, Lane[]>, at: number, time: string): string {
    const parts: string[] = [];
    for (const [title, lanes] of groups) {
        const says = lanes.map((lane) => {
            const span = lane.spans.find((span) => span.from <= at && at < span.to);
            return `${lane.name} ${span?.words ?? "off the core"}`;
        });
        parts.push(`${title}: ${says.join(", ")}`);
    }
    return `${time}. ${parts.join(". ")}.`;
}

/** The next moment after `at` at which some lane changes; the end when there is none. */
export function nextEvent(groups: Map<string, Lane[]>, at: number): number {
    let next = 1;
    for (const lane of [...groups.values()].flat()) {
        for (const { from, to } of lane.spans) {
            for (const edge of [from, to]) {
                if (edge > at + 1e-6 && edge < next) next = edge;
            }
        }
    }
    return next;
}

class TimelinePlayer extends HTMLElement {
    private groups = new Map<string, Lane[]>();
    private slider = document.createElement("input");
    private text = document.createElement("output");
    private play = document.createElement("button");
    private cursors: SVGLineElement[] = [];
    private frame = 0;

    connectedCallback(): void {
        if (this.groups.size > 0) return;
        for (const block of this.querySelectorAll<HTMLElement>(".lanes")) this.read(block);
        if (this.groups.size === 0) return;
        this.append(this.controls());
        this.show(0);
    }

    disconnectedCallback(): void {
        this.stop();
    }

    private read(block: HTMLElement): void {
        const svg = block.querySelector("svg");
        const items = [...block.querySelectorAll<HTMLElement>("li[data-spans]")];
        if (svg === null || items.length === 0) return;
        const lanes: Lane[] = items.map((item) => ({
            name: item.textContent ?? "",
            // `start width state;…`, in hundredths of the window.
            spans: (item.dataset.spans ?? "").split(";").filter(Boolean).map((span) => {
                const [start, width, state] = span.split(" ");
                const from = Number(start) / 100;
                return { from, to: from + Number(width) / 100, words: WORDS[state] };
            }),
        }));
        const title = block.previousElementSibling?.textContent ?? "";
        this.groups.set(title, lanes);
        const cursor = document.createElementNS("http://www.w3.org/2000/svg", "line");
        cursor.setAttribute("class", "cursor");
        cursor.setAttribute("y1", "0");
        cursor.setAttribute("y2", "100%");
        svg.append(cursor);
        this.cursors.push(cursor);
    }

    private controls(): HTMLElement {
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
        const next = button("Next event", () => {
            this.stop();
            this.show(nextEvent(this.groups, this.at()));
        });
        this.slider.type = "range";
        this.slider.min = "0";
        this.slider.max = "1000";
        this.slider.step = "1";
        this.slider.value = "0";
        this.slider.setAttribute("aria-label", "Moment");
        this.slider.addEventListener("input", () => {
            this.stop();
            this.show(Number(this.slider.value) / 1000);
        });
        this.text.setAttribute("aria-live", "polite");
        if (!still) row.append(this.play);
        row.append(next, this.slider, this.text);
        return row;
    }

    private position = 0;

    private at(): number {
        return this.position;
    }

    private time(at: number): string {
        const from = Number(this.getAttribute("from-ms"));
        const to = Number(this.getAttribute("to-ms"));
        return `${(from + (to - from) * at).toFixed(1)} ms`;
    }

    private show(at: number): void {
        this.position = at;
        this.slider.value = String(Math.round(at * 1000));
        this.slider.setAttribute("aria-valuetext", this.time(at));
        for (const cursor of this.cursors) {
            cursor.setAttribute("x1", `${at * 100}%`);
            cursor.setAttribute("x2", `${at * 100}%`);
        }
        this.text.textContent = moment(this.groups, at, this.time(at));
    }

    private start(): void {
        const from = this.position >= 1 ? 0 : this.position;
        const began = performance.now();
        // A screen reader would stammer; it hears the moment when the play stops.
        this.text.setAttribute("aria-live", "off");
        this.play.textContent = "Pause";
        const step = (now: number) => {
            const at = Math.min(1, from + (now - began) / PLAY_MS);
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
        this.text.setAttribute("aria-live", "polite");
    }
}

customElements.define("timeline-player", TimelinePlayer);
