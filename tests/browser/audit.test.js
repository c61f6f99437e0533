// What the common auditors say: pa11y on every page, Lighthouse on a chapter.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import lighthouse from "lighthouse";
import pa11y from "pa11y";
import puppeteer from "puppeteer";
import { audits, book, chromiumPath, flags, pages, serve } from "./support.js";

/** For the print view, which is all pages at once. */
const TIMEOUT_MS = 600_000;

let server;
let chromium;
before(async () => {
    server = await serve(book);
    chromium = await puppeteer.launch({
        executablePath: chromiumPath(),
        args: flags,
        protocolTimeout: TIMEOUT_MS,
    });
});
after(async () => {
    await chromium.close();
    await server.close();
});

for (const { name, width, scheme } of audits(await pages())) {
    test(`${name} at ${width} px, ${scheme}: pa11y finds no error`, async () => {
        const page = await chromium.newPage();
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        const { issues } = await pa11y(server.base + name, {
            browser: chromium,
            page,
            viewport: { width, height: 900 },
            standard: "WCAG2AA",
            timeout: TIMEOUT_MS,
        });
        await page.close();
        const errors = issues.filter((issue) => issue.type === "error");
        assert.deepEqual(errors.map((e) => `${e.code} ${e.selector} ${e.context}`), []);
    });
}

test("Lighthouse gives a chapter 100 for accessibility", async () => {
    const page = await chromium.newPage();
    const result = await lighthouse(
        `${server.base}threads.html`,
        { onlyCategories: ["accessibility"], output: "json", logLevel: "error" },
        undefined,
        page,
    );
    const { categories, audits } = result.lhr;
    const failed = Object.values(audits).filter((audit) => audit.score !== null && audit.score < 1);
    assert.equal(categories.accessibility.score, 1, failed.map((audit) => audit.id).join(", "));
    await page.close();
});
