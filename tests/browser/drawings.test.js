// What is drawn and not measured: legible on a phone, in every theme, on paper, and in words.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { book, browser, pages, root, serve } from "./support.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const drawn = [];
for (const name of (await pages()).filter((name) => name !== "print.html")) {
    if ((await readFile(join(book, name), "utf8")).includes('class="drawing"')) drawn.push(name);
}

let server;
let chromium;
before(async () => {
    server = await serve(book);
    chromium = await browser();
});
after(async () => {
    await chromium.close();
    await server.close();
});

/** Of every letter and every number of a step: how large it is, and how it stands out. */
function inPictures() {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const color = (text) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const ground = color(getComputedStyle(document.body).backgroundColor);
    const page = ground[3] === 0 ? color(getComputedStyle(document.documentElement).backgroundColor) : ground;
    return [...document.querySelectorAll(".drawing svg")].flatMap((svg) => {
        const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        const shapes = [...svg.querySelectorAll("rect, circle")];
        return [...svg.querySelectorAll("text")].map((text) => {
            const { x, y, width, height } = text.getBoundingClientRect();
            const under = shapes.filter((shape) => {
                const box = shape.getBoundingClientRect();
                const has = box.left <= x + width / 2 && x + width / 2 <= box.right && box.top <= y + height / 2 && y + height / 2 <= box.bottom;
                const isBefore = shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;
                return has && isBefore && getComputedStyle(shape).fill !== "none";
            });
            const back = under.length ? color(getComputedStyle(under.at(-1)).fill) : page;
            const lights = [light(color(getComputedStyle(text).fill)), light(back)].sort((a, b) => a - b);
            const frame = svg.getBoundingClientRect();
            return {
                text: text.textContent,
                size: Number.parseFloat(getComputedStyle(text).fontSize) * scale,
                contrast: (lights[1] + 0.05) / (lights[0] + 0.05),
                outside: Math.max(frame.left - x, x + width - frame.right, frame.top - y, y + height - frame.bottom),
            };
        });
    });
}

test("all drawings are on pages", async () => {
    const files = (await readdir(join(root, "theme", "drawings"))).filter((file) => file.endsWith(".svg"));
    // A workshop shows on slides what the chapters have.
    const chapters = drawn.filter((name) => !name.startsWith("workshop-"));
    const texts = await Promise.all(chapters.map((name) => readFile(join(book, name), "utf8")));
    const count = texts.join("").split('class="drawing"').length - 1;
    assert.equal(count, files.length);
});

for (const name of drawn) {
    for (const width of [390, 1280]) {
        for (const colorScheme of ["light", "dark"]) {
            test(`${name} at ${width} px, ${colorScheme}: drawings are legible and axe finds nothing`, async () => {
                const page = await chromium.newPage({ viewport: { width, height: 900 }, colorScheme });
                await page.goto(server.base + name);
                const all = await page.evaluate(inPictures);
                assert.ok(all.length > 0);
                assert.deepEqual(all.filter(({ size }) => size < 11), [], "small");
                assert.deepEqual(all.filter(({ contrast }) => contrast < 4.5), [], "pale");
                assert.deepEqual(all.filter(({ outside }) => outside > 1), [], "cut off");
                const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                assert.ok(wide <= 0, `${wide} px too wide`);
                await page.locator(".drawing summary").evaluateAll((all) => all.forEach((one) => one.click()));
                await page.evaluate(axe);
                const { violations } = await page.evaluate(() => globalThis.axe.run(".drawing"));
                assert.deepEqual(violations.map((v) => v.id), []);
                await page.close();
            });
        }
    }
}

test("each drawing has a name, its steps in order, and words behind a key", async () => {
    for (const name of drawn) {
        const page = await chromium.newPage({ javaScriptEnabled: false });
        await page.goto(server.base + name);
        for (const drawing of await page.locator(".drawing").all()) {
            const picture = drawing.getByRole("img");
            assert.ok((await picture.getAttribute("aria-label")).length > 20, name);
            const steps = await drawing.locator(".step text").allTextContents();
            const told = await drawing.locator("ol > li").count();
            assert.deepEqual([...new Set(steps)].map(Number).sort(), Array.from({ length: told }, (_, i) => i + 1));
            assert.match(await drawing.locator("figcaption").textContent(), /^Drawing\. /);
            const words = drawing.locator("details p");
            assert.ok(!(await words.isVisible()));
            await drawing.locator("summary").focus();
            await page.keyboard.press("Enter");
            assert.ok(await words.isVisible());
        }
        await page.close();
    }
});

for (const theme of ["rust", "coal", "ayu"]) {
    test(`${theme}: drawings stand out`, async () => {
        const page = await chromium.newPage({ viewport: { width: 1280, height: 900 } });
        for (const name of drawn) {
            await page.goto(server.base + name);
            await page.selectOption("#theme", theme);
            const all = await page.evaluate(inPictures);
            assert.deepEqual(all.filter(({ contrast }) => contrast < 4.5), []);
        }
        await page.close();
    });
}

test("on paper a drawing is whole, its words are open, and its steps stand beside it", async () => {
    const page = await chromium.newPage({ viewport: { width: 700, height: 900 }, colorScheme: "dark" });
    for (const name of drawn) {
        await page.goto(server.base + name);
        await page.emulateMedia({ media: "print" });
        const all = await page.evaluate(inPictures);
        assert.deepEqual(all.filter(({ contrast }) => contrast < 4.5), [], name);
        for (const drawing of await page.locator(".drawing").all()) {
            assert.equal(await drawing.evaluate((one) => getComputedStyle(one).breakInside), "avoid");
            const shown = await drawing.locator("details p").evaluate((p) => p.checkVisibility({ contentVisibilityAuto: true }));
            assert.ok(shown, "words are folded");
            const [picture, steps] = await Promise.all([drawing.locator("svg").boundingBox(), drawing.locator("ol").boundingBox()]);
            assert.ok(steps.x >= picture.x + picture.width, "steps are below");
        }
        await page.emulateMedia({ media: "screen" });
    }
    await page.close();
});
