// The form of the page about choosing: it says what the terminal says, to the last digit, and is
// there for whoever comes without a mouse, a script, a network or a wide screen.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bundle } from "./build.js";
import { book, browser, published, root, serve } from "./support.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const NAME = "choosing.html";

/** As a bundle has it, though it is no file. */
const module = async (from) =>
    import(`data:text/javascript;base64,${Buffer.from(await bundle(from, "esm")).toString("base64")}`);
const { Engine } = await module("theme/src/engine.ts");

let server;
let chromium;
/** What press has written down for the form. */
let known;
before(async () => {
    server = await serve(book);
    chromium = await browser();
    const page = await open({ javaScriptEnabled: false });
    known = JSON.parse(await page.locator(".choose").getAttribute("data-choosing"));
    await page.context().close();
});
after(async () => {
    await chromium.close();
    await server.close();
});

async function open({ hash = "", at = server.base, ...options } = {}) {
    const context = await chromium.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    page.complaints = [];
    page.on("pageerror", (error) => page.complaints.push(String(error)));
    await page.goto(at + NAME + hash);
    if (options.javaScriptEnabled !== false) await page.locator(".choose .your-job").waitFor();
    return page;
}

const committed = () => Engine.of(readFileSync(join(root, "book", "choose.wasm")));
const costs = (name = known.reference) => known.machines.find((machine) => machine.name === name).costs;

/** The same numbers each time, from 0 up to 1 (mulberry32). */
function drawn(seed) {
    return () => {
        seed = (seed + 0x6d2b79f5) | 0;
        let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
}

/** Jobs of all sizes, as a form can have them; every tenth one that cannot be. */
function jobs(count, seed = 17) {
    const random = drawn(seed);
    const between = (least, most) => Math.round(least * (most / least) ** random());
    return Array.from({ length: count }, (_, i) => ({
        language: random() < 0.5 ? "rust" : "python",
        items: i % 10 === 9 ? 0 : between(1, 1e5),
        cpu_ns: between(1e3, 1e9),
        wait_ns: random() < 0.3 ? 0 : between(1e4, 1e9),
        at_once: between(1, 1e4),
        bytes_in: random() < 0.3 ? 0 : between(1, 1e7),
        bytes_out: random() < 0.3 ? 0 : between(1, 1e7),
        cores: random() < 0.3 ? between(1, 400) / 100 : between(1, 64),
        memory_bytes: random() < 0.7 ? 0 : between(1, 1e4) * 1e6,
    }));
}

/** Cargo's program of this package, asked with `input`. */
function native(args, input) {
    const { status, stdout, stderr } = spawnSync("cargo", ["run", "--quiet", "--profile", "tool", ...args], {
        cwd: root,
        input,
        encoding: "utf8",
        maxBuffer: 1 << 28,
    });
    assert.equal(status, 0, stderr);
    return stdout;
}

test("a hundred jobs have the same answer here as in this machine's own code", async () => {
    const engine = await committed();
    const asked = jobs(100).map((job) => ({ job, numbers: engine.numbers(job, job.language, costs()) }));
    const lines = asked.map(({ numbers }) => numbers.join(" "));
    const answers = native(["--package", "choose_form", "--bin", "answers"], `${lines.join("\n")}\n`).trim().split("\n");
    assert.equal(answers.length, asked.length);
    let refused = 0;
    for (const [i, { numbers }] of asked.entries()) {
        assert.equal(engine.said(numbers), answers[i], lines[i]);
        refused += "refused" in JSON.parse(answers[i]) ? 1 : 0;
    }
    assert.equal(refused, 10);
});

test("asked two hundred times it takes no more memory than asked twice", async () => {
    const { instance } = await WebAssembly.instantiate(readFileSync(join(root, "book", "choose.wasm")));
    const { memory, room, answer } = instance.exports;
    const engine = await committed();
    const numbers = jobs(8).map((job) => engine.numbers(job, job.language, costs()));
    const ask = (numbers) => {
        const at = room(numbers.length);
        new Float64Array(memory.buffer, at, numbers.length).set(numbers);
        answer();
    };
    numbers.concat(numbers).forEach(ask);
    const bytes = memory.buffer.byteLength;
    for (let i = 0; i < 200; i++) ask(numbers[i % numbers.length]);
    assert.equal(memory.buffer.byteLength, bytes);
    assert.ok(bytes < 8 << 20, `${bytes} bytes`);
});

test("what is compiled here says the same as what is committed", async (t) => {
    const { stdout } = spawnSync("rustup", ["target", "list", "--installed"], { encoding: "utf8" });
    if (!/^wasm32-unknown-unknown$/m.test(stdout ?? "")) return t.skip("no such target is installed");
    const folder = mkdtempSync(join(tmpdir(), "choose-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "choose.wasm");
    const made = spawnSync("node", ["engine.js", path], { cwd: join(root, "tests", "browser"), encoding: "utf8" });
    assert.equal(made.status, 0, made.stderr);
    const [here, there] = [await Engine.of(readFileSync(path)), await committed()];
    assert.deepEqual(here.about, there.about, "run `npm run engine` in tests/browser");
    for (const job of jobs(100)) {
        const numbers = here.numbers(job, job.language, costs());
        assert.equal(here.said(numbers), there.said(numbers));
    }
});

/** A job as a terminal and an address take it. */
const options = (job) => ({
    cpu: `${job.cpu_ns}ns`,
    wait: `${job.wait_ns}ns`,
    items: job.items,
    "at-once": job.at_once,
    "bytes-in": `${job.bytes_in}B`,
    "bytes-out": `${job.bytes_out}B`,
    cores: job.cores,
    memory: `${job.memory_bytes / 1e6}MB`,
    language: job.language,
    machine: known.reference,
});
const hash = (job) => `#job:${new URLSearchParams(options(job))}`;

/** Those that can be. */
const some = () => jobs(5, 5);

test("a terminal says the same", async () => {
    const engine = await committed();
    for (const job of some()) {
        const args = Object.entries(options(job)).flatMap(([name, value]) => [`--${name}`, String(value)]);
        const said = JSON.parse(native(["--package", "press", "--", "choose", ...args, "--json"]));
        const { models, turns } = engine.ask(job, job.language, costs());
        const [its] = said.answers;
        assert.equal(said.machine, known.reference);
        assert.deepEqual(its.models, models, args.join(" "));
        assert.deepEqual(its.turns, turns, args.join(" "));
    }
});

const texts = (page, selector) =>
    page.locator(selector).evaluateAll((all) => all.map((one) => one.textContent.trim().replace(/\s+/g, " ")));

test("the page says the same", async () => {
    const engine = await committed();
    for (const job of some()) {
        const page = await open({ hash: hash(job) });
        const { models, turns } = engine.ask(job, job.language, costs());
        const rows = models.map(({ label, said }) =>
            `${label} ${said.time} CPU ${said.cpu}, memory ${said.memory}, size ${said.size}. Binds: ${said.binds}. Two hosts: ${said.two_hosts}. Why`.replace(/\s+/g, " "));
        assert.deepEqual(await texts(page, ".choose .ranked summary"), rows);
        const plain = (text) => text.replace(/\s+/g, " ");
        assert.deepEqual(await texts(page, ".choose .ranked details > p"), models.map(({ said }) => plain(said.reason)));
        const called = job.language === "rust" ? "Rust" : "Python";
        assert.deepEqual(await texts(page, ".choose .turns-of li"), turns.map(({ says }) => plain(`${called}: ${says}`)));
        assert.deepEqual(page.complaints, []);
        await page.context().close();
    }
});

const said = (page) => page.locator(".choose [role=status]").textContent();
const field = (page, label) => page.getByLabel(label, { exact: true });
/** Until what was typed is answered. */
const answered = (page) => page.locator(".choose .result:not([aria-busy])").waitFor();
/** Types it, and waits for that. */
async function fill(page, label, text) {
    await field(page, label).fill(text);
    await answered(page);
}
/** Until what was typed is told and kept. */
const settled = (page) => page.waitForTimeout(1500);

test("a job is asked about by keyboard alone, and its answer is read out", async () => {
    const page = await open();
    const asked = async () => new URLSearchParams(new URL(page.url()).hash.slice("#job:".length));
    await page.locator(".choose button").first().focus();
    await page.keyboard.press("Enter");
    await settled(page);
    assert.equal(await page.locator(".choose button[aria-pressed=true]").count(), 1);
    const first = await said(page);
    assert.match(first, /^(Rust|Python): .+, .+\. \S/);
    // Past the other jobs to the first field.
    for (let i = 0; i < known.jobs.length; i++) await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.id), "choose-cpu");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("2");
    await page.keyboard.press("Tab");
    await page.keyboard.type("s");
    await settled(page);
    assert.notEqual(await said(page), first);
    assert.equal((await asked()).get("cpu"), "2s");
    assert.equal(await page.locator(".choose button[aria-pressed=true]").count(), 0);
    // Why, by the fold of a model.
    await page.locator(".choose summary").first().focus();
    await page.keyboard.press("Enter");
    assert.equal(await page.locator(".choose .ranked details > p").first().isVisible(), true);
    // What is open stays open when something else is asked.
    const model = await page.locator(".choose details[open]").getAttribute("data-model");
    await fill(page, "Items", "77");
    assert.equal(await page.locator(`.choose details[data-model=${model}][open]`).count(), 1);
    await page.context().close();
});

test("each of the jobs that people have has an answer at a press", async () => {
    const page = await open();
    assert.ok(known.jobs.length >= 8);
    for (const [i, job] of known.jobs.entries()) {
        await page.locator(".choose button").nth(i).click();
        assert.equal(await page.locator(".choose button").nth(i).getAttribute("aria-pressed"), "true", job.name);
        assert.equal(await page.locator(".choose [aria-invalid]").count(), 0, job.name);
        assert.equal(await page.locator(".choose .old").count(), 0, job.name);
    }
    await page.context().close();
});

test("what is no number, or cannot be, has one message, at its field", async () => {
    const page = await open();
    const rows = await texts(page, ".choose .ranked summary");
    for (const [label, text] of [
        ["CPU per item", "five"],
        ["CPU per item", ""],
        ["Items", "0"],
        ["Items", "-3"],
        ["Items", "1e999"],
        ["At once, at most", "0"],
        ["Cores", "0"],
        ["Cores", "1.2.3"],
        ["Bytes in", "<b>"],
        ["Waiting per item", "99999999999999999999"],
        ["Memory", "9999999999999"],
    ]) {
        const input = field(page, label);
        const before = await input.inputValue();
        await fill(page, label, text);
        assert.equal(await page.locator(".choose [aria-invalid=true]").count(), 1, `${label}: ${text}`);
        assert.equal(await input.getAttribute("aria-invalid"), "true");
        const about = page.locator(`#${await input.getAttribute("aria-describedby")}`);
        assert.match(await about.textContent(), /^(A number, such as|from) [\d.]+/, `${label}: ${text}`);
        // The answer to the last job that could be stays there, pale.
        assert.deepEqual(await texts(page, ".choose .ranked summary"), rows);
        assert.equal(await page.locator(".choose .result.old").count(), 1);
        await fill(page, label, before);
        assert.equal(await page.locator(".choose [aria-invalid]").count(), 0);
        assert.equal(await page.locator(".choose .old").count(), 0);
    }
    await fill(page, "Cores", "none");
    await settled(page);
    assert.match(await said(page), /^Cores: /);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});

test("a comma is a point, and no field drops what is typed", async () => {
    const page = await open();
    await fill(page, "Cores", "");
    await field(page, "Cores").pressSequentially("1,5");
    await answered(page);
    const rows = await texts(page, ".choose .ranked summary");
    await fill(page, "Cores", "1.5");
    assert.deepEqual(await texts(page, ".choose .ranked summary"), rows);
    await page.context().close();
});

test("a job is in the address, so that another reader sees the same", async () => {
    const page = await open();
    await fill(page, "Waiting per item", "7");
    await field(page, "Language").selectOption("python");
    await settled(page);
    const other = await open({ hash: new URL(page.url()).hash });
    assert.equal(await field(other, "Waiting per item").inputValue(), "7");
    assert.deepEqual(await texts(other, ".choose .ranked summary"), await texts(page, ".choose .ranked summary"));
    assert.equal(await other.evaluate(() => document.querySelector(".choose").getBoundingClientRect().top < innerHeight), true);
    await page.context().close();
    await other.context().close();
});

test("an address that says anything else is text, and does no harm", async () => {
    for (const hash of [
        "#job:",
        "#job:cpu=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&items=%00&machine=nobody&language=c",
        "#job:cpu=%E0%A4%A&items=1e999&cores=-1",
        `#job:items=${"9".repeat(5000)}`,
    ]) {
        const page = await open({ hash });
        assert.equal(await page.locator(".choose img").count(), 0);
        assert.notEqual(await field(page, "Machine").inputValue(), "nobody");
        assert.deepEqual(page.complaints, [], hash);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0);
        await page.context().close();
    }
});

test("nothing is sent, whatever is asked", async () => {
    const page = await open();
    await page.waitForLoadState("networkidle");
    const requests = [];
    page.on("request", (request) => {
        // The browser's own, at a time of its own.
        if (!request.url().includes("favicon")) requests.push(request.url());
    });
    for (const button of await page.locator(".choose button").all()) await button.click();
    await fill(page, "Items", "31");
    await settled(page);
    assert.deepEqual(requests, []);
    await page.context().close();
});

for (const width of [390, 1280]) {
    for (const colorScheme of ["light", "dark"]) {
        test(`asked, opened and mistaken, at ${width} px, ${colorScheme}: axe finds nothing, nothing is too wide`, async () => {
            const page = await open({ viewport: { width, height: 844 }, colorScheme });
            const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            const check = async (state) => {
                await page.evaluate(axe);
                const { violations } = await page.evaluate(() => globalThis.axe.run(document));
                assert.deepEqual(violations.map((v) => `${state}: ${v.id}: ${v.nodes[0].html}`), []);
                assert.ok((await wide()) <= 0, `${state}: ${await wide()} px too wide`);
            };
            await check("at first");
            await page.locator(".choose summary").first().click();
            await page.locator(".choose button").first().click();
            await check("opened");
            await fill(page, "At once, at most", "some");
            await check("mistaken");
            await page.context().close();
        });
    }
}

test("at four times the size, on the least screen, nothing of the form is too wide or cut off", async () => {
    const page = await open({ viewport: { width: 320, height: 256 } });
    await page.locator(".choose summary").first().click();
    const wide = await page.locator(".choose *:not(option)").evaluateAll((all) =>
        all.filter((one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.outerHTML.slice(0, 90)));
    assert.deepEqual(wide, []);
    const cut = await page.locator(".choose input").evaluateAll((all) => all.filter((one) => one.clientWidth < 40).length);
    assert.equal(cut, 0);
    await page.context().close();
});

for (const width of [390, 1280]) {
    test(`nothing jumps when the form comes, nor when something is asked, at ${width} px`, async () => {
        const context = await chromium.newContext({ viewport: { width, height: 900 } });
        const page = await context.newPage();
        await page.addInitScript(() => {
            globalThis.shifted = 0;
            const seen = (list) => list.getEntries().forEach((entry) => (globalThis.shifted += entry.value));
            new PerformanceObserver(seen).observe({ type: "layout-shift", buffered: true });
        });
        let go;
        const held = new Promise((done) => (go = done));
        await page.route("**/choose.wasm", async (route) => {
            await held;
            await route.continue();
        });
        await page.goto(server.base + NAME, { waitUntil: "commit" });
        await page.locator(".choose").waitFor({ state: "attached" });
        await page.waitForTimeout(500);
        // Somewhere in the room that is kept for the form, what follows it is not to be seen.
        await page.locator(".choose").evaluate((one) => one.scrollIntoView());
        const height = () => page.locator(".choose").evaluate((one) => one.offsetHeight);
        const kept = await height();
        go();
        await page.locator(".choose .your-job").waitFor();
        await page.waitForTimeout(200);
        assert.ok((await page.evaluate(() => globalThis.shifted)) < 0.05);
        const ratio = (await height()) / kept;
        assert.ok(ratio > 0.75 && ratio < 1.25, `${ratio} of the room that was kept`);
        const top = () => page.locator(".choose .ranked").evaluate((one) => one.getBoundingClientRect().top + scrollY);
        const was = await top();
        for (const text of ["none", "900", "0", "7"]) {
            await fill(page, "Items", text);
            assert.equal(await top(), was, text);
        }
        await context.close();
    });
}

test("without a script the page has its table, and no empty form", async () => {
    const page = await open({ javaScriptEnabled: false });
    assert.equal(await page.locator(".choose .your-job").count(), 0);
    assert.ok(await page.locator(".choose").isVisible());
    assert.ok((await page.locator(".choose").evaluate((one) => one.offsetHeight)) < 400);
    assert.ok((await page.locator("main table:visible").count()) > 0);
    await page.context().close();
});

for (const missing of ["choose.wasm", "choose.js"]) {
    test(`without ${missing} a message says so, and the table stays`, async () => {
        for (const answer of [(route) => route.abort(), (route) => route.fulfill({ status: 404 })]) {
            const context = await chromium.newContext({ viewport: { width: 1280, height: 900 } });
            const page = await context.newPage();
            const complaints = [];
            page.on("pageerror", (error) => complaints.push(String(error)));
            await page.route(`**/${missing}`, answer);
            await page.goto(server.base + NAME);
            await page.getByText("The form could not be loaded").waitFor();
            assert.equal(await page.locator(".choose .your-job").count(), 0);
            assert.ok((await page.locator("main table:visible").count()) > 0);
            assert.ok((await page.locator(".choose").evaluate((one) => one.offsetHeight)) < 400);
            assert.deepEqual(complaints, []);
            await context.close();
        }
    });
}

test("on paper there is the table, and no form", async () => {
    const page = await open();
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator(".choose .your-job").isVisible(), false);
    assert.equal(await page.locator(".choose .result").isVisible(), false);
    assert.ok((await page.locator("main table:visible").count()) > 0);
    await page.context().close();
});

test("a page that was read works without a network", async (t) => {
    const its = await serve(book);
    t.after(its.close);
    const { base, chromium } = await published(its.base);
    t.after(() => chromium.close());
    const context = await chromium.newContext();
    const page = await context.newPage();
    await page.goto(`${base}index.html`);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.goto(base + NAME);
    await page.locator(".choose .your-job").waitFor();
    const rows = await texts(page, ".choose .ranked summary");
    await context.setOffline(true);
    await page.reload();
    await page.locator(".choose .your-job").waitFor();
    assert.deepEqual(await texts(page, ".choose .ranked summary"), rows);
    await fill(page, "Items", "31");
    assert.notDeepEqual(await texts(page, ".choose .ranked summary"), rows);
});

test("the form asks of the machine whose figures the reader has chosen", async () => {
    const context = await chromium.newContext();
    const page = await context.newPage();
    await page.goto(server.base + NAME);
    await page.locator(".choose .your-job").waitFor();
    const names = await field(page, "Machine").locator("option").evaluateAll((all) => all.map((one) => one.value));
    assert.deepEqual(names, known.machines.map(({ name }) => name));
    for (const name of names) {
        await page.evaluate((name) => localStorage.setItem("taking-turns:machine", name), name);
        await page.reload();
        await page.locator(".choose .your-job").waitFor();
        assert.equal(await field(page, "Machine").inputValue(), name);
    }
    await context.close();
});
