// The worker: the network first, its own build's files, and nothing on this machine's ports.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { book, browser, published, reference, root, serve } from "./support.js";

const worker = readFileSync(join(root, "book", "sw.js"), "utf8");
const script = readFileSync(join(root, "theme", "book.js"), "utf8");

/** A page as the theme makes it, as far as the worker is concerned. */
const page = (text) => `<!DOCTYPE html><title>A book</title><h1>${text}</h1>
    <nav><a href="index.html">index</a> <a href="page.html">page</a></nav>
    <p id="offline" data-worker="sw.js"></p><script src="book-00000001.js"></script>`;

/** A build of a book: its files, and the worker that `cargo book build` makes of them. */
function build(name, text = name) {
    const files = {
        "index.html": page(`index ${text}`),
        "page.html": page(`page ${text}`),
        "book-00000001.js": script,
        [`style-${name.padStart(8, "0")}.css`]: `/* ${text} */`,
        "stream.html": page(`stream ${text}`),
        "moved.html": page(`moved ${text}`),
        "broken.html": page(`broken ${text}`),
    };
    const told = JSON.stringify({ build: name, files: Object.keys(files) });
    return { ...files, "sw.js": `self.BOOK=${told};\n${worker}`, "not-ours.html": page(`not ours ${text}`) };
}

const types = { html: "text/html", js: "text/javascript", css: "text/css" };

/** A site under /sub/, whose files, and answers of another kind, can be changed. */
async function site(files, port = 0) {
    const it = { files, answers: {}, asked: [], headers: {} };
    const server = createServer((request, response) => {
        const name = new URL(request.url, "http://x").pathname.replace(/^\/sub\//, "") || "index.html";
        it.asked.push(name);
        if (it.answers[name]) return it.answers[name](request, response);
        const body = it.files[name];
        const type = types[name.split(".").pop()] ?? "text/plain";
        response.writeHead(body === undefined ? 404 : 200, { "content-type": type, ...it.headers });
        response.end(body);
    });
    await new Promise((done) => server.listen(port, "127.0.0.1", done));
    it.port = server.address().port;
    it.base = `http://127.0.0.1:${it.port}/sub/`;
    it.close = () => new Promise((done) => { server.closeAllConnections(); server.close(done); });
    return it;
}

/** Until it is so. */
async function until(tab, isSo, about) {
    for (let i = 0; i < 100; i++) {
        if (await tab.evaluate(isSo, about)) return;
        await tab.waitForTimeout(100);
    }
    assert.fail(`not after ten seconds: ${isSo}`);
}

/** A reader of a published book, whose worker is at work. */
async function reader(t, files) {
    const its = await site(files);
    t.after(its.close);
    const { base, chromium } = await published(its.base);
    t.after(() => chromium.close());
    const context = await chromium.newContext();
    const tab = await context.newPage();
    await tab.goto(base);
    await tab.getByRole("button", { name: "Keep the book" }).waitFor();
    await tab.waitForFunction(() => navigator.serviceWorker.controller !== null);
    const says = () => tab.locator("h1").textContent();
    return { site: its, base, context, tab, says };
}

/** The files that are kept, by the build that keeps them. */
const kept = (tab) =>
    tab.evaluate(async () => {
        const found = {};
        for (const name of await caches.keys()) {
            const requests = await (await caches.open(name)).keys();
            found[name.split(" ").pop()] = requests.map(({ url }) => url.split("/").pop()).sort();
        }
        return found;
    });

/** Until the worker of a build is the one at work, which is when what others kept is gone. */
async function renewed(tab, name) {
    await tab.evaluate(() => navigator.serviceWorker.getRegistration().then((it) => it.update()));
    await until(tab, async (name) => (await caches.keys()).join() === `taking-turns /sub/ ${name}`, name);
}

test("a page is read from the network, and without one as it was kept", async (t) => {
    const { base, context, tab, says, site } = await reader(t, build("1"));
    await tab.goto(`${base}page.html?from=elsewhere#here`);
    site.files["page.html"] = page("page, mended");
    await tab.reload();
    assert.equal(await says(), "page, mended");
    await context.setOffline(true);
    await tab.goto(`${base}page.html?from=nowhere`);
    assert.equal(await says(), "page, mended");
});

test("a rebuilt page is not hidden by one that the browser's own cache holds for fresh", async (t) => {
    const { tab, says, site } = await reader(t, build("1"));
    site.headers = { "cache-control": "max-age=600" };
    await tab.getByRole("link", { name: "page" }).click();
    assert.equal(await says(), "page 1");
    await tab.getByRole("link", { name: "index" }).click();
    site.files["page.html"] = page("page, mended");
    await tab.getByRole("link", { name: "page" }).click();
    assert.equal(await says(), "page, mended");
});

test("with the storage full a page is shown as it is now, and is not kept", async (t) => {
    const { base, context, tab, says, site } = await reader(t, build("1"));
    await tab.goto(`${base}page.html`);
    assert.equal(await says(), "page 1");
    const session = await context.newCDPSession(tab);
    await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(base).origin, quotaSize: 1 });
    site.files["page.html"] = page("page, mended");
    await tab.getByRole("link", { name: "page" }).click();
    assert.equal(await says(), "page, mended");
    await tab.goto(`${base}moved.html`);
    assert.equal(await says(), "moved 1");
    await tab.getByRole("button", { name: "Keep the book" }).click();
    await tab.getByText(/\d+ files are kept, [1-9]\d* could not be/).waitFor();
});

test("a new build takes the place of what older ones kept, and fetches the same anew", async (t) => {
    const { base, context, tab, says, site } = await reader(t, build("1"));
    await tab.evaluate(() => caches.open("taking-turns").then((old) => old.put("gone.html", new Response("old"))));
    await tab.goto(`${base}page.html`);
    await tab.evaluate(() => fetch("style-00000001.css"));
    site.files = build("2");
    await renewed(tab, "2");
    const { 2: files, ...rest } = await kept(tab);
    assert.deepEqual(rest, {});
    assert.deepEqual(files, ["book-00000001.js", "page.html", "style-00000002.css"]);
    await context.setOffline(true);
    await tab.goto(`${base}page.html`);
    assert.equal(await says(), "page 2");
});

test("caches of others of the same origin are left alone", async (t) => {
    const { tab, site } = await reader(t, build("1"));
    const names = ["another's", "taking-turns /another/ 7"];
    await tab.evaluate((names) => Promise.all(names.map((name) => caches.open(name))), names);
    await tab.evaluate(() => fetch("page.html"));
    site.files = build("2");
    await tab.evaluate(() => navigator.serviceWorker.getRegistration().then((it) => it.update()));
    await until(tab, async () => {
        const names = await caches.keys();
        return names.includes("taking-turns /sub/ 2") && !names.includes("taking-turns /sub/ 1");
    });
    assert.deepEqual((await tab.evaluate(() => caches.keys())).sort(), [...names, "taking-turns /sub/ 2"]);
});

test("an update that the network cuts short leaves what was kept", async (t) => {
    const { base, context, tab, says, site } = await reader(t, build("1"));
    await tab.goto(`${base}page.html`);
    site.files = build("2");
    site.answers["page.html"] = (request) => request.socket.destroy();
    await tab.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration();
        const found = new Promise((done) => {
            registration.onupdatefound = () => {
                const { installing } = registration;
                installing.onstatechange = () => installing.state === "redundant" && done();
            };
        });
        await registration.update();
        await found;
    });
    assert.ok((await kept(tab))["1"].includes("page.html"));
    await context.setOffline(true);
    await tab.goto(`${base}page.html`);
    assert.equal(await says(), "page 1");
});

test("no stream, no error, no page of elsewhere and no file that is not the book's is kept", async (t) => {
    const { base, tab, says, site } = await reader(t, build("1"));
    site.answers["stream.html"] = (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("event: init\ndata:\n\n");
        setTimeout(() => response.end(), 200);
    };
    site.answers["moved.html"] = (_, response) => response.writeHead(302, { location: "not-ours.html" }).end();
    site.answers["broken.html"] = (_, response) => response.writeHead(500).end("broken");
    await tab.evaluate(async () => {
        for (const name of ["stream.html", "moved.html", "broken.html", "not-ours.html", "gone.html"]) {
            await (await fetch(name)).text();
        }
        await (await fetch("page.html", { headers: { range: "bytes=0-3" } })).text();
        await fetch("page.html", { method: "POST" });
    });
    await tab.goto(`${base}moved.html`);
    assert.equal(await says(), "not ours 1");
    await tab.getByRole("button", { name: "Keep the book" }).click();
    await tab.getByText("4 files are kept, 3 could not be").waitFor();
    assert.deepEqual(await kept(tab), { 1: ["book-00000001.js", "index.html", "page.html", "style-00000001.css"] });
});

test("a worker without a build's list keeps nothing, offers nothing and goes", async (t) => {
    const { base, tab, site } = await reader(t, build("1"));
    await tab.goto(`${base}page.html`);
    site.files["sw.js"] = worker;
    await tab.reload();
    await until(tab, isGone);
    await tab.reload();
    await tab.waitForTimeout(500);
    assert.equal(await tab.getByRole("button", { name: "Keep the book" }).count(), 0);
    assert.deepEqual(await kept(tab), {});
});

// As it was before builds had lists: it kept whatever was answered.
const older = `
    self.addEventListener("install", () => void self.skipWaiting());
    self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
    self.addEventListener("fetch", (event) => event.respondWith((async () => {
        const cache = await caches.open("taking-turns");
        try {
            const fresh = await fetch(event.request);
            if (fresh.ok) await cache.put(event.request, fresh.clone());
            return fresh;
        } catch (gone) {
            const kept = await cache.match(event.request, { ignoreSearch: true });
            if (kept !== undefined) return kept;
            throw gone;
        }
    })()));`;

/** A tab of this machine's port, where the worker of an older book is at work. */
async function haunted(chromium, base) {
    const tab = await (await chromium.newContext()).newPage();
    await tab.goto(base);
    await tab.evaluate(async () => {
        await navigator.serviceWorker.register("sw.js");
        await navigator.serviceWorker.ready;
    });
    await tab.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await tab.reload();
    assert.deepEqual(await tab.evaluate(() => caches.keys()), ["taking-turns"]);
    return tab;
}

const isNoMore = async () => (await navigator.serviceWorker.getRegistrations()).length === 0;

const isGone = async () =>
    (await caches.keys()).length === 0 && (await navigator.serviceWorker.getRegistrations()).length === 0;

test("a page on this machine has no worker, and takes away one that was left there", async (t) => {
    const its = await site({ ...build("1"), "index.html": "<h1>older</h1>", "sw.js": older });
    t.after(its.close);
    const chromium = await browser();
    t.after(() => chromium.close());
    const tab = await haunted(chromium, its.base);
    its.files["index.html"] = page("index");
    await tab.reload();
    await until(tab, isGone);
    await tab.reload();
    await tab.waitForTimeout(500);
    assert.equal(await tab.getByRole("button", { name: "Keep the book" }).count(), 0);
    assert.equal(await tab.evaluate(isGone), true);
});

/** A book of one page, with this theme, in a folder of its own. */
function small() {
    mkdirSync(join(root, "target"), { recursive: true });
    const folder = mkdtempSync(join(root, "target", "served-"));
    mkdirSync(join(folder, "book"));
    // A book has a reference, and that has records.
    const one = join("results", reference, "threads_io.json");
    cpSync(join(root, one), join(folder, one));
    symlinkSync(join(root, "theme"), join(folder, "theme"));
    cpSync(join(root, "book", "sw.js"), join(folder, "book", "sw.js"));
    writeFileSync(join(folder, "book", "SUMMARY.md"), "[Page](page.md)\n");
    writeFileSync(join(folder, "book", "page.md"), "# Page\n");
    writeFileSync(
        join(folder, "book.toml"),
        "[book]\nsrc = 'book'\n[build]\nbuild-dir = 'target/book'\n" +
            `[preprocessor.measured]\nreference = '${reference}'\nbefore = ['links']\n`,
    );
    return folder;
}

/** `cargo book serve` there, once it serves. */
async function served(folder, port) {
    const manifest = join(root, "Cargo.toml");
    const press = ["run", "--quiet", "--profile", "tool", "--manifest-path", manifest, "--package", "press", "--"];
    const child = spawn("cargo", [...press, "serve", "--port", String(port)], {
        cwd: folder,
        stdio: ["ignore", "pipe", "inherit"],
    });
    const base = await new Promise((done, failed) => {
        child.on("exit", (code) => failed(new Error(`serve ended with ${code}`)));
        child.stdout.on("data", (text) => {
            const address = /http:\/\/\S+/.exec(text);
            if (address) done(`${address[0]}/`);
        });
    });
    const end = () =>
        new Promise((done) => {
            if (child.exitCode !== null || child.signalCode !== null) return done();
            child.removeAllListeners("exit").on("exit", done);
            child.kill();
        });
    return { base, end };
}

test("`serve` takes an older book's worker away, and its tab is quiet when it has ended", async (t) => {
    const folder = small();
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const chromium = await browser();
    t.after(() => chromium.close());
    // The port's own root, as `serve` has it.
    const its = createServer((request, response) => {
        const isWorker = request.url === "/sw.js";
        response.writeHead(200, { "content-type": isWorker ? "text/javascript" : "text/html" });
        response.end(isWorker ? older : "<h1>older</h1>");
    });
    await new Promise((done) => its.listen(0, "127.0.0.1", done));
    const { port } = its.address();
    const tab = await haunted(chromium, `http://127.0.0.1:${port}/`);
    await new Promise((done) => { its.closeAllConnections(); its.close(done); });

    const { base, end } = await served(folder, port);
    t.after(end);
    await tab.goto(base);
    assert.equal(await tab.locator("h1").textContent(), "Page");
    // As long as the page is there, the older worker may keep what it is still to answer.
    await until(tab, isNoMore);
    await tab.reload();
    await until(tab, isGone);
    let loads = 0;
    tab.on("framenavigated", () => loads++);
    await end();
    await tab.waitForTimeout(3000);
    assert.equal(loads, 0, "the tab reloads with nobody there");
    assert.equal(await tab.evaluate(isGone), true);
});

test("the whole book can be kept and read without a network", async (t) => {
    const its = await serve(book);
    t.after(its.close);
    const { base, chromium } = await published(its.base);
    t.after(() => chromium.close());
    const tab = await (await chromium.newContext()).newPage();
    await tab.goto(`${base}index.html`);
    await tab.getByRole("button", { name: "Keep the book" }).click();
    await tab.getByText("The whole book is kept").waitFor();
    await tab.context().setOffline(true);
    await tab.goto(`${base}claims.html`);
    assert.equal(await tab.locator("h1").first().textContent(), "The ledger");
    await tab.keyboard.press("/");
    await tab.keyboard.type("poisoned");
    await tab.locator("dialog.search [role=option]").first().waitFor();
});
