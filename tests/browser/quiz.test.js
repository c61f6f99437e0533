// Questions: a seed is the same quiz here and in a terminal, the first answer counts, what was
// guessed anywhere is one score, and all of it is there by keyboard, on a phone, on paper and
// without a script.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bundle } from "./build.js";
import { browser, book, reference, root, serve } from "./support.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** As a bundle has it, though it is no file. */
const { drawn, shuffled } = await import(
    `data:text/javascript;base64,${Buffer.from(await bundle("theme/src/quiz.ts", "esm")).toString("base64")}`
);

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
    page.faults = [];
    page.on("pageerror", (fault) => page.faults.push(String(fault)));
    await page.goto(server.base + name);
    return page;
}

async function violations(page) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document));
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 90)).join(" | ")}`);
}

/** What `cargo book quiz --answers` prints: ids, options in their order, the place of the right one. */
function terminal(...args) {
    // `cargo book build` has made it, and the pages that are looked at.
    const press = join(root, "target", "tool", process.platform === "win32" ? "press.exe" : "press");
    const command = ["quiz", "--answers", "--machine", reference, ...args];
    const text = execFileSync(press, command, { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
    return text.split(/\n\n/).filter((block) => /^\d+\/\d+ {2}/.test(block)).map((block) => {
        const lines = block.split("\n");
        return {
            id: /\(([a-z0-9-]+)\)$/.exec(lines[0])[1],
            ask: lines[1].trim().replaceAll("`", ""),
            options: lines.flatMap((line) => /^ {3}[a-e]\) (.*)$/.exec(line)?.[1].replaceAll("`", "") ?? []),
            right: "abcde".indexOf(/^ {3}Right: ([a-e])$/m.exec(block)[1]),
        };
    });
}

const shown = (page) =>
    page.locator(".drawn .question").evaluateAll((all) =>
        all.map((box) => ({
            id: box.dataset.question,
            ask: box.querySelector(".ask-it").textContent,
            options: [...box.querySelectorAll(".options button")].map((one) => one.textContent),
        })),
    );

const question = (page, n = 0) => page.locator(".question").nth(n);
/** Answers a question on its page, rightly or not. */
async function answer(page, n, rightly) {
    const box = question(page, n);
    const right = await box.locator(".which").first().getAttribute("data-right");
    const buttons = rightly ? `button[data-option="${right}"]` : `button:not([data-option="${right}"])`;
    await box.locator(buttons).first().click();
}
/** A chapter with its questions unfolded. */
async function chapter(options, name = "threads.html") {
    const page = await open(name, options);
    await page.locator("details.quiz > summary").click();
    return page;
}

test("what a seed draws and shuffles is what the terminal's side has written down", () => {
    const all = JSON.parse(readFileSync(join(root, "press/tests/data/quiz_seeds.json"), "utf8"));
    assert.ok(all.length > 100);
    for (const { seed, ids, drawn: places, options } of all) {
        assert.deepEqual(drawn(seed, ids), places, `seed ${seed}`);
        assert.deepEqual(ids.map((id) => shuffled(seed, id, 4)), options, `seed ${seed}`);
    }
});

for (const [search, args] of [
    ["?seed=7&questions=10", ["--seed", "7", "--questions", "10"]],
    ["?seed=4294967295&questions=1000", ["--seed", "4294967295"]],
    ["?seed=3&questions=5&part=sharing", ["--seed", "3", "--questions", "5", "--part", "sharing"]],
    ["?seed=12&questions=20&chapter=threads", ["--seed", "12", "--questions", "20", "--chapter", "threads"]],
]) {
    test(`${search}: the same questions, options and keys as in a terminal`, async () => {
        const said = terminal(...args);
        const page = await open(`quiz.html${search}`);
        await page.locator(".drawn .question").nth(said.length - 1).waitFor();
        assert.deepEqual(await shown(page), said.map(({ id, ask, options }) => ({ id, ask, options })));
        for (const [n, { right, id }] of said.slice(0, 12).entries()) {
            await question(page, n).locator(".options button").nth(right).click();
            assert.equal(await question(page, n).locator(".told").textContent(), "Right.", id);
        }
        const count = Math.min(12, said.length);
        assert.match(await page.locator(".draw > [role=status]").textContent(), new RegExp(`^${count} of ${count} right`));
        assert.match(await page.locator(".draw code").last().textContent(), new RegExp(`^cargo book quiz --seed ${args[1]}`));
        assert.deepEqual(page.faults, []);
        await page.context().close();
    });
}

test("another seed is another quiz, and the form's address leads to the same one", async () => {
    const page = await open("quiz.html");
    await page.getByLabel("Seed").fill("11");
    await page.getByLabel("About").selectOption("part sharing");
    await page.getByLabel("Questions").selectOption("5");
    await page.getByRole("button", { name: "Ask me" }).click();
    await page.locator(".drawn .question").nth(4).waitFor();
    const first = await shown(page);
    assert.match(page.url(), /\?seed=11&questions=5&part=sharing$/);
    await page.reload();
    await page.locator(".drawn .question").nth(4).waitFor();
    assert.deepEqual(await shown(page), first);
    await page.getByLabel("Seed").fill("12");
    await page.getByRole("button", { name: "Ask me" }).click();
    await page.waitForFunction((id) => document.querySelector(".drawn .question")?.dataset.question !== id || document.querySelectorAll(".drawn .question").length === 5, first[0].id);
    await page.locator(".drawn .question").nth(4).waitFor();
    assert.notDeepEqual(await shown(page), first);
    await page.context().close();
});

for (const search of ["?seed=x", "?seed=-1", "?seed=4294967296", "?seed=1e3", "?questions=5"]) {
    test(`${search} asks for nothing, and the form is there`, async () => {
        const page = await open(`quiz.html${search}`);
        assert.equal(await page.locator(".drawn .question").count(), 0);
        assert.equal(await page.getByRole("button", { name: "Ask me" }).isVisible(), true);
        assert.deepEqual(page.faults, []);
        await page.context().close();
    });
}

test("the first answer counts, is told with its reason, and is there again", async () => {
    const page = await chapter();
    await answer(page, 0, false);
    const box = question(page);
    assert.equal(await box.locator(".told").textContent(), "Not so.");
    assert.equal(await box.locator(".which").first().isVisible(), true);
    assert.equal(await box.locator(".why").isVisible(), true);
    assert.equal(await box.locator("button.is-right").count(), 1);
    // Playwright waits for what is disabled, and a reader may press it all the same.
    await box.locator("button.is-right").evaluate((button) => button.click());
    assert.equal(await box.locator(".told").textContent(), "Not so.", "a second answer counted");
    await answer(page, 1, true);
    assert.equal(await question(page, 1).locator(".told").textContent(), "Right.");
    assert.match(await page.locator(".quiz > summary").textContent(), /1 of 3 right$/);
    await page.reload();
    await page.locator("details.quiz > summary").click();
    assert.equal(await question(page).locator(".told").textContent(), "Not so.");
    assert.match(await page.locator(".quiz > summary").textContent(), /1 of 3 right$/);
    await page.getByRole("button", { name: "Forget my guesses in this chapter" }).last().click();
    await page.waitForFunction(() => Object.keys(localStorage).every((key) => !key.includes("guess:")));
    await page.context().close();
});

test("a machine with another key has its own, and one without has none that counts", async () => {
    const page = await chapter();
    const box = question(page);
    await box.evaluate((box) => {
        const first = box.querySelector(".which");
        for (const [machine, right] of [["flipped", "9"], ["open", undefined]]) {
            const key = first.cloneNode(true);
            key.dataset.machine = machine;
            delete key.dataset.right;
            const other = [...box.querySelectorAll("[data-option]")].find((one) => one.dataset.option !== first.dataset.right);
            if (right !== undefined) key.dataset.right = other.dataset.option;
            first.after(key);
        }
    });
    const choose = (machine) =>
        page.evaluate((machine) => {
            localStorage.setItem("taking-turns:machine", machine);
            document.dispatchEvent(new CustomEvent("machine", { detail: machine }));
        }, machine);
    await choose("flipped");
    await answer(page, 0, true);
    assert.equal(await box.locator(".told").textContent(), "Not so.");
    await choose("open");
    assert.match(await box.locator(".told").textContent(), /no key, and does not count/);
    assert.match(await page.locator(".quiz > summary").textContent(), /0 of 2 right$/);
    await choose(reference);
    assert.equal(await box.locator(".told").textContent(), "Right.");
    await page.context().close();
});

test("questions, predictions and verdicts make one score, and one press after another forgets it", async () => {
    const page = await chapter();
    await answer(page, 0, true);
    await answer(page, 1, false);
    await page.locator(".predict input").fill("100000");
    await page.getByRole("button", { name: "Compare" }).click();
    const row = page.locator(".opener li[data-verdict=holds]").first();
    await row.getByRole("button", { name: "holds" }).click();
    await page.goto(`${server.base}quiz.html`);
    const cells = (of) => page.locator(`${of} td`).allTextContents();
    assert.deepEqual(await cells(".progress tr[data-page=threads]"), ["1 of 3", "0 of 1", "1 of 1"]);
    assert.deepEqual((await cells(".progress tfoot")).slice(1), ["0 of 1", "1 of 1"]);
    assert.match(await page.locator(".of-all [role=status]").textContent(), /^Of 4 guesses, 2 right or near\.$/);
    const forget = page.locator(".of-all button");
    await forget.click();
    assert.equal(await forget.textContent(), "Press again to forget all");
    await forget.click();
    await page.waitForFunction(() => document.querySelector(".of-all [role=status]")?.textContent === "Nothing guessed yet.");
    assert.equal(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes("guess:")).length), 0);
    assert.equal(await forget.isVisible(), false);
    await page.context().close();
});

for (const junk of ["null", "{", "{\"option\":99,\"right\":true}", "{\"option\":\"0\"}", "\0"]) {
    test(`${JSON.stringify(junk)} where an answer was kept costs nothing but itself`, async () => {
        const page = await open("threads.html");
        await page.evaluate((junk) => {
            for (const box of document.querySelectorAll(".question")) {
                localStorage.setItem(`taking-turns:guess:threads.html:quiz:${box.dataset.question}`, junk);
            }
        }, junk);
        await page.reload();
        await page.locator("details.quiz > summary").click();
        await answer(page, 0, true);
        assert.equal(await question(page).locator(".told").textContent(), "Right.");
        await page.goto(`${server.base}quiz.html`);
        assert.equal(await page.locator(".progress").isVisible(), true);
        assert.deepEqual(page.faults, []);
        await page.context().close();
    });
}

test("by keyboard alone a quiz is asked for and answered", async () => {
    const page = await open("quiz.html");
    await page.getByLabel("Seed").focus();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("5");
    await page.keyboard.press("Enter");
    await page.locator(".drawn .question").first().waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    const ask = await question(page).locator(".ask-it").textContent();
    const group = page.getByRole("group", { name: ask });
    assert.equal(await group.getByRole("button").first().evaluate((b) => b === document.activeElement), true);
    await page.keyboard.press("Enter");
    assert.equal(await group.getByRole("button").first().getAttribute("aria-pressed"), "true");
    assert.match(await question(page).locator("[role=status]").textContent(), /^(Right|Not so)\.$/);
    // The focus stays, and goes on past the answers to the fold that has the reason.
    assert.equal(await group.getByRole("button").first().evaluate((b) => b === document.activeElement), true);
    await page.context().close();
});

for (const colorScheme of ["light", "dark"]) {
    for (const width of [390, 1280]) {
        test(`${colorScheme}, ${width} px: axe finds nothing and nothing is too wide, asked and answered`, async () => {
            const options = { colorScheme, viewport: { width, height: 900 } };
            for (const page of [await chapter(options), await open("quiz.html?seed=7&questions=5", options)]) {
                await page.locator(".question .options button").nth(8).waitFor();
                assert.deepEqual(await violations(page), []);
                await answer(page, 0, true);
                await answer(page, 1, false);
                assert.deepEqual(await violations(page), []);
                assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
                await page.context().close();
            }
        });
    }
}

test("without a script each question has its answer in a fold, and the page of all leads to them", async () => {
    const page = await chapter({ javaScriptEnabled: false });
    const box = question(page);
    assert.ok((await box.locator(".options li:visible").count()) >= 3);
    assert.equal(await box.locator(".which").first().isVisible(), false);
    await box.locator("summary").click();
    assert.match(await box.locator(".which").first().textContent(), new RegExp(`^On ${reference}: .* Measured: .*\\d`));
    assert.ok((await box.locator(".ways a").count()) >= 1);
    await page.goto(`${server.base}quiz.html`);
    const rows = page.locator(".progress tbody tr");
    assert.ok((await rows.count()) >= 35);
    for (const [link, count] of await rows.evaluateAll((all) => all.map((row) => [row.querySelector("a").getAttribute("href"), Number(row.querySelector("td").textContent)]))) {
        const text = readFileSync(join(book, link.split("#")[0]), "utf8");
        assert.ok(count >= 3, link);
        assert.equal(text.split('class="question"').length - 1, count, link);
    }
    await page.context().close();
});

test("on paper a chapter's questions are there with their keys, and no button", async () => {
    for (const javaScriptEnabled of [true, false]) {
        const page = await open("threads.html", { javaScriptEnabled });
        await page.emulateMedia({ media: "print" });
        const seen = (selector) =>
            page.locator(selector).evaluateAll((all) => all.every((one) => one.checkVisibility({ contentVisibilityAuto: true })));
        assert.equal(await seen(".question .ask-it"), true);
        assert.equal(await seen(".question .which"), true);
        assert.equal(await page.locator(".quiz .forget:visible, .quiz > summary:visible").count(), 0);
        await page.context().close();
    }
});

test("where a page cannot be fetched it says so, and where to find the questions", async () => {
    const page = await open("quiz.html");
    await page.route("**/*.html", (route) => route.abort());
    await page.getByRole("button", { name: "Ask me" }).click();
    await page.waitForFunction(() => /could not be fetched/.test(document.querySelector(".draw > [role=status]")?.textContent ?? ""));
    assert.equal(await page.locator(".drawn .question").count(), 0);
    assert.deepEqual(page.faults, []);
    await page.context().close();
});
