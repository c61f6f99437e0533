// The book in another language: what it says of itself, where it leads, and that it fits.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { book, browser, serve } from "./support.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const names = (await readdir(join(book, "de"))).filter((name) => name.endsWith(".html"));

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
    const context = await chromium.newContext(options);
    const page = await context.newPage();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("response", (response) => {
        if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(server.base + name, { waitUntil: "load" });
    return { page, complaints, close: () => context.close() };
}

test("front page, Two kinds of work and Threads are there in German", () => {
    assert.deepEqual(names.sort(), ["index.html", "threads.html", "work.html"]);
});

for (const name of names) {
    for (const width of [390, 1280]) {
        for (const colorScheme of ["light", "dark"]) {
            test(`de/${name} at ${width} px, ${colorScheme}: fits, complains of nothing, axe finds nothing`, async () => {
                const options = { viewport: { width, height: 900 }, colorScheme };
                const { page, complaints, close } = await open(`de/${name}`, options);
                const wide = await page.evaluate(() => {
                    for (const fold of document.querySelectorAll("main details")) fold.open = true;
                    return document.documentElement.scrollWidth - innerWidth;
                });
                assert.ok(wide <= 0, `${wide} px too wide`);
                await page.addScriptTag({ content: axe });
                const { violations } = await page.evaluate(() => globalThis.axe.run());
                const told = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`);
                assert.deepEqual(told, []);
                assert.deepEqual(complaints, []);
                await close();
            });
        }
    }

    test(`de/${name} says that it is German, and what on it and behind its links is English`, async () => {
        const { page, close } = await open(`de/${name}`);
        assert.equal(await page.getAttribute("html", "lang"), "de");
        const unmarked = await page.$$eval("a[href^='../']", (links) =>
            links.filter((a) => /\.html(#|$)/.test(a.getAttribute("href")) && a.hreflang !== "en").length);
        assert.equal(unmarked, 0);
        assert.equal(await page.locator(".untranslated").count(), 0, "something is not translated");
        await close();
    });

    test(`de/${name} and the original lead to each other, for readers and for search engines`, async () => {
        const german = await open(`de/${name}`);
        await german.page.click("a.language");
        assert.equal(german.page.url(), server.base + name);
        assert.equal(await german.page.getAttribute("html", "lang"), "en");
        await german.page.click("a.language");
        assert.equal(german.page.url(), `${server.base}de/${name}`);
        const told = await german.page.$$eval("link[rel=alternate][hreflang]", (all) => all.map((l) => l.hreflang));
        assert.deepEqual(told, ["en", "de"]);
        await german.close();
    });
}

test("a number has a comma, and the same number as in English; a version keeps its point", async () => {
    const numbers = (page) => page.$$eval("main button.measured", (all) => all.map((b) => b.textContent.trim()));
    const english = await open("threads.html");
    const german = await open("de/threads.html");
    const [en, de] = [await numbers(english.page), await numbers(german.page)];
    assert.equal(de.length, en.length);
    assert.ok(en.some((text) => text.includes(".")) && !de.some((text) => /\d\.\d/.test(text)), de.join(" | "));
    assert.deepEqual(de.map((text) => text.replaceAll(",", ".")).sort(), en.sort());
    assert.ok((await german.page.textContent("main")).includes("Python 3.11"));
    await english.close();
    await german.close();
});

test("an address of a place leads to the same place in both languages", async () => {
    const ids = (page) => page.$$eval("main h2, main h3", (all) => all.map((h) => h.id).filter(Boolean));
    const english = await open("threads.html");
    const german = await open("de/threads.html");
    assert.deepEqual(await ids(german.page), await ids(english.page));
    await english.close();
    await german.close();
});
