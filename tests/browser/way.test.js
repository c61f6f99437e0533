// The way through: words that open their definition, and how chapters begin and end.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { book, browser, serve } from "./support.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

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

async function open(name, options = {}) {
    const context = await chromium.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    await page.goto(server.base + name, { waitUntil: "load" });
    return page;
}

for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? "with" : "without";
    test(`a word opens its definition by keyboard, ${how} script, and leads to its entry`, async () => {
        const page = await open("threads.html", { javaScriptEnabled });
        const word = page.locator("main button.term").first();
        const definition = page.locator(`#${await word.getAttribute("popovertarget")}`);
        assert.equal(await definition.isVisible(), false);
        await word.focus();
        await page.keyboard.press("Enter");
        assert.equal(await definition.isVisible(), true);
        assert.match(await definition.innerText(), /^Thread\. /);
        await page.keyboard.press("Escape");
        assert.equal(await definition.isVisible(), false);
        await page.keyboard.press("Enter");
        await page.keyboard.press("Tab");
        await page.keyboard.press("Enter");
        await page.waitForURL(/glossary\.html#thread$/);
        const entry = page.locator("main p:has(#thread)");
        const box = await entry.boundingBox();
        assert.ok(box.y >= 0 && box.y < 900, "the entry is in sight");
        await page.context().close();
    });
}

for (const width of [390, 1280]) {
    for (const colorScheme of ["light", "dark"]) {
        test(`an open definition at ${width} px, ${colorScheme}: axe finds nothing, no overflow`, async () => {
            const page = await open("work.html", { viewport: { width, height: 844 }, colorScheme });
            await page.locator("main button.term").first().click();
            await page.evaluate(axe);
            const { violations } = await page.evaluate(() => globalThis.axe.run(document));
            assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].html}`), []);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(wide <= 0, `${wide} px too wide`);
            await page.context().close();
        });
    }
}

test("punctuation behind a word that opens its definition stays on the word's line", async () => {
    const page = await open("index.html");
    for (let width = 340; width <= 700; width += 12) {
        await page.setViewportSize({ width, height: 900 });
        const parted = await page.evaluate(() => {
            const range = document.createRange();
            return [...document.querySelectorAll("main .used")].filter((used) => {
                range.selectNodeContents(used.lastChild);
                const tail = range.getBoundingClientRect();
                const word = used.firstChild.getBoundingClientRect();
                return tail.width > 0 && tail.top > word.bottom;
            }).length;
        });
        assert.equal(parted, 0, `at ${width} px`);
    }
    await page.context().close();
});

test("on paper a word is a word, and no definition stands in its sentence", async () => {
    const page = await open("threads.html");
    await page.emulateMedia({ media: "print" });
    const shown = await page.locator("main .definition").evaluateAll(
        (all) => all.filter((one) => getComputedStyle(one).display !== "none").length,
    );
    assert.equal(shown, 0);
    const word = page.locator("main button.term").first();
    assert.equal(await word.evaluate((one) => getComputedStyle(one).textDecorationLine), "none");
    await page.context().close();
});

test("how a chapter begins fits the first screen of a phone", async () => {
    const page = await open("threads.html", { viewport: { width: 390, height: 844 } });
    const box = await page.locator("dl.begin").boundingBox();
    assert.ok(box.y + box.height < 844, `it ends at ${box.y + box.height} px`);
    await page.context().close();
});
