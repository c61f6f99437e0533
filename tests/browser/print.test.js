// The book on paper: everything is open, nothing is there twice, and a PDF is made from it.

import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openPrint, pdf } from "./pdf.js";
import { book, browser, pages, serve } from "./support.js";

let server;
let chromium;
let page;
before(async () => {
    server = await serve(book);
    chromium = await browser();
    page = await chromium.newPage();
    await openPrint(page, server.base);
    await page.emulateMedia({ media: "print" });
});
after(async () => {
    await chromium.close();
    await server.close();
});

const visible = (selector) =>
    page.locator(selector).evaluateAll((all) =>
        all.map((one) => one.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true })),
    );

test("every page of the book is on paper", async () => {
    const titles = await page.locator("main h1").allTextContents();
    const others = (await pages()).filter((name) => name !== "print.html");
    assert.equal(titles.length, others.length, titles.join(", "));
});

test("answers, data and both languages are open", async () => {
    for (const selector of [".predict details > p", "figure details table", ".tabs .listing pre"]) {
        const seen = await visible(selector);
        assert.ok(seen.length > 0, selector);
        assert.ok(seen.every(Boolean), `${selector}: ${seen.filter((one) => !one).length} hidden`);
    }
});

test("what only a screen can do is not on paper", async () => {
    const selectors = [".bar", "#contents", ".copy", ".player", ".predict form", "[role=tablist]", ".about", ".scale", ".turns", ".foot"];
    for (const selector of selectors) {
        const seen = await visible(selector);
        assert.ok(!seen.some(Boolean), `${selector} is printed`);
    }
});

test("text on paper is dark on white, whatever the screen had", async () => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const [fg, bg] = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        return [style.color, style.backgroundColor];
    });
    assert.deepEqual([fg, bg], ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
    const link = await page.evaluate(() => getComputedStyle(document.querySelector("figure svg .value")).fill);
    assert.equal(link, "rgb(26, 26, 26)");
});

test("a PDF is made of it, with the contents as bookmarks", async () => {
    const { path, count, outline } = await pdf(chromium, server.base, join(book, "..", "taking-turns.pdf"));
    assert.ok(existsSync(path) && statSync(path).size > 100_000);
    assert.ok(count > 15, `${count} pages`);
    assert.ok(outline, "no bookmarks");
});
