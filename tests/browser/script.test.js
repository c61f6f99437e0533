// The script's parts, used as a person would, by mouse and by keyboard.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bundle, bundles } from "./build.js";
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

for (const { from, to, format } of bundles) {
    test(`${to} is what ${from} gives`, async () => {
        const committed = readFileSync(join(root, to), "utf8");
        assert.equal(committed, await bundle(from, format), "run `npm run build` in tests/browser");
    });
}

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
    assert.match(await box.locator("[role=status]").textContent(), /You: 2 .*Measured.*: .*1 of 1 near/);
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

test("the timeline's player needs no drawing", async () => {
    const page = await open("timelines.html");
    const says = await page.evaluate(() => {
        const player = document.querySelector("timeline-player");
        const copy = player.cloneNode(true);
        copy.querySelector(".player").remove();
        for (const drawn of copy.querySelectorAll("rect, line")) drawn.remove();
        player.after(copy);
        const next = (of) => {
            of.querySelector(".player button:not(:first-child)").click();
            return of.querySelector("output").textContent;
        };
        return [next(player), next(copy)];
    });
    assert.match(says[0], /on a core/);
    assert.equal(says[1], says[0]);
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

test("one choice of language turns all listings, by mouse and by keyboard, and is remembered", async () => {
    const page = await open("threads.html");
    const [first, second] = [page.locator(".tabs").nth(0), page.locator(".tabs").nth(1)];
    const visible = (group, language) => group.locator(`[data-language=${language}]`).isVisible();
    assert.deepEqual([await visible(first, "Rust"), await visible(first, "Python")], [true, false]);
    await first.getByRole("tab", { name: "Python" }).click();
    assert.deepEqual([await visible(first, "Rust"), await visible(second, "Python")], [false, true]);
    await page.reload();
    assert.equal(await visible(first, "Python"), true);
    await first.getByRole("tab", { name: "Python" }).focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await visible(second, "Rust"), true);
    assert.equal(await first.getByRole("tab", { name: "Rust" }).getAttribute("aria-selected"), "true");
});

test("without script both languages are shown", async () => {
    const page = await open("threads.html", { javaScriptEnabled: false });
    const group = page.locator(".tabs").first();
    assert.equal(await group.locator("[data-language=Rust]").isVisible(), true);
    assert.equal(await group.locator("[data-language=Python]").isVisible(), true);
});

test("a listing has a link to its lines, a line has an address, and its code can be copied", async () => {
    const page = await open("threads.html", { permissions: ["clipboard-read", "clipboard-write"] });
    const listing = page.locator(".listing[data-language=Rust]").first();
    const link = await listing.locator(".listing-file a").getAttribute("href");
    assert.match(link, /threads_cpu\.rs#L\d+-L\d+$/);
    const line = await listing.locator(".line").nth(2).getAttribute("id");
    await page.goto(`${server.base}threads.html#${line}`);
    assert.equal(await page.locator(":target").getAttribute("id"), line);
    await listing.locator("pre .copy").focus();
    await page.keyboard.press("Enter");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^fn sequential\(.*\) -> u64 \{\n    /);
    await listing.locator(".run-line .copy").click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "cargo run --example threads_cpu");
});

test("the theme follows the system until one is chosen, and is remembered", async () => {
    const page = await open("index.html", { colorScheme: "dark" });
    const theme = () => page.evaluate(() => document.documentElement.className);
    assert.equal(await theme(), "js navy");
    await page.emulateMedia({ colorScheme: "light" });
    await page.waitForFunction(() => document.documentElement.className === "js light");
    await page.selectOption("#theme", "rust");
    await page.goto(`${server.base}threads.html`);
    assert.equal(await theme(), "js rust");
    await page.selectOption("#theme", "");
    assert.equal(await theme(), "js light");
});

test("the first stop of the keyboard skips to the text", async () => {
    const page = await open("threads.html");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "content");
});

test("on a phone the contents open, close with Escape, and lead on", async () => {
    const page = await open("threads.html", { viewport: { width: 390, height: 800 } });
    const contents = page.locator("#contents");
    assert.equal(await contents.isVisible(), false);
    await page.getByRole("button", { name: "Contents" }).click();
    assert.equal(await contents.isVisible(), true);
    await page.keyboard.press("Escape");
    assert.equal(await contents.isVisible(), false);
    await page.getByRole("button", { name: "Contents" }).click();
    await contents.getByRole("link", { name: "The ledger" }).click();
    await page.waitForURL(/claims\.html/);
    assert.equal(await page.locator("#contents a[aria-current]").textContent(), "The ledger");
});

// What pages keep in the browser is written by whoever has the browser.
for (const junk of ["null", "{", "[1]", "\"x\"", "1e999", '{"guess":null}', '{"guess":"2"}', '{"guess":-1}', "a b\0"]) {
    test(`${JSON.stringify(junk)} among what is kept costs nothing but itself`, async () => {
        const page = await open("threads.html", { colorScheme: "dark" });
        await page.locator(".predict input").first().fill("2");
        await page.keyboard.press("Enter");
        const faults = [];
        page.on("pageerror", (fault) => faults.push(String(fault)));
        const damaged = await page.evaluate((junk) => {
            for (const name of ["theme", "machine", "language", "guess:threads.html:other"]) {
                localStorage.setItem(`taking-turns:${name}`, junk);
            }
            for (const key of Object.keys(localStorage)) localStorage.setItem(key, junk);
            return Object.keys(localStorage).length;
        }, junk);
        assert.ok(damaged >= 5, `${damaged} are kept`);
        await page.reload();
        assert.equal(await page.evaluate(() => document.documentElement.className), "js navy");
        assert.equal(await page.locator("#theme").inputValue(), "");
        assert.equal(await page.locator(".tabs [data-language=Rust]").first().isVisible(), true);
        assert.equal((await page.locator(".predict [role=status]").first().textContent()).trim(), "");
        await page.locator(".predict input").first().fill("3");
        await page.locator(".predict input").first().press("Enter");
        assert.match(await page.locator(".predict [role=status]").first().textContent(), /You: 3 .*1 of 1 near|You: 3 .*0 of 1 near/);
        assert.ok((await page.locator("#machine").count()) === 0 || (await page.locator("#machine").inputValue()) === "");
        await page.locator("#search-button").click();
        await page.keyboard.type("poisoned");
        await page.locator("dialog.search [role=option]").first().waitFor();
        assert.deepEqual(faults, []);
        await page.context().close();
    });
}

test("a fault in one part of the script leaves the others, and is told", async () => {
    const context = await chromium.newContext();
    const page = await context.newPage();
    const faults = [];
    page.on("pageerror", (fault) => faults.push(fault.message));
    await page.addInitScript(() => {
        Object.defineProperty(HTMLElement.prototype, "scrollWidth", { get: () => { throw new Error("no width"); } });
    });
    await page.goto(`${server.base}threads.html`);
    assert.ok(faults.includes("no width"), faults.join());
    assert.equal(await page.locator(".predict form").first().isVisible(), true);
    await page.keyboard.press("/");
    await page.locator("dialog.search input").waitFor();
    await context.close();
});
