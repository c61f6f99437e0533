// The workshop's slides: by keyboard, as an address, on any screen of 16:9, on paper, and none
// of it without script.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { read } from "./pdf.js";
import { book, browser, pages, serve } from "./support.js";

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

async function open(address, options = {}) {
    const context = await chromium.newContext({ viewport: { width: 1280, height: 720 }, ...options });
    const page = await context.newPage();
    await page.goto(server.base + address, { waitUntil: "load" });
    return page;
}

const shown = (page) => page.locator(".stage.shown > div > h2").allTextContents();
const isKept = (page) => page.evaluate(() => document.querySelector("main").innerHTML.replaceAll(/ tabindex="-1"| style="[^"]*"| open=""/g, ""));

test("keys turn the slides, open answers and lead back to the page as it was", async () => {
    const page = await open("workshop-1.html");
    const before = await isKept(page);
    const heads = await page.locator("main > h2.slide").allTextContents();
    assert.ok(heads.length >= 5, `${heads.length} slides`);
    await page.getByRole("button", { name: "Show the slides" }).click();
    assert.deepEqual(await shown(page), [heads[0]]);
    assert.equal(await page.locator(".bar").isVisible(), false);
    for (const [key, at] of [["ArrowRight", 1], [" ", 2], ["PageDown", 3], ["ArrowLeft", 2], ["End", heads.length - 1], ["ArrowRight", heads.length - 1], ["Home", 0], ["ArrowLeft", 0], ["ArrowRight", 1]]) {
        await page.keyboard.press(key);
        assert.deepEqual(await shown(page), [heads[at]], key);
    }
    assert.equal(await page.locator(".slides-bar [role=status]").textContent(), `2 of ${heads.length}`);
    const answer = page.locator(".stage.shown details.ask > p");
    assert.equal(await answer.isVisible(), false);
    await page.keyboard.press("a");
    assert.equal(await answer.isVisible(), true);
    await page.keyboard.press("a");
    assert.equal(await answer.isVisible(), false);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".stage").count(), 0);
    assert.equal(await page.locator(".bar").isVisible(), true);
    assert.match(page.url(), /workshop-1\.html#how-a-lane-is-read$/);
    assert.equal(await isKept(page), before);
    await page.context().close();
});

test("an address leads to its slide, and a reload stays there", async () => {
    const page = await open("workshop-1.html?slides#two-kinds-of-work");
    assert.deepEqual(await shown(page), ["Two kinds of work"]);
    await page.keyboard.press("ArrowRight");
    const [next] = await shown(page);
    await page.reload();
    assert.deepEqual(await shown(page), [next]);
    await page.context().close();
});

test("an open popover is closed before the slides are left, and a field keeps its keys", async () => {
    const page = await open("workshop-2.html?slides");
    await page.locator(".stage.shown .predict input").fill("2");
    await page.locator(".stage.shown .predict input").press("ArrowLeft");
    assert.equal((await shown(page)).length, 1);
    assert.equal(await page.locator(".slides-bar [role=status]").textContent(), (await page.locator(".slides-bar [role=status]").textContent()).replace(/^\d+/, "1"));
    await page.locator(".stage.shown h2").focus();
    await page.keyboard.press("a");
    await page.locator(".stage.shown button.measured").first().click();
    await page.locator(".about:popover-open").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".about:popover-open").count(), 0);
    assert.equal(await page.locator(".stage.shown").count(), 1, "the slides are still shown");
    await page.context().close();
});

for (const [width, height] of [[1280, 720], [1920, 1080]]) {
    test(`at ${width} × ${height} every slide fits, in letters that are read from behind`, async () => {
        const sessions = (await pages()).filter((name) => /^workshop-\d/.test(name));
        assert.equal(sessions.length, 6);
        const faults = [];
        for (const name of sessions) {
            const page = await open(`${name}?slides`, { viewport: { width, height } });
            const count = await page.locator(".stage").count();
            for (let i = 0; i < count; i++) {
                const fault = await page.evaluate(() => {
                    const stage = document.querySelector(".stage.shown");
                    const zoom = Number(stage.firstElementChild.style.getPropertyValue("--zoom"));
                    const box = stage.getBoundingClientRect();
                    if (box.left < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1) return "is cut off";
                    if (stage.scrollHeight > stage.clientHeight) return "is too high";
                    if (stage.scrollWidth > stage.clientWidth) return "is too wide";
                    return !(zoom >= 0.6) ? `is as small as ${zoom.toFixed(2)}` : null;
                });
                if (fault !== null) faults.push(`${name}: ${await shown(page)} ${fault}`);
                await page.keyboard.press("ArrowRight");
            }
            await page.context().close();
        }
        assert.deepEqual(faults, []);
    });
}

for (const colorScheme of ["light", "dark"]) {
    test(`a slide, ${colorScheme}: axe finds nothing`, async () => {
        const page = await open("workshop-1.html?slides#two-kinds-of-work", { colorScheme });
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document));
        assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].html}`), []);
        await page.context().close();
    });
}

test("on paper each slide that is shown has a sheet, and the rest of the page none", async () => {
    const page = await open("workshop-3.html?slides");
    const count = await page.locator(".stage").count();
    const path = join(book, "..", "slides-test.pdf");
    await page.pdf({ path, preferCSSPageSize: true });
    const file = await read(path);
    assert.equal(file.numPages, count);
    const { width, height } = (await file.getPage(1)).getViewport({ scale: 1 });
    assert.ok(Math.abs(width / height - 16 / 9) < 0.01, `${width} × ${height}`);
    await file.destroy();
    await page.context().close();
});

test("without script there is no button, and slides are sections with their questions", async () => {
    const page = await open("workshop-1.html", { javaScriptEnabled: false });
    assert.equal(await page.getByRole("button", { name: "Show the slides" }).count(), 0);
    assert.equal(await page.locator("main > h2.slide").last().isVisible(), true);
    await page.locator("details.ask > summary").first().click();
    assert.equal(await page.locator("details.ask > p").first().isVisible(), true);
    await page.context().close();
});
