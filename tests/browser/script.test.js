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
    const number = page.locator("main > p .measured").first();
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
    assert.equal(await box.locator("details").isVisible(), false, "the number is told once");
    await page.reload();
    assert.match(await box.locator("[role=status]").textContent(), /You: 2 /);
    await box.getByText("Forget my guesses").click();
    await page.waitForLoadState();
    assert.equal((await box.locator("[role=status]").textContent()).trim(), "");
});

test("a guess may have a comma for its point, and must be a number", async () => {
    const page = await open("threads.html");
    const box = page.locator(".predict").first();
    const input = box.getByLabel("Your guess");
    assert.equal(await input.getAttribute("inputmode"), "decimal");
    for (const [text, guess] of [["1,8", "1.8"], ["1.8", "1.8"], [" 2 ", "2"], [",5", "0.5"], ["1,800", "1800"], ["1,234.5", "1234.5"]]) {
        // By key, as a field for numbers would drop what it does not know.
        await input.fill("");
        await input.pressSequentially(text);
        await page.keyboard.press("Enter");
        assert.match(await box.locator("[role=status]").textContent(), new RegExp(`^You: ${guess} `), text);
    }
    for (const text of ["two", "-1", "1,8,0", "1e999"]) {
        await input.fill(text);
        await page.keyboard.press("Enter");
        assert.equal(await input.evaluate((one) => one.validity.customError), true, text);
        assert.match(await box.locator("[role=status]").textContent(), /^You: 1234.5 /, text);
    }
    await page.context().close();
});

test("the timeline is stepped through by button, slider and keyboard", async () => {
    const page = await open("timelines.html");
    const player = page.locator("timeline-player").first();
    const time = () => player.locator(".player p").textContent();
    const slider = player.locator("input[type=range]");
    const said = () => player.locator(".now").evaluateAll((all) => all.map((one) => one.textContent).join(""));
    assert.deepEqual([await time(), await said()], ["100.0 ms", ""], "at rest all of it is told, and no moment");
    await player.getByText("Next event").click();
    assert.match(await slider.getAttribute("aria-valuetext"), /^\d+\.\d ms\. .*T\d on a core/);
    for (let step = 0; step < 30; step += 1) {
        const before = Number(await slider.inputValue());
        await player.getByText("Next event").click();
        assert.ok(Number(await slider.inputValue()) - before >= 5, "a step can be seen");
    }
    await slider.focus();
    await page.keyboard.press("End");
    assert.deepEqual([await time(), await said()], ["100.0 ms", ""]);
    await page.keyboard.press("Home");
    assert.equal(await time(), "0.0 ms");
});

test("what a timeline says of a moment is short, and nothing reads it aloud unasked", async () => {
    for (const name of ["index.html", "timelines.html", "blocking.html"]) {
        const page = await open(name);
        for (const player of await page.locator("timeline-player").all()) {
            assert.equal(await player.locator("output, [aria-live], [role=status]").count(), 0);
            if (!(await player.isVisible())) continue;
            await player.getByText(/^Next /).click();
            const says = await player.locator("input[type=range]").getAttribute("aria-valuetext");
            assert.ok(says.length < 160, says);
            const lines = await player.locator(".player p, .now").evaluateAll((all) =>
                all.map((one) => [one.textContent, one.getClientRects().length, one.clientHeight]));
            for (const [text, , height] of lines) assert.ok(height < 30, `${text}: ${height} px`);
        }
        await page.context().close();
    }
});

test("the timeline's player needs no drawing", async () => {
    const page = await open("timelines.html");
    const says = await page.evaluate(() => {
        const player = document.querySelector("timeline-player");
        const copy = player.cloneNode(true);
        for (const made of copy.querySelectorAll(".player, .now")) made.remove();
        for (const drawn of copy.querySelectorAll("rect, line")) drawn.remove();
        player.after(copy);
        const next = (of) => {
            of.querySelector(".player button:not(:first-child)").click();
            return of.querySelector(".now").textContent;
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
    const time = () => player.locator(".player p").textContent();
    const before = await time();
    await page.waitForTimeout(300);
    assert.equal(await time(), before);
    await player.getByText("Play").click();
    await page.waitForTimeout(300);
    assert.notEqual(await time(), before);
});

for (const [width, height] of [[1280, 800], [390, 844]]) {
    test(`the first figure fits a screen of ${width} × ${height}, and nothing moves when it is played`, async () => {
        const page = await open("index.html", { viewport: { width, height } });
        const boxes = await page.evaluate(() => {
            const top = document.querySelector("figure.kitchens").getBoundingClientRect().top;
            const player = document.querySelector("figure.kitchens timeline-player").getBoundingClientRect();
            const bar = document.querySelector(".bar").getBoundingClientRect();
            return { figure: player.bottom - top, screen: innerHeight - bar.height, player: player.height };
        });
        assert.ok(boxes.figure <= boxes.screen, JSON.stringify(boxes));
        const player = page.locator("figure.kitchens timeline-player").first();
        await player.getByText("Play").click();
        for (let i = 0; i < 5; i += 1) {
            await page.waitForTimeout(120);
            assert.equal((await player.boundingBox()).height, boxes.player);
        }
        const seen = () => player.evaluate((one) => one.getBoundingClientRect().bottom <= innerHeight);
        for (let i = 0; i < 20 && !(await seen()); i += 1) await page.waitForTimeout(100);
        assert.ok(await seen(), "what plays is in sight");
    });
}

test("dishes fill as they cook, and the first figure tells its whole story before and after", async () => {
    const told = (page) =>
        page.locator("timeline-player").first().locator(".kitchen").evaluateAll((all) =>
            all.map((one) => [one.dataset.name, one.querySelectorAll(".served").length]));
    const plain = await open("index.html", { javaScriptEnabled: false });
    const whole = await told(plain);
    assert.deepEqual(whole.map(([name]) => name), ["One by one", "Processes", "Threads", "Event loop"]);
    assert.ok(whole[0][1] < 10 && whole.slice(1).every(([, served]) => served === 10), JSON.stringify(whole));
    const page = await open("index.html", { reducedMotion: "reduce" });
    assert.deepEqual(await told(page), whole, "as without script");
    const player = page.locator("timeline-player").first();
    const line = player.locator(".player p");
    await player.locator("input[type=range]").focus();
    await page.keyboard.press("Home");
    assert.equal(await line.textContent(), "0.0 ms");
    assert.deepEqual((await told(page)).map(([, served]) => served), [0, 0, 0, 0]);
    await player.getByText("Next dish").click();
    const served = (await told(page)).map(([, served]) => served);
    assert.equal(served.reduce((sum, one) => sum + one), 1, "one dish is served");
    const cooked = await player.locator(".kitchen.task .dishes i").evaluateAll((all) =>
        all.map((one) => parseFloat(one.style.getPropertyValue("--cooked"))));
    assert.ok(cooked.every((share) => share > 0) && cooked.some((share) => share < 90), cooked.join());
    await player.locator("input[type=range]").focus();
    await page.keyboard.press("End");
    assert.deepEqual(await told(page), whole, "as at first");
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
    await listing.locator(".copy").focus();
    await page.keyboard.press("Enter");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^fn sequential\(.*\) -> u64 \{\n    /);
    await page.locator(".command .copy").first().click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "cargo run --example threads_cpu");
});

test("a long listing folds what comes later, which is copied with it and found by its address", async () => {
    const page = await open("sharing.html", { permissions: ["clipboard-read", "clipboard-write"] });
    const listing = page.locator(".listing:has(.rest)").first();
    const rest = listing.locator(".rest");
    const last = listing.locator(".rest .line").last();
    assert.equal(await last.isVisible(), false);
    const count = await rest.locator(".line").count();
    assert.equal(await rest.locator("summary").textContent(), `${count} more lines`);
    await listing.locator(".copy").click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const shown = await listing.locator("pre code").evaluateAll((all) => all.map((one) => one.textContent).join(""));
    assert.equal(copied.split("\n").length, await listing.locator(".line").count());
    assert.equal(copied, shown.trimEnd());
    await page.goto(`${server.base}sharing.html#${await last.getAttribute("id")}`);
    assert.equal(await last.isVisible(), true, "its address opens the fold");
});

test("each exercise has its solution folded on the page", async () => {
    const page = await open("threads.html", { javaScriptEnabled: false });
    const solutions = page.locator(".fold", { hasText: "A solution" });
    assert.equal(await solutions.count(), 3);
    assert.equal(await solutions.first().locator(".listing").isVisible(), false);
    await solutions.first().locator("summary").click();
    assert.match(await solutions.first().locator(".listing-file").textContent(), /exercises\/overlap_solution\.rs/);
});

const blocks = [[390, "threads.html"], [1280, "threads.html"], [390, "index.html"], [390, "data.html"], [1280, "data.html"]];
for (const [width, name] of blocks) {
    test(`one button copies a block, and lies over no code, in ${name} at ${width} px`, async () => {
        const page = await open(name, { viewport: { width, height: 844 } });
        await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
        const faults = await page.evaluate(() => {
            const boxes = [...document.querySelectorAll("main .listing, main .copied")];
            const over = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
            return boxes.flatMap((box) => {
                const buttons = [...box.querySelectorAll("button.copy")];
                if (buttons.length !== 1) return [`${buttons.length} buttons: ${box.textContent.slice(0, 60)}`];
                const button = buttons[0].getBoundingClientRect();
                const codes = [...box.querySelectorAll("pre, .listing-file a, .run-line")];
                return codes.filter((code) => over(button, code.getBoundingClientRect())).map((code) => code.textContent);
            });
        });
        assert.deepEqual(faults, []);
        assert.equal(await page.locator("main pre").count() > 0, true);
        const cut = await page.locator("main .copied pre").evaluateAll((all, isWide) => all.filter((pre) =>
            pre.closest(isWide ? ".copied:not(.above)" : ".command") && pre.scrollWidth > pre.clientWidth).map((pre) => pre.textContent), width > 1000);
        assert.deepEqual(cut, [], "commands are seen whole, and code where there is room");
    });
}

for (const width of [390, 1280]) {
    test(`a press in the middle of how a verdict was asked opens it, and the way to the ledger lies beside, at ${width} px`, async () => {
        const page = await open("timelines.html", { viewport: { width, height: 844 } });
        const asked = page.locator(".verdict .asked").first();
        await asked.locator("summary").click();
        assert.equal(await asked.getAttribute("open"), "");
        assert.equal(await page.locator(".verdict .in-ledger a").first().isVisible(), true);
    });

    test(`no line begins with what ends a sentence after a number, at ${width} px`, async () => {
        for (const name of ["index.html", "timelines.html", "preemptive.html", "switching.html"]) {
            const page = await open(name, { viewport: { width, height: 844 } });
            const parted = await page.locator("main .used:has(> .measured)").evaluateAll((all) => all.flatMap((one) => {
                const next = one.nextSibling;
                if (next?.nodeType !== Node.TEXT_NODE || !/^[.,;:]/.test(next.data)) return [];
                const mark = document.createRange();
                mark.setStart(next, 0);
                mark.setEnd(next, 1);
                const [number, after] = [one.getBoundingClientRect(), mark.getBoundingClientRect()];
                return after.height > 0 && after.top > number.bottom - 4 ? [one.parentElement.textContent.slice(0, 60)] : [];
            }));
            assert.deepEqual(parted, [], name);
            await page.context().close();
        }
    });
}

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
