// What figures promise the eye: neighbors, names, colors, edges, and what a number tells.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { book, browser, pages, serve } from "./support.js";

let server;
let chromium;
before(async () => {
    server = await serve(book);
    chromium = await browser();
});
after(async () => {
    await chromium?.close();
    await server?.close();
});

const wide = { viewport: { width: 1280, height: 800 } };
const narrow = { viewport: { width: 390, height: 844 } };

async function open(name, options) {
    const context = await chromium.newContext(options);
    const page = await context.newPage();
    await page.goto(server.base + name);
    return page;
}

/** The numbers whose popover lies on their sentence, or off the window. In the page. */
function covered() {
    const faults = [];
    let count = 0;
    for (const button of document.querySelectorAll("main .measured")) {
        if (!button.checkVisibility({ contentVisibilityAuto: true })) continue;
        if (button.closest("details:not([open])")) continue;
        const about = document.getElementById(button.getAttribute("popovertarget"));
        button.scrollIntoView({ block: "center" });
        button.click();
        const box = about.getBoundingClientRect();
        // The text of the paragraph, without what its popovers say.
        let text = "";
        const pieces = [];
        const read = (node) => {
            for (const child of node.childNodes) {
                if (child.nodeType === 3) {
                    pieces.push([text.length, child]);
                    text += child.data;
                } else if (child.nodeType === 1 && !child.hasAttribute("popover")) read(child);
            }
        };
        read(button.closest("p, li, tr, dd, dt, figcaption"));
        const at = pieces.find(([, node]) => button.contains(node))[0];
        const ends = [...text.matchAll(/[.?!:] /g)].map((end) => end.index + 2);
        const from = Math.max(0, ...ends.filter((end) => end <= at));
        const to = Math.min(text.length, ...ends.filter((end) => end > at));
        const isHit = pieces.some(([start, node]) => {
            const [a, z] = [Math.max(from - start, 0), Math.min(to - start, node.data.length)];
            if (a >= z) return false;
            const range = document.createRange();
            range.setStart(node, a);
            range.setEnd(node, z);
            return [...range.getClientRects()].some(
                (line) =>
                    line.width > 1 &&
                    line.left < box.right - 1 &&
                    line.right > box.left + 1 &&
                    line.top < box.bottom - 1 &&
                    line.bottom > box.top + 1,
            );
        });
        const isOff =
            box.width < 50 || box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight;
        if (isHit || isOff) faults.push(`${isHit ? "covered" : "off"}: ${text.slice(from, to)}`);
        about.hidePopover();
        count += 1;
    }
    return { faults, count };
}

for (const options of [{ ...wide, javaScriptEnabled: false }, narrow]) {
    const { width } = options.viewport;
    test(`at ${width} px no popover of a number covers its sentence`, async () => {
        for (const name of ["threads.html", "hundred-urls.html", "switching.html"]) {
            const page = await open(name, options);
            const { faults, count } = await page.evaluate(covered);
            assert.ok(count > 15, `${name}: ${count} numbers`);
            assert.deepEqual(faults, [], name);
            await page.context().close();
        }
    });
}

test("a ratio says what is divided by what, and leads to its data and its program", async () => {
    const page = await open("threads.html", wide);
    const number = page.locator("main > p .measured").first();
    await number.click();
    const about = page.locator(`#${await number.getAttribute("popovertarget")}`);
    assert.match(await about.textContent(), /^Time of “.+”.*, divided by that of “.+”/);
    assert.match(await about.getByRole("link", { name: /^data of/ }).first().getAttribute("href"), /^data\/.*\.csv$/);
    assert.match(await about.getByRole("link", { name: /^examples\// }).getAttribute("href"), /examples\/.*\.rs$/);
    await page.context().close();
});

test("every color of every figure is in the key that the figure opens", async () => {
    for (const name of await pages()) {
        if (name === "print.html") continue;
        const page = await open(name, wide);
        const faults = await page.evaluate(() => {
            const figures = [...document.querySelectorAll("figure.measured-figure")];
            if (figures.length === 0) return [];
            const key = document.querySelector(".colors-key");
            if (key === null) return ["no key"];
            const of = (element) => {
                const style = getComputedStyle(element);
                return element.tagName === "line" || style.fill === "none" ? style.stroke : style.fill;
            };
            const shapes = "rect, path:not(.grid), circle, line.curve, line.rung, line.moment, line.off";
            const known = new Set([...key.querySelectorAll("rect, line")].map(of));
            const faults = [];
            for (const figure of figures) {
                const button = figure.querySelector("button.colors");
                if (button?.getAttribute("popovertarget") !== key.id) faults.push("a figure without its key");
                for (const shape of figure.querySelectorAll(shapes)) {
                    if (!known.has(of(shape))) faults.push(`${of(shape)} of ${shape.getAttribute("class")}`);
                }
                for (const cell of figure.querySelectorAll(".cell")) {
                    const color = getComputedStyle(cell).borderTopColor;
                    if (!known.has(color)) faults.push(`${color} of a cell`);
                }
            }
            return faults;
        });
        assert.deepEqual([...new Set(faults)], [], name);
        await page.context().close();
    }
});

test("the key of colors opens by keyboard and without a script, in words", async () => {
    const page = await open("index.html", { ...narrow, javaScriptEnabled: false });
    const button = page.locator("button.colors").first();
    await button.focus();
    await page.keyboard.press("Enter");
    const key = page.locator(".colors-key");
    assert.equal(await key.isVisible(), true);
    for (const word of ["threads", "processes", "tasks", "Python", "waits for I/O", "off the core"]) {
        assert.match(await key.textContent(), new RegExp(word));
    }
    await page.keyboard.press("Escape");
    assert.equal(await key.isVisible(), false);
    await page.context().close();
});

test("bars that are compared are neighbors: no heading comes twice in a figure", async () => {
    let grouped = 0;
    for (const name of await pages()) {
        if (name === "print.html") continue;
        const page = await open(name, wide);
        const heads = await page.evaluate(() =>
            [...document.querySelectorAll("svg.bars")].map((svg) =>
                [...svg.querySelectorAll(".head")].map((head) => head.textContent),
            ),
        );
        for (const of of heads) assert.equal(new Set(of).size, of.length, `${name}: ${of.join(", ")}`);
        grouped += heads.filter((of) => of.length > 1).length;
        await page.context().close();
    }
    assert.ok(grouped > 10, `${grouped} figures have groups`);
});

test("lines have their names at their ends, and above where the page is narrow", async () => {
    for (const [options, isAtEnds] of [
        [wide, true],
        [narrow, false],
    ]) {
        const page = await open("locks.html", options);
        const plot = page.locator(".plot").first();
        assert.equal(await plot.locator(".ends text").first().isVisible(), isAtEnds);
        assert.equal(await plot.locator(".legend").isVisible(), !isAtEnds);
        const looks = await plot.locator(".legend li").evaluateAll((lines) =>
            lines.map((line) => {
                const { stroke, strokeDasharray } = getComputedStyle(line.querySelector(".curve"));
                return `${stroke} ${strokeDasharray}`;
            }),
        );
        assert.equal(new Set(looks).size, looks.length, "two lines look alike");
        const room = await plot.evaluate((plot) => {
            const right = plot.closest("figure").getBoundingClientRect().right;
            return Math.max(...[...plot.querySelectorAll(".ends text")].map((t) => t.getBoundingClientRect().right)) - right;
        });
        assert.ok(room <= 1, `names stand out by ${room} px`);
        await page.context().close();
    }
});

test("a table that goes on beyond the edge of a telephone shows it, and its rows keep their names", async () => {
    const page = await open("preemptive.html", narrow);
    const wrappers = page.locator("main figure .table-wrapper:visible");
    const index = await wrappers.evaluateAll((all) => all.findIndex((one) => one.scrollWidth > one.clientWidth + 40));
    assert.notEqual(index, -1, "no table is wider than the page");
    const wrapper = wrappers.nth(index);
    await wrapper.scrollIntoViewIfNeeded();
    /** How bright the strip at the right edge is; what fades there leaves the bare page. */
    const edge = async () => {
        const image = (await wrapper.screenshot()).toString("base64");
        return page.evaluate(async (image) => {
            const picture = new Image();
            picture.src = `data:image/png;base64,${image}`;
            await picture.decode();
            const canvas = document.createElement("canvas");
            [canvas.width, canvas.height] = [picture.width, picture.height];
            const context = canvas.getContext("2d");
            context.drawImage(picture, 0, 0);
            const { data } = context.getImageData(picture.width - 4, 0, 4, picture.height);
            return data.reduce((sum, value) => sum + value, 0) / data.length;
        }, image);
    };
    const before = await edge();
    const name = wrapper.locator("tbody th").first();
    const left = (await name.boundingBox()).x;
    await wrapper.evaluate((one) => one.scrollTo(one.scrollWidth, 0));
    const at = await edge();
    assert.ok(before - at > 0.5, `the edge is ${before} while it goes on, ${at} at its end`);
    assert.ok(Math.abs((await name.boundingBox()).x - left) < 2, "the row's name went along");
    await page.context().close();
});

test("no two texts of a verdict's scale overlap, and none hangs out of its card", async () => {
    let heads = 0;
    for (const width of [1280, 1024, 390]) {
        const page = await open("index.html", { viewport: { width, height: 800 } });
        for (const name of await pages()) {
            if (name === "print.html") continue;
            await page.goto(server.base + name);
            const { count, faults } = await page.evaluate(() => {
                const faults = [];
                const seen = [...document.querySelectorAll(".trial-head")].filter((head) => head.checkVisibility());
                for (const head of seen) {
                    const card = head.closest(".verdict").getBoundingClientRect();
                    const texts = [...head.querySelectorAll("span")].filter((text) => text.checkVisibility());
                    const boxes = texts.map((text) => [text.textContent, text.getBoundingClientRect()]);
                    for (const [i, [one, a]] of boxes.entries()) {
                        if (a.left < card.left || a.right > card.right) faults.push(`${one} out of its card`);
                        for (const [other, b] of boxes.slice(i + 1)) {
                            const meet = a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
                            if (meet) faults.push(`${one} over ${other}`);
                        }
                    }
                }
                return { count: seen.length, faults };
            });
            assert.deepEqual(faults, [], `${name} at ${width} px`);
            heads += count;
        }
        await page.context().close();
    }
    assert.ok(heads > 100, `${heads} scales`);
});

test("the numbers of an axis stand apart, and inside the figure", async () => {
    for (const [options, apart] of [
        [wide, 6],
        [narrow, 4],
    ]) {
        const page = await open("index.html", options);
        for (const name of ["threads.html", "preemptive.html", "processes.html", "locks.html", "timelines.html"]) {
            await page.goto(server.base + name);
            const faults = await page.evaluate((apart) => {
                const faults = [];
                for (const svg of document.querySelectorAll("main figure svg[width]")) {
                    const across = svg.closest("figure").getBoundingClientRect();
                    const rows = new Map();
                    for (const tick of svg.querySelectorAll(":scope > .tick")) {
                        const box = tick.getBoundingClientRect();
                        if (box.width === 0) continue;
                        if (box.right > across.right + 1) faults.push(`${tick.textContent} hangs out`);
                        const row = tick.getAttribute("y");
                        rows.set(row, [...(rows.get(row) ?? []), [tick.textContent, box]]);
                    }
                    for (const row of rows.values()) {
                        row.sort(([, a], [, b]) => a.left - b.left);
                        for (const [i, [text, b]] of row.entries()) {
                            if (i === 0) continue;
                            const [before, a] = row[i - 1];
                            if (b.left - a.right < apart) faults.push(`${before} and ${text}: ${(b.left - a.right).toFixed(1)} px`);
                        }
                    }
                }
                return faults;
            }, apart);
            assert.deepEqual(faults, [], `${name} at ${options.viewport.width} px`);
        }
        await page.context().close();
    }
});

test("whiskers of several lines over one case stand side by side, each in its line's color", async () => {
    for (const name of ["threads.html", "locks.html", "hundred-urls.html"]) {
        const page = await open(name, wide);
        const { count, faults } = await page.evaluate(() => {
            const faults = [];
            let count = 0;
            const figures = [...document.querySelectorAll("svg.curves")].filter((svg) => svg.checkVisibility());
            for (const svg of figures) {
                const all = [...svg.querySelectorAll(".whisker")];
                const at = all.map((one) => one.getBoundingClientRect().x.toFixed(1));
                if (new Set(at).size < at.length) faults.push(`${svg.getAttribute("aria-label").slice(0, 40)}: one over another`);
                for (const one of all) {
                    const line = one.parentElement.querySelector(".curve");
                    if (line && getComputedStyle(line).stroke !== getComputedStyle(one).stroke) faults.push("another color");
                }
                count += all.length;
            }
            return { count, faults };
        });
        assert.ok(count > 5, `${name}: ${count} whiskers`);
        assert.deepEqual([...new Set(faults)], [], name);
        await page.context().close();
    }
});

test("what is in words fits a telephone, and a name of a machine is not broken", async () => {
    const page = await open("method.html", narrow);
    const table = page.locator(".table-wrapper", { hasText: "LD_LIBRARY_PATH" });
    const over = await table.evaluate((one) => one.scrollWidth - one.clientWidth);
    assert.ok(over <= 0, `the table is ${over} px wider than the page`);
    await page.goto(`${server.base}work.html`);
    const lines = await page.locator(".verdict .claim .test:visible").evaluateAll((all) => all.map((one) => one.getClientRects().length));
    assert.ok(lines.length > 0 && lines.every((count) => count === 1), lines.join(", "));
    await page.context().close();
});
