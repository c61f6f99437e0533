// The orders in which planted bugs fail: whole without a script, and with one to be stepped through and put otherwise.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { book, browser, pages, serve } from "./support.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const kept = new Map();
for (const file of await readdir(join(book, "orders"))) {
    kept.set(file.replace(/\.json$/, ""), JSON.parse(await readFile(join(book, "orders", file), "utf8")));
}
const drawn = new Map();
for (const name of (await pages()).filter((name) => name !== "print.html")) {
    const found = [...(await readFile(join(book, name), "utf8")).matchAll(/data-from="orders\/(\w+)\.json"/g)];
    for (const [, order] of found) drawn.set(order, name);
}
const pagesWith = [...new Set(drawn.values())];

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

async function open(order, options = {}) {
    const page = await chromium.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    await page.goto(server.base + drawn.get(order));
    const figure = page.locator("figure.order", { has: page.locator(`[data-from="orders/${order}.json"]`) });
    await page.evaluate(() => document.querySelectorAll("details.fold").forEach((fold) => (fold.open = true)));
    return { page, figure };
}

const steps = (figure) => figure.locator(".order-steps > li:visible").count();
const status = (figure) => figure.locator('[role="status"]').textContent();
const key = (figure, name) => figure.getByRole("button", { name });

test("every order that is kept is on a page", () => {
    assert.deepEqual([...drawn.keys()].sort(), [...kept.keys()].sort());
});

test("without a script every step stands there, with its line and what is shared", async () => {
    for (const [order, { order: path, failure, shared }] of kept) {
        const html = await readFile(join(book, drawn.get(order)), "utf8");
        const text = html.slice(html.indexOf(`data-from="orders/${order}.json"`));
        const own = text.slice(0, text.indexOf("</figure>"));
        assert.equal(own.split('<li class="lane-').length - 1, path.length, order);
        assert.equal(own.split('class="order-code"').length - 1, path.length, order);
        assert.ok(shared.length > 0 && own.includes("Before:"), order);
        assert.ok(own.includes(failure.slice(0, 10)), order);
    }
    const page = await chromium.newPage({ javaScriptEnabled: false });
    await page.goto(server.base + drawn.get("load_store"));
    const figure = page.locator("figure.order");
    assert.equal(await steps(figure), kept.get("load_store").order.length);
    assert.ok(await figure.locator(".order-end").isVisible());
    assert.equal(await figure.getByRole("button").count(), 0);
    await page.close();
});

test("one steps through an order, by key and by button, and it ends where it fails", async () => {
    const { page, figure } = await open("load_store");
    const length = kept.get("load_store").order.length;
    assert.equal(await steps(figure), length);
    await key(figure, "Start over").click();
    assert.equal(await steps(figure), 0);
    assert.match(await status(figure), /^Before the first step/);
    assert.ok(!(await figure.locator(".order-end").isVisible()));
    await key(figure, "Next").focus();
    for (let step = 1; step <= length; step++) {
        await page.keyboard.press(step % 2 ? "ArrowRight" : "Enter");
        assert.equal(await steps(figure), step);
    }
    assert.ok(await figure.locator(".order-end").isVisible());
    await page.keyboard.press("ArrowLeft");
    assert.equal(await steps(figure), length - 1);
    await page.keyboard.press("End");
    assert.equal(await steps(figure), length);
    await page.close();
});

test("an order of one's own ends as the record says, right or wrong", async () => {
    for (const order of ["load_store", "check_then_set", "opposite_locks"]) {
        const { places, lanes } = kept.get(order);
        const { page, figure } = await open(order);
        await key(figure, "Order it yourself").click();
        await figure.locator(".order-choice button").first().waitFor();
        for (const prefers of [0, 1]) {
            await key(figure, "Start over").click({ force: true }); // it may be there already
            let at = 0;
            for (let i = 0; places[at][2] === undefined; i++) {
                const can = lanes.map((_, lane) => lane).filter((lane) => places[at][1][lane]?.length === 2);
                // One goes as far as it can, and then the other; or they take turns.
                const lane = prefers === 0 ? can[0] : can[i % can.length];
                const choice = figure.locator(".order-choice button").nth(lane);
                assert.equal(await choice.getAttribute("aria-disabled"), "false");
                await choice.click();
                at = places[at][1][lane][1];
                assert.equal(await steps(figure), i + 1);
            }
            const end = places[at][2];
            const said = `${await status(figure)} ${await figure.locator(".order-end:visible").allTextContents()}`;
            assert.ok(end === "" ? said.includes("nothing is wrong") : said.includes(end) || /goes wrong/.test(said), said);
        }
        await page.close();
    }
});

test("who waits cannot be sent on", async () => {
    const { page, figure } = await open("opposite_locks");
    await key(figure, "Order it yourself").click();
    await figure.locator(".order-choice button").first().waitFor();
    const [one, other] = await figure.locator(".order-choice button").all();
    await one.click();
    await one.click();
    await other.click({ force: true });
    assert.equal(await steps(figure), 2 + ((await other.getAttribute("aria-disabled")) === "true" ? 0 : 1));
    await page.close();
});

test("without the file the story stays, and says why there is no other", async () => {
    const { page, figure } = await open("load_store");
    await page.route("**/orders/*.json", (route) => route.abort());
    await key(figure, "Order it yourself").click();
    await figure.getByText("cannot be fetched").waitFor();
    assert.equal(await steps(figure), kept.get("load_store").order.length);
    await page.close();
});

for (const name of pagesWith) {
    for (const [width, colorScheme] of [[390, "dark"], [1280, "light"]]) {
        test(`${name} at ${width} px, ${colorScheme}: nothing is cut off and axe finds nothing`, async () => {
            const page = await chromium.newPage({ viewport: { width, height: 900 }, colorScheme });
            await page.goto(server.base + name);
            await page.evaluate(() => document.querySelectorAll("details.fold").forEach((fold) => (fold.open = true)));
            for (const figure of await page.locator("figure.order").all()) {
                await key(figure, "Order it yourself").click();
                await figure.locator(".order-choice button").first().click();
            }
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(wide <= 0, `${wide} px too wide`);
            await page.evaluate(axe);
            const { violations } = await page.evaluate(() => globalThis.axe.run("figure.order"));
            assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0].html]), []);
            await page.close();
        });
    }
}

test("on paper the keys are gone and the steps are not", async () => {
    const { page, figure } = await open("load_store");
    await page.emulateMedia({ media: "print" });
    assert.ok(!(await key(figure, "Next").isVisible()));
    assert.equal(await steps(figure), kept.get("load_store").order.length);
    await page.close();
});
