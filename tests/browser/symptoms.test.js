// From symptom to page: the list, its choice, and where its entries lead.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { book, browser, serve } from "./support.js";

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

const shown = (page) => page.locator(".symptoms > li:visible").count();

test("each kind can be chosen without a script, and shows as many as it says", async () => {
    const page = await open("symptoms.html", { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    const all = await page.locator(".symptoms > li").count();
    assert.ok(all >= 120, `${all} entries`);
    assert.equal(await shown(page), all);
    const kinds = page.locator(".scoreboard label:has(.narrows)");
    assert.equal(await kinds.count(), 11);
    for (const kind of await kinds.all()) {
        await kind.click();
        const said = Number(await kind.locator(".count").textContent());
        assert.equal(await shown(page), said, await kind.textContent());
        assert.ok(said > 0 && said < all);
        // No heading stands above nothing.
        assert.equal(await page.locator("main :is(h2, h3):has(+ .symptoms):visible").count(), 0);
    }
    await page.locator("label:has(#kind-all)").click();
    assert.equal(await shown(page), all);
    await page.context().close();
});

test("two clicks lead from the first page to an answer, with the heading above it in view", async () => {
    const page = await open("index.html");
    await page.locator('main a[href="symptoms.html"]').first().click();
    await page.getByRole("link", { name: "Too many open files", exact: true }).click();
    await page.waitForURL(/limits\.html#symptom-too-many-open-files$/);
    assert.equal(await page.locator("p:has(> span:target)").count(), 1);
    const top = (css) => page.locator(css).evaluate((e) => e.getBoundingClientRect().top);
    const answer = await top("p:has(> span:target)");
    assert.ok(answer > 60 && answer < 300, `the answer is at ${answer} px`);
    await page.context().close();
});

test("wrong addresses and the contents lead to the list", async () => {
    const page = await open("threads.html");
    assert.equal(await page.locator('#contents a[href="symptoms.html"]', { hasText: "What do you see?" }).count(), 1);
    const missing = await (await fetch(`${server.base}404.html`)).text();
    assert.match(missing, /href="symptoms\.html"/);
    await page.context().close();
});

test("on paper all entries stand, and nothing that cannot be pressed", async () => {
    const page = await open("symptoms.html");
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator(".scoreboard").isVisible(), false);
    assert.equal(await shown(page), await page.locator(".symptoms > li").count());
    await page.context().close();
});
