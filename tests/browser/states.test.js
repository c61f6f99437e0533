// What axe says of a page in each state that a reader may leave it in; of definitions, guesses,
// search and the ledger's filters where these are tested.

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
    await chromium?.close();
    await server?.close();
});

const states = [
    ["how sure a number is", "threads.html", async (page) => {
        await page.locator("main > p .measured").first().click();
        await page.locator("main .about:popover-open").waitFor();
    }],
    ["the key of colors", "threads.html", async (page) => {
        await page.locator("button.colors").first().click();
        await page.locator(".colors-key:popover-open").waitFor();
    }],
    ["a timeline that plays", "timelines.html", async (page) => {
        const player = page.locator("timeline-player.plays");
        await page.locator("timeline-player").first().getByText("Play", { exact: true }).click();
        await player.first().waitFor({ state: "attached" });
    }],
    ["all folds open", "process-pools.html", async (page) => {
        await page.evaluate(() => {
            for (const one of document.querySelectorAll("details")) one.open = true;
        });
    }],
];

for (const width of [390, 1280]) {
    for (const colorScheme of ["light", "dark"]) {
        for (const [state, name, reach] of states) {
            test(`${state}, at ${width} px, ${colorScheme}: axe finds nothing`, async () => {
                const context = await chromium.newContext({ viewport: { width, height: 844 }, colorScheme });
                const page = await context.newPage();
                await page.goto(server.base + name);
                await reach(page);
                await page.evaluate(axe);
                const { violations } = await page.evaluate(() => globalThis.axe.run(document));
                assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].html}`), []);
                await context.close();
            });
        }
    }
}
