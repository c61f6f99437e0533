// A book that was built where there are records of the reader's own, and of a third machine.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { browser, reference, root, serve } from "./support.js";

let folder;
let server;
let chromium;
before(async () => {
    mkdirSync(join(root, "target"), { recursive: true });
    folder = mkdtempSync(join(root, "target", "machines-"));
    for (const part of ["book", "theme", "examples", "benches", "lab", "orders", "press"]) {
        symlinkSync(join(root, part), join(folder, part));
    }
    cpSync(join(root, "book.toml"), join(folder, "book.toml"));
    cpSync(join(root, "results"), join(folder, "results"), { recursive: true });
    // The same records under other names: what is tested is whose are shown.
    for (const name of ["local", "big-16"]) {
        rmSync(join(folder, "results", name), { recursive: true, force: true });
        cpSync(join(root, "results", reference), join(folder, "results", name), { recursive: true });
    }
    // These experiments the reader has not measured.
    for (const name of ["threads_crash", "threads_io"]) {
        rmSync(join(folder, "results", "local", `${name}.json`));
    }
    const manifest = join(root, "Cargo.toml");
    execFileSync("cargo", ["run", "--quiet", "--profile", "tool", "--manifest-path", manifest, "--package", "press", "--", "build"], {
        cwd: folder,
        stdio: ["ignore", "ignore", "inherit"],
    });
    server = await serve(join(folder, "target", "book"));
    chromium = await browser();
});
after(async () => {
    await chromium?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
});

async function open(name, options = {}) {
    const context = await chromium.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    await page.goto(server.base + name);
    return page;
}

const shown = (page, name) => page.locator(`main figure [data-machine="${name}"]:visible`).count();

test("a book with local records opens on the reader's machine, with the reference beside it", async () => {
    const page = await open("threads.html");
    const number = page.locator("main > p .measured").first();
    const parts = await number.locator("> span:visible").evaluateAll((all) => all.map((e) => e.dataset.machine));
    assert.deepEqual(parts, ["local", reference]);
    assert.match(await number.textContent(), /ours/);
    const blocks = await page.locator("main figure").first().locator(".machine").evaluateAll((all) =>
        all.map((e) => [e.dataset.machine, e.tagName]),
    );
    // Whatever other machines the book has lie folded beside these.
    const asked = blocks.filter(([machine, tag]) => tag === "DIV" || machine === "big-16");
    assert.deepEqual(asked, [["local", "DIV"], [reference, "DIV"], ["big-16", "DETAILS"]]);
});

test("a machine is chosen once, and all numbers, figures and verdicts of all pages follow", async () => {
    const page = await open("threads.html");
    await page.selectOption("#machine", "big-16");
    assert.ok((await shown(page, "big-16")) > 0);
    assert.equal(await shown(page, reference), 0);
    const number = page.locator("main > p .measured").first();
    const parts = () => number.locator("> span:visible").evaluateAll((all) => all.map((e) => e.dataset.machine));
    assert.deepEqual(await parts(), ["big-16"]);
    await page.goto(`${server.base}global-lock.html`);
    assert.equal(await page.locator("#machine").inputValue(), "big-16");
    assert.equal(await shown(page, "local"), 0);
    assert.deepEqual(await parts(), ["big-16"]);
    await page.selectOption("#machine", "");
    assert.deepEqual(await parts(), ["local", reference]);
    assert.equal(await page.locator(".verdict [data-machine=local]:visible").count() > 0, true);
});

test("what the chosen machine has not measured is shown as it was", async () => {
    const page = await open("threads.html");
    await page.selectOption("#machine", "local");
    const crash = page.locator("figure", { hasText: "What became of the three siblings" });
    assert.equal(await crash.locator("[data-machine=local]").count(), 0);
    assert.equal(await crash.locator(`[data-machine=${reference}]`).isVisible(), true);
});

test("a number that the reader's machine lacks is marked as ours", async () => {
    const page = await open("threads.html");
    const numbers = page.locator("main .measured:not(:has([data-machine=local]))");
    assert.ok((await numbers.count()) > 0);
    for (const text of await numbers.allTextContents()) assert.match(text, /^ours /);
    assert.equal(await page.locator("main .measured:has(> [data-machine=local]):not(:has(.whose))").count(), 0);
});

test("a guess is compared with the machine that is chosen", async () => {
    const page = await open("threads.html");
    const box = page.locator(".predict").first();
    await box.locator("input").fill("3");
    await box.getByRole("button", { name: "Compare" }).click();
    assert.match(await box.locator(".guess").textContent(), /Measured on your machine: /);
    await page.selectOption("#machine", reference);
    assert.match(await box.locator(".guess").textContent(), new RegExp(`You: 3.*Measured on ${reference}: `));
});

test("without script both machines stand side by side", async () => {
    const page = await open("threads.html", { javaScriptEnabled: false });
    assert.ok((await shown(page, "local")) > 0);
    assert.ok((await shown(page, reference)) > 0);
});

test("verdicts are compared by machine, the reader's first, and the same records differ in nothing", async () => {
    const page = await open("machines-compared.html");
    const totals = page.locator("main table", { hasText: "claims tried on both" });
    const rows = await totals.locator("tbody tr").evaluateAll((all) =>
        all.map((row) => [...row.cells].map((cell) => cell.textContent)),
    );
    const of = (machine) => rows.find(([name]) => name === machine);
    assert.equal(rows[0][0], "your machine");
    for (const machine of ["your machine", "big-16"]) {
        const [, tried, same, another, open] = of(machine).map(Number);
        assert.ok(tried > 30, `${machine}: ${tried}`);
        assert.deepEqual([same, another, open], [tried, 0, 0], machine);
    }
    const topic = page.locator("main details", { hasText: "Threads: " }).first();
    await topic.locator("> summary").click();
    const heads = await topic.locator("th[scope=col]").allTextContents();
    for (const name of [reference, "your machine", "big-16"]) assert.ok(heads.includes(name), heads.join());
});
