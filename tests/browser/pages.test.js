// Every page, at two widths, light and dark, with and without script.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { audits, book, browser, pages, reference, serve } from "./support.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const widths = [390, 1280];
const schemes = ["light", "dark"];

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

/** Opens a page and collects what it complains about. */
async function open(name, options) {
    const context = await chromium.newContext(options);
    const page = await context.newPage();
    const complaints = [];
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
        if (!request.url().startsWith(server.base)) complaints.push(`asks for ${request.url()}`);
    });
    page.on("response", (response) => {
        if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(server.base + name, { waitUntil: "load" });
    return { page, complaints, close: () => context.close() };
}

/** What a page is wider than its window, in pixels, once each of its folds is open. */
function openedIsWide() {
    for (const fold of document.querySelectorAll("main details")) fold.open = true;
    return Math.max(0, document.documentElement.scrollWidth - innerWidth);
}

for (const name of await pages()) {
    for (const width of widths) {
        for (const colorScheme of schemes) {
            const options = { viewport: { width, height: 900 }, colorScheme };
            test(`${name} at ${width} px, ${colorScheme}: no complaint, no overflow, no leftover`, async () => {
                const { page, complaints, close } = await open(name, options);
                const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                assert.ok(wide <= 0, `${wide} px too wide`);
                assert.equal(await page.evaluate(openedIsWide), 0, "px too wide with every fold open");
                assert.ok(!(await page.content()).includes("{{#"), "a directive is left");
                assert.deepEqual(complaints, []);
                await close();
            });
        }
        test(`${name} at ${width} px without script: figures and numbers are there`, async () => {
            const options = { viewport: { width, height: 900 }, javaScriptEnabled: false };
            const { page, complaints, close } = await open(name, options);
            for (const figure of await page.locator("main figure svg[role=img]:visible").all()) {
                const box = await figure.boundingBox();
                assert.ok(box !== null && box.width > 100 && box.height > 10, "an empty figure");
            }
            assert.deepEqual(complaints, []);
            await close();
        });
    }
}

async function violations(page) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document));
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 90)).join(" | ")}`);
}

for (const { name, width, scheme } of audits([...(await pages()), "404.html"])) {
    test(`${name} at ${width} px, ${scheme}: axe finds nothing`, async () => {
        const options = { viewport: { width, height: 900 }, colorScheme: scheme };
        const { page, close } = await open(name, options);
        assert.deepEqual(await violations(page), []);
        await close();
    });
}

for (const theme of ["rust", "coal", "ayu"]) {
    test(`${theme}: axe finds nothing on a chapter page`, async () => {
        const { page, close } = await open("threads.html", { viewport: { width: 1280, height: 900 } });
        await page.selectOption("#theme", theme);
        assert.deepEqual(await violations(page), []);
        await close();
    });
}

test("no chapter page needs more than 120 KiB, compressed as servers do", async () => {
    for (const name of (await pages()).filter((name) => name !== "print.html")) {
        const { page, close } = await open(name, { viewport: { width: 1280, height: 900 } });
        const needed = await page.evaluate(() => performance.getEntriesByType("resource").map((r) => r.name));
        const files = new Set([server.base + name, ...needed.filter((url) => !url.endsWith("/sw.js"))]);
        let bytes = 0;
        for (const url of files) bytes += gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length;
        // The ledger has every claim of the book, and what each of its tests asked.
        const most = name === "claims.html" ? 180 : 120;
        assert.ok(bytes <= most * 1024, `${name}: ${(bytes / 1024).toFixed(1)} KiB in ${files.size} files`);
        await close();
    }
});

test("the data of a number and of a figure are in reach of the keyboard, by name", async () => {
    const { page, complaints, close } = await open("threads.html", { viewport: { width: 1280, height: 900 } });
    const arrived = async () => {
        const link = page.locator("a:focus");
        assert.equal(await link.getAttribute("aria-label"), `data of threads_cpu on ${reference}`);
        const response = await fetch(new URL(await link.getAttribute("href"), page.url()));
        assert.equal(response.status, 200);
        assert.match(await response.text(), /^experiment,machine,sitting,round,/);
    };
    await page.locator("main p button.measured:visible").first().focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await arrived();
    const figure = page.locator("figure.measured-figure").first();
    await figure.locator("summary").first().focus();
    await page.keyboard.press("Enter");
    // The table scrolls, so it is a stop on the way.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await arrived();
    assert.deepEqual(complaints, []);
    await close();
});

test("a wrong address leads to a page that leads back", async () => {
    const response = await fetch(`${server.base}404.html`);
    const text = await response.text();
    assert.match(text, /<base href="\/taking-turns\/">/);
    assert.match(text, /href="index.html"/);
});
