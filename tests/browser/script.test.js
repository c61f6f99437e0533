// The script's parts, used as a person would, by mouse and by keyboard.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { book, browser, root, serve } from "./support.js";

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
    await page.goto(server.base + name);
    return page;
}

test("the committed bundle is what the sources give", () => {
    const path = join(root, "book", "theme", "book.js");
    const committed = readFileSync(path, "utf8");
    const fresh = execFileSync(
        join(root, "tests", "browser", "node_modules", ".bin", "esbuild"),
        [join(root, "book/theme/src/main.ts"), "--bundle", "--minify", "--target=es2022"],
        { encoding: "utf8" },
    );
    assert.equal(committed, fresh, "run `npm run build` in tests/browser");
});

test("a number tells how sure it is, at a click and by keyboard", async () => {
    const page = await open("threads.html");
    const number = page.locator("main > p > .measured").first();
    const about = page.locator(`#${await number.getAttribute("popovertarget")}`);
    assert.equal(await about.isVisible(), false);
    await number.click();
    assert.match(await about.textContent(), /95 % interval .* samples/);
    await page.keyboard.press("Escape");
    assert.equal(await about.isVisible(), false);
    await number.focus();
    await page.keyboard.press("Enter");
    assert.equal(await about.isVisible(), true);
});

test("a guess lands beside the measurement, is remembered, and can be forgotten", async () => {
    const page = await open("threads.html");
    const box = page.locator(".predict").first();
    assert.equal(await box.locator("details").getAttribute("open"), null);
    await box.locator("input").fill("2");
    await page.keyboard.press("Enter");
    assert.match(await box.locator("[role=status]").textContent(), /You: 2 .*Measured: .*1 of 1 near/);
    await page.reload();
    assert.match(await box.locator("[role=status]").textContent(), /You: 2 /);
    await box.getByText("Forget my guesses").click();
    await page.waitForLoadState();
    assert.equal((await box.locator("[role=status]").textContent()).trim(), "");
});

test("the timeline is stepped through by button, slider and keyboard", async () => {
    const page = await open("timelines.html");
    const player = page.locator("timeline-player").first();
    const says = () => player.locator("output").textContent();
    assert.match(await says(), /^0\.0 ms\. /);
    await player.getByText("Next event").click();
    const first = await says();
    assert.match(first, /T0 (on a core|off the core)/);
    await player.locator("input[type=range]").focus();
    await page.keyboard.press("End");
    assert.match(await says(), /^100\.0 ms/);
    await page.keyboard.press("Home");
    assert.match(await says(), /^0\.0 ms/);
});

test("the timeline never plays by itself, and not at all with reduced motion", async () => {
    const still = await open("timelines.html", { reducedMotion: "reduce" });
    assert.equal(await still.locator("timeline-player").first().getByText("Play").count(), 0);
    const page = await open("timelines.html");
    const player = page.locator("timeline-player").first();
    const before = await player.locator("output").textContent();
    await page.waitForTimeout(300);
    assert.equal(await player.locator("output").textContent(), before);
    await player.getByText("Play").click();
    await page.waitForTimeout(300);
    assert.notEqual(await player.locator("output").textContent(), before);
});
