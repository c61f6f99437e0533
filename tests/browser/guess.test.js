// What is on trial at the top of a chapter, covered until it was guessed; and the ledger.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { book, browser, serve } from "./support.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

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

const seen = (page) => page.locator(".opener .chip:visible").count();
const height = (page) => page.locator(".opener").evaluate((box) => box.getBoundingClientRect().height);

async function violations(page) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document));
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 90)).join(" | ")}`);
}

for (const width of [390, 1280]) {
    test(`at ${width} px a guess uncovers its verdict and no other, and moves nothing`, async () => {
        const page = await open("threads.html", { viewport: { width, height: 900 } });
        const rows = page.locator(".opener li");
        assert.equal(await seen(page), 0);
        const before = await height(page);
        await rows.nth(0).getByRole("button", { name: "holds" }).click();
        assert.equal(await seen(page), 1);
        assert.equal(await rows.nth(0).locator(".chip").textContent(), "holds");
        assert.match(await page.locator(".opener .note").textContent(), /You guessed: holds\. Right\. 1 of 1 right/);
        await rows.nth(3).getByRole("button", { name: "does not hold" }).click();
        assert.match(await page.locator(".opener .note").textContent(), /Verdict: depends\. You guessed: does not hold\. Not so\. 1 of 2 right/);
        assert.deepEqual(await page.locator(".opener .hit:visible").allTextContents().then((all) => all.filter(Boolean)), ["right", "not so"]);
        assert.equal(await height(page), before);
        await page.getByRole("button", { name: "Show all verdicts" }).click();
        assert.equal(await seen(page), await rows.count());
        assert.equal(await height(page), before);
        await page.context().close();
    });

    test(`at ${width} px the covered verdicts are at their height before the script runs`, async () => {
        const viewport = { width, height: 900 };
        const bare = await open("threads.html", { viewport, javaScriptEnabled: false });
        const page = await open("threads.html", { viewport });
        assert.equal(await height(page), await height(bare));
        await bare.context().close();
        await page.context().close();
    });
}

test("what no test has decided is not guessed: it says so, and leads to the rule", async () => {
    for (const javaScriptEnabled of [true, false]) {
        const page = await open("global-lock.html", { javaScriptEnabled });
        const argued = page.locator(".opener li[data-verdict=argued]");
        assert.ok((await argued.count()) > 0);
        assert.equal(await argued.locator("button, summary").count(), 0);
        assert.match(await argued.first().locator(".not-guessed").textContent(), /^argued: \S/);
        const [file, rule] = (await argued.locator(".chip").first().getAttribute("href")).split("#");
        assert.ok(readFileSync(join(book, file), "utf8").includes(`id="${rule}"`), rule);
        await page.goto(`${server.base}hundred-urls.html`);
        const open_ = page.locator(".opener li[data-verdict=undecided] .not-guessed");
        assert.match(await open_.first().textContent(), /^undecided, not counted$/);
        await page.context().close();
    }
});

test("the box says whose claims these are, and leads to all of them", async () => {
    for (const [name, whose] of [["switching.html", "popular articles"], ["threads.html", "people"]]) {
        const page = await open(name, { javaScriptEnabled: false });
        const box = page.locator(".opener .whose");
        assert.ok((await box.textContent()).startsWith(`What ${whose} say about this`), name);
        assert.equal(await box.locator("a").getAttribute("href"), "claims.html");
        await page.context().close();
    }
});

test("every verdict names its machine", async () => {
    const page = await open("threads.html");
    for (const head of await page.locator("main .verdict .claim").allTextContents()) assert.match(head, /on epyc-2\s*$/);
    await page.context().close();
});

test("by keyboard alone: each answer is a button of its claim, and the way goes on past them", async () => {
    const page = await open("locks.html");
    await page.getByRole("button", { name: "Show all verdicts" }).focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press("Tab");
    const group = page.getByRole("group", { name: /^Your guess: Locking and unlocking has a cost/ });
    assert.equal(await group.getByRole("button", { name: "holds" }).evaluate((b) => b === document.activeElement), true);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await group.getByRole("button", { name: "depends" }).getAttribute("aria-pressed"), "true");
    assert.equal(await seen(page), 1);
    // The guess stands, and the focus is where it was.
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "depends");
    await page.keyboard.press("Enter");
    assert.equal(await group.getByRole("button", { name: "depends" }).getAttribute("aria-pressed"), "true");
    assert.equal(await group.getByRole("button").count(), 1);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Forget guesses");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.closest(".opener") === null), true);
    await page.context().close();
});

test("one press shows the verdicts of all chapters, and another covers them again", async () => {
    const page = await open("threads.html");
    await page.getByRole("button", { name: "Show all verdicts" }).click();
    await page.goto(`${server.base}work.html`);
    assert.equal(await seen(page), await page.locator(".opener li").count());
    assert.equal(await page.locator(".answers:visible").count(), 0);
    await page.getByRole("button", { name: "Cover verdicts" }).click();
    assert.equal(await seen(page), 0);
    await page.goto(`${server.base}threads.html`);
    assert.equal(await seen(page), 0);
    await page.context().close();
});

test("guesses are kept for their page, and forgotten with its predictions", async () => {
    const page = await open("threads.html");
    await page.locator(".opener li").nth(1).getByRole("button", { name: "depends" }).click();
    await page.reload();
    assert.equal(await seen(page), 1);
    assert.match(await page.locator(".opener .note").textContent(), /0 of 1 right/);
    await page.goto(`${server.base}work.html`);
    assert.equal(await seen(page), 0);
    await page.goto(`${server.base}threads.html`);
    await page.locator(".opener").getByRole("button", { name: "Forget guesses" }).click();
    await page.waitForFunction(() => document.querySelectorAll(".opener .chip:not([hidden])").length === 0);
    assert.equal(await page.evaluate(() => Object.keys(localStorage).filter((k) => k.includes("guess:")).length), 0);
    await page.context().close();
});

for (const junk of ["null", "{", "shown?", "does not hold", "\0"]) {
    test(`${JSON.stringify(junk)} where a guess was kept is none`, async () => {
        const page = await open("threads.html");
        const faults = [];
        page.on("pageerror", (fault) => faults.push(String(fault)));
        await page.locator(".opener li").first().getByRole("button", { name: "holds" }).click();
        await page.evaluate((junk) => {
            localStorage.setItem("taking-turns:verdicts", junk);
            for (const key of Object.keys(localStorage)) localStorage.setItem(key, junk);
        }, junk);
        await page.reload();
        assert.equal(await seen(page), 0);
        await page.locator(".opener li").first().getByRole("button", { name: "does not hold" }).click();
        assert.equal(await seen(page), 1);
        assert.deepEqual(faults, []);
        await page.context().close();
    });
}

test("a browser that keeps nothing guesses all the same", async () => {
    const context = await chromium.newContext();
    const page = await context.newPage();
    await page.addInitScript(() => {
        Object.defineProperty(window, "localStorage", { get: () => { throw new Error("none"); } });
    });
    await page.goto(`${server.base}threads.html`);
    await page.locator(".opener li").first().getByRole("button", { name: "holds" }).click();
    assert.equal(await seen(page), 1);
    await page.getByRole("button", { name: "Show all verdicts" }).click();
    assert.equal(await seen(page), await page.locator(".opener li").count());
    await context.close();
});

test("without script a verdict is opened by its own line, and what a section shows is open", async () => {
    const page = await open("threads.html", { javaScriptEnabled: false });
    assert.equal(await seen(page), 0);
    await page.locator(".opener summary").first().click();
    assert.equal(await seen(page), 1);
    assert.equal(await page.locator(".verdict .claim b:visible").count() > 0, true);
    await page.context().close();
});

test("on paper every verdict is there and no button", async () => {
    for (const javaScriptEnabled of [true, false]) {
        const page = await open("threads.html", { javaScriptEnabled });
        await page.emulateMedia({ media: "print" });
        assert.equal(await seen(page), await page.locator(".opener li").count());
        assert.equal(await page.locator(".opener button:visible, .opener summary:visible").count(), 0);
        await page.context().close();
    }
});

for (const colorScheme of ["light", "dark"]) {
    test(`${colorScheme}: axe finds nothing where some is guessed, all is shown, the ledger is narrowed`, async () => {
        const page = await open("threads.html", { colorScheme });
        const rows = page.locator(".opener li");
        await rows.nth(0).getByRole("button", { name: "holds" }).click();
        await rows.nth(1).getByRole("button", { name: "does not hold" }).click();
        assert.deepEqual(await violations(page), []);
        await page.getByRole("button", { name: "Show all verdicts" }).click();
        assert.deepEqual(await violations(page), []);
        await page.goto(`${server.base}claims.html`);
        await page.locator("#verdict-is-depends").check();
        await page.locator(".entry.of-is-depends summary").first().click();
        assert.deepEqual(await violations(page), []);
        await page.context().close();
    });
}

test("the ledger is narrowed by verdict, by source and by chapter without a script", async () => {
    const page = await open("claims.html", { javaScriptEnabled: false });
    const visible = (more = "") =>
        page.locator(`.entry${more}`).evaluateAll((all) => all.filter((one) => one.checkVisibility()).length);
    const all = await visible();
    await page.locator("#verdict-is-holds").check();
    assert.equal(await visible(), await visible(".of-is-holds"));
    const holding = await visible();
    assert.ok(holding > 0 && holding < all, `${holding} of ${all}`);
    assert.equal(await page.locator("h2:visible", { hasText: /^Processes$/ }).count(), 0, "no heading of nothing");
    await page.locator("#verdict-all").check();
    await page.locator("#source-by-A").check();
    assert.equal(await visible(), await visible(".by-A"));
    await page.locator("#source-all").check();
    for (const option of await page.locator("#chapter option.narrows").all()) {
        const id = await option.getAttribute("id");
        await page.locator("#chapter").selectOption({ label: await option.textContent() });
        const left = await visible();
        assert.ok(left > 0 && left < all, `${id}: ${left}`);
        assert.equal(left, await visible(`.${id.replace("chapter-", "")}`), id);
    }
    await page.locator("#chapter").selectOption({ index: 0 });
    assert.equal(await visible(), all);
    await page.context().close();
});

test("every claim of the ledger leads to its verdict, which leads back", async () => {
    const page = await open("claims.html", { javaScriptEnabled: false });
    const entries = await page.locator(".entry").evaluateAll((all) =>
        all.map((entry) => ({
            id: entry.querySelector(".verdict").id,
            links: [...entry.querySelectorAll(".tried a")].map((a) => a.getAttribute("href")),
        })));
    assert.ok(entries.length > 50);
    for (const { id, links } of entries) {
        assert.ok(links.length > 0, `${id} leads nowhere`);
        for (const link of links) {
            const [file, place] = link.split("#");
            const text = readFileSync(join(book, file), "utf8");
            assert.ok(text.includes(`class="verdict" id="${place}"`), link);
            assert.ok(text.includes(`href="claims.html#${id}"`), `${link} does not lead back`);
        }
    }
    // What one is led to is opened.
    await page.goto(`${server.base}claims.html#${entries[40].id}`);
    assert.equal(await page.locator(`#${entries[40].id}`).isVisible(), true);
    await page.context().close();
});

test("no page calls an article by its letter", async () => {
    for (const name of ["claims.html", "index.html", "threads.html", "hundred-urls.html"]) {
        const page = await open(name, { javaScriptEnabled: false });
        assert.doesNotMatch(await page.locator("main").innerText(), /\barticles? [A-D]\b/i, name);
        await page.context().close();
    }
});
