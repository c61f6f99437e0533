// The kitchens of the first page, played: dishes fill as they cook, and who is served counts.

import type { Scene } from "./timeline-player";

interface Dish {
    plate: HTMLElement;
    spans: [from: number, to: number][];
    whole: number;
}

interface Kitchen {
    name: string;
    dishes: Dish[];
}

/** What share of its cooking a dish has behind it at `at`, a share of the window. */
export function cooked(dish: Pick<Dish, "spans" | "whole">, at: number): number {
    const done = dish.spans.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(at, to) - from), 0);
    // Spans are written with three digits, and so is their whole.
    return done >= dish.whole - 1e-4 ? 1 : done / dish.whole;
}

export function kitchens(player: HTMLElement): Scene | null {
    const all = [...player.querySelectorAll<HTMLElement>(".kitchen")].map(read);
    if (all.length === 0) return null;
    const counts = all.map(() => 0);
    return {
        next: "Next dish",
        drawings: all.map(({ svg }) => svg),
        show(at) {
            all.forEach(({ dishes }, i) => {
                const shares = dishes.map((dish) => cooked(dish, at));
                counts[i] = shares.filter((share) => share === 1).length;
                dishes.forEach(({ plate }, j) => {
                    plate.style.setProperty("--cooked", `${Math.round(shares[j] * 100)}%`);
                    plate.classList.toggle("served", shares[j] === 1);
                });
            });
        },
        spoken() {
            return `Served: ${all.map(({ name }, i) => `${name} ${counts[i]}`).join(", ")}`;
        },
        edges() {
            const dishes = all.flatMap((kitchen) => kitchen.dishes);
            return dishes.filter((dish) => cooked(dish, 1) === 1).map((dish) => dish.spans.at(-1)?.[1] ?? 1);
        },
    };
}

function read(element: HTMLElement): Kitchen & { svg: SVGSVGElement | null } {
    const plates = [...element.querySelectorAll<HTMLElement>("[data-spans]")];
    return {
        name: element.dataset.name ?? "",
        svg: element.querySelector("svg"),
        dishes: plates.map((plate) => ({
            plate,
            whole: Number(plate.dataset.whole) / 100,
            spans: (plate.dataset.spans ?? "").split(";").filter(Boolean).map((span) => {
                const [start, width] = span.split(" ").map((part) => Number(part) / 100);
                return [start, start + width];
            }),
        })),
    };
}
