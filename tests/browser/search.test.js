// What is searched for is found: the right place first, by keyboard, marked, and with an address.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { browser, serve, book } from "./support.js";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

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

const places = (page) => page.locator("dialog.search [role=option]");
const said = (page) => page.locator("dialog.search [role=status]").textContent();

/** Types the words and waits until they have been looked for. */
async function look(page, words) {
    await page.locator("dialog.search input").fill(words);
    await page.waitForFunction(
        () => document.querySelector("dialog.search [role=status]").textContent !== "",
    );
    // The answer to these words, and not to what stood there before.
    await page.waitForFunction((words) => new URL(location.href).searchParams.get("search") === words, words);
    await page.waitForTimeout(50);
}

/** What must come first. */
const FIRST = {
    "global interpreter lock": "global-lock.html",
    "the global lock": "global-lock.html",
    "build a global lock": "build-a-global-lock.html",
    threads: "threads.html",
    processes: "processes.html",
    "context switch": "switching.html",
    asyncio: "event-loop.html",
    "event loop": "event-loop.html",
    "hundred urls": "hundred-urls.html",
    deadlock: "stuck.html",
    "got stuck": "stuck.html",
    "closing down a process": "processes.html#closing-one-down",
    "async function blocks": "blocking.html#libraries-that-do-not-know",
    "thread stack memory": "threads.html#how-many-can-there-be",
    "how many can there be": "threads.html#how-many-can-there-be",
    "cold cache": "after-the-switch.html#cold-caches",
    "callbacks await": "cooperative.html#await-instead-of-callbacks",
    "fork memory": "processes.html#a-fork-pays-for-its-parents-size",
    "worker dies": "process-pools.html#when-it-goes-wrong-a-worker-dies",
    "who gets how much": "preemptive.html#who-gets-how-much",
    "requests inside async def": "blocking.html#libraries-that-do-not-know",
    "why is my asyncio server stuck": "blocking.html",
    "asyncio stuck": "blocking.html",
    "asyncio hangs": "blocking.html",
    "event loop freezes": "blocking.html",
    fastapi: "blocking.html",
    Django: "blocking.html",
    "how many gunicorn workers": "mixing.html#python-workers-and-threads",
    "how many workers and how many threads": "mixing.html#python-workers-and-threads",
    "thread pool size": "mixing.html#how-many-threads",
    "rayon inside tokio": "mixing.html#six-arrangements",
    "thread per core": "mixing.html#a-loop-for-each-core",
    actors: "mixing.html#one-call-for-all-pools",
    "my celery workers eat memory": "processes.html#what-a-waiting-process-takes",
    "does list.append need a lock": "sharing.html#next-door-python",
    "cancel a task": "cancelling.html",
    "is recv cancel safe": "cancelling.html#why-what-lives-in-the-future",
    "gather exception": "siblings.html#gather-tells-and-stops-nobody",
    ExceptionGroup: "siblings.html#gather-tells-and-stops-nobody",
    JoinError: "siblings.html#nobody-awaits-it",
    "task was destroyed but it is pending": "siblings.html#does-it-disappear",
    "task stuck": "stuck.html",
    "mutex guard across await": "stuck.html#a-lock-across-an-await",
    "par_iter deadlock": "stuck.html#a-lock-over-work-that-is-stolen",
    "foreign block_on": "stuck.html#a-foreign-block_on",
    "block_on in a task": "hidden-pools.html#from-threads-into-tasks-and-back",
    "there is no reactor running": "hidden-pools.html#from-threads-into-tasks-and-back",
    "asyncio.run() cannot be called from a running event loop": "hidden-pools.html#from-threads-into-tasks-and-back",
    "Cannot start a runtime from within a runtime": "hidden-pools.html#from-threads-into-tasks-and-back",
    "attached to a different loop": "hidden-pools.html#from-threads-into-tasks-and-back",
    "DNS timeouts": "hidden-pools.html#a-name-waits-in-line",
    "blocking pool full": "hidden-pools.html#is-its-queue-bounded",
    gevent: "hidden-pools.html#a-third-way-calls-that-are-patched",
    "too many open files": "limits.html#more-requests-than-files",
    "accept 100 % CPU": "limits.html#a-server-at-its-limit",
    "can't start new thread": "limits.html#one-more-and-one-more",
    "cannot assign requested address": "limits.html#ports",
    "one worker gets all connections": "limits.html#who-gets-the-connection",
    "two read locks": "circles.html#two-read-locks-in-one-thread",
    "fork() may lead to deadlocks": "circles.html#a-fork-that-hangs",
    "PyO3 deadlock": "circles.html#the-gil-in-the-circle",
    "is std mutex fair": "fair-turns.html#one-thread-has-all-the-turns",
    "priority inversion": "fair-turns.html#when-some-are-more-urgent",
    "unbounded channel memory": "too-much.html#a-tenth-too-fast",
    "OOM killed": "too-much.html#how-to-see-that-it-is-this",
    "retry storm": "too-much.html#they-ask-again",
    "coordinated omission": "too-much.html#what-the-load-generator-leaves-out",
    "exactly once": "machines.html#twice-or-once",
    "clock skew": "machines.html#a-clock-that-is-wrong",
    "worker-ttl": "machines.html#a-host-is-only-slow",
    "LIFO slot": "fair-turns.html#the-task-that-was-woken-last",
    "Relaxed or SeqCst": "memory-order.html",
    "exceeded maximum number of branches": "memory-order.html#model-exceeded-maximum-number-of-branches",
    "move closure": "sharing.html#what-it-breaks",
    "which one for my job": "index.html#which-one-for-my-job",
    "web scraper": "hundred-urls.html",
    scraping: "hundred-urls.html",
    "python crawler": "hundred-urls.html",
    "download many files": "hundred-urls.html",
    ThreadPoolExecutor: "hundred-urls.html#why-waits-in-flight",
    "asyncio.to_thread": "blocking.html#the-cure",
    run_in_executor: "blocking.html#the-cure",
    multithreading: "threads.html",
    uvloop: "event-loop.html",
    "which one": "index.html#which-one-for-my-job",
    choose: "choosing.html",
    "do I need async": "choosing.html#how-many-at-once",
    "tokio or rayon": "choosing.html#which-libraries-are-there",
    "sans io": "choosing.html#which-libraries-are-there",
    "jupyter notebook": "choosing.html#twelve-jobs",
    "cost model": "choosing.html#a-cost-you-can-compute",
    "threading vs multiprocessing": "index.html#which-one-for-my-job",
    freeze_support: "process-pools.html#what-we-measured",
    "bootstrapping phase": "process-pools.html#what-we-measured",
    "two hardware threads": "threads.html#two-hardware-threads-are-not-always-two-cores",
};

/** Messages as they are pasted, with more around them than the book has. */
const PASTED = {
    "OSError: [Errno 24] Too many open files: '/etc/hosts'": "limits.html#more-requests-than-files",
    "thread 'main' panicked at src/main.rs: Cannot start a runtime from within a runtime": "hidden-pools.html#from-threads-into-tasks-and-back",
    "Cannot drop a runtime in a context where blocking is not allowed": "hidden-pools.html#from-threads-into-tasks-and-back",
    "RuntimeError: Event loop is closed": "hidden-pools.html#from-threads-into-tasks-and-back",
    "Task was destroyed but it is pending! task: <Task pending>": "siblings.html#does-it-disappear",
    "Task exception was never retrieved": "siblings.html#nobody-awaits-it",
    "DeprecationWarning: This process (pid=7) is multi-threaded, use of fork() may lead to deadlocks in the child.":
        "circles.html#pythons-warning-and-its-new-default",
    "sqlite3.OperationalError: database is locked": "circles.html#two-read-locks-in-one-thread",
    "ERROR: deadlock detected": "getting-it-right.html#deadlock",
    "RuntimeError: cannot schedule new futures after shutdown": "ending.html#main-is-over-and-the-program-is-not",
    "RuntimeError: cannot schedule new futures after interpreter shutdown":
        "ending.html#main-is-over-and-the-program-is-not",
    "RuntimeError: can't start new thread": "limits.html#one-more-and-one-more",
    "BlockingIOError: [Errno 11] Resource temporarily unavailable": "limits.html#one-more-and-one-more",
    "[CRITICAL] WORKER TIMEOUT (pid:1234)": "blocking.html#find-the-call",
    "ptrace: Operation not permitted.": "tools.html#what-no-tool-here-can-see",
    "AttributeError: Can't pickle local object 'f.<locals>.g'": "process-pools.html#one-call-for-both",
    "BrokenProcessPool: A process in the process pool was terminated abruptly while the future was running or pending.":
        "process-pools.html#when-it-goes-wrong-a-worker-dies",
    "error: future cannot be sent between threads safely": "stuck.html#a-lock-across-an-await",
    "thread 'x' has overflowed its stack": "threads.html#when-one-of-them-breaks",
    "exit code 137": "too-much.html#how-to-see-that-it-is-this",
};

/** What the glossary explains comes first there, or where it is the subject; then this. */
const AMONG = {
    "kill a process": "exits.html#kill-the-parent",
    GIL: "global-lock.html",
    gil: "glossary.html#global-interpreter-lock",
    "number of workers": "hundred-urls.html#why-waits-in-flight",
    "false sharing": "locks.html#in-the-way-without-sharing",
    "free threading": "global-lock.html#around-the-lock",
    nice: "preemptive.html#who-gets-how-much",
    "time slice": "timelines.html#how-long-is-a-slice",
    zombie: "exits.html#as-process-1",
    SIGKILL: "processes.html#closing-one-down",
    poisoned: "threads.html#when-one-of-them-breaks",
    "lost wakeup": "event-loop.html#when-it-goes-wrong-a-lost-wake-up",
    convoy: "build-a-global-lock.html#when-it-goes-wrong-the-convoy",
    hyperthreading: "threads.html#two-hardware-threads-are-not-always-two-cores",
};

test("what one looks for comes first", async () => {
    const page = await open("index.html");
    await page.keyboard.press("/");
    const wrong = [];
    const at = async (which) => {
        const { pathname, hash } = new URL(await places(page).nth(which).evaluate((a) => a.href));
        return pathname.split("/").pop() + hash;
    };
    for (const [words, first] of Object.entries(FIRST)) {
        await look(page, words);
        const found = await at(0);
        if (found !== first) wrong.push(`${words}: ${found} and not ${first}`);
    }
    for (const [words, place] of Object.entries(AMONG)) {
        await look(page, words);
        const found = [];
        for (let i = 0; i < Math.min(3, await places(page).count()); i++) found.push(await at(i));
        if (!found.includes(place)) wrong.push(`${words}: ${found.join(", ")} and not ${place}`);
    }
    assert.deepEqual(wrong, []);
    await page.context().close();
});

test("what readers see is found by its words, and by all others that lead to it", async () => {
    const { finder } = await import(new URL("../../book/find.js", import.meta.url));
    const written = JSON.parse(await readFile(`${book}/search.json`, "utf8"));
    const { find } = finder(written);
    const wrong = [];
    assert.ok(written.symptoms.length >= 120, `${written.symptoms.length}`);
    for (const { at, words, says } of written.symptoms) {
        assert.match(says, /[.?]$/);
        for (const [which, as] of words.entries()) {
            const places = find(as).places.map((place) => place.at);
            // What is listed may be the second, where a page has the words for its subject.
            const within = places.slice(0, which === 0 ? 2 : 3);
            if (!within.includes(at)) wrong.push(`${as}: ${within.join(", ")} and not ${at}`);
        }
    }
    for (const [words, first] of Object.entries(PASTED)) {
        const found = find(words).places[0]?.at;
        if (found !== first) wrong.push(`${words}: ${found} and not ${first}`);
    }
    assert.deepEqual(wrong, []);
});

test("a message is answered in a sentence where it is found", async () => {
    const page = await open("index.html");
    await page.keyboard.press("/");
    await look(page, "too many open files");
    const first = places(page).first();
    assert.match(await first.locator(".around").textContent(), /^Too many open files: Each request in flight holds a file/);
    // The name of a thing, among other words, is not the question.
    await look(page, "build a global lock");
    assert.match(await first.evaluate((a) => a.href), /build-a-global-lock/);
    await page.context().close();
});

test("what explains comes before how the book knows it", async () => {
    const page = await open("index.html");
    await page.keyboard.press("/");
    for (const words of ["GIL", "processes", "event loop", "threads", "context switch"]) {
        await look(page, words);
        const found = await places(page).evaluateAll((all) => all.map((a) => new URL(a.href).pathname.split("/").pop()));
        const evidence = found.findIndex((name) => /^(claims|replication|method|data)\.html$/.test(name));
        assert.ok(evidence === -1 || evidence > 1, `${words}: ${found}`);
    }
    await page.context().close();
});

test("the places beyond the first are a press away", async () => {
    const page = await open("index.html");
    await page.keyboard.press("/");
    await look(page, "GIL");
    const all = Number((await said(page)).split(" ")[0]);
    assert.equal(await places(page).count(), 20);
    await page.getByRole("button", { name: `Show the other ${all - 20}` }).click();
    assert.equal(await places(page).count(), all);
    assert.equal(await page.locator("dialog.search [aria-selected=true]").getAttribute("id"), "search-place-20");
    assert.equal(await page.locator(".search-rest").isVisible(), false);
    await look(page, "xyzzyx");
    assert.equal(await page.locator(".search-rest").isVisible(), false);
    await page.context().close();
});

test("all words are required, and what means the same is found and marked", async () => {
    const page = await open("index.html");
    await page.keyboard.press("/");
    await look(page, "EMFILE");
    const [one] = (await said(page)).split(" ");
    await look(page, "too many open files");
    assert.equal((await said(page)).split(" ")[0], one);
    assert.match(await places(page).first().locator("mark").first().textContent(), /open file|descriptor|ulimit/);
    await look(page, "GIL convoy");
    const both = Number((await said(page)).split(" ")[0]);
    await look(page, "GIL");
    assert.ok(both < Number((await said(page)).split(" ")[0]));
    // No code is found, nor what is in a popover.
    await look(page, "interleaved rounds in sittings commit");
    assert.match(await said(page), /No section has all of these words/);
    await page.context().close();
});

test("what is not there is said, with what there is", async () => {
    const page = await open("index.html");
    await page.keyboard.press("/");
    await look(page, "asycnio");
    assert.match(await said(page), /Nothing has “asycnio” as it is written\. What is nearest: /);
    assert.match(await places(page).first().locator("mark").first().textContent(), /^asyncio$/i);
    await look(page, "convoy xyzzyx");
    assert.match(await said(page), /^No section has all of these words\. Some of them: /);
    await look(page, "xyzzyx");
    assert.match(await said(page), /^Nothing found for “xyzzyx”\./);
    assert.equal(await page.locator("dialog.search [role=listbox]").isVisible(), false);
    await page.locator("dialog.search [role=status] a").click();
    await page.waitForURL(/glossary\.html/);
    await page.context().close();
});

test("the list is gone through by arrow keys; Enter opens, Escape closes", async () => {
    const page = await open("index.html");
    await page.keyboard.press("/");
    await look(page, "deadlock");
    const input = page.locator("dialog.search input");
    const active = () => input.getAttribute("aria-activedescendant");
    const chosen = () => page.locator("dialog.search [aria-selected=true]").getAttribute("id");
    assert.equal(await active(), "search-place-0");
    await page.keyboard.press("ArrowDown");
    assert.deepEqual([await active(), await chosen()], ["search-place-1", "search-place-1"]);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    assert.equal(await active(), `search-place-${(await places(page).count()) - 1}`);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("dialog.search").isVisible(), false);
    // The dialog says a little later that it was closed.
    await page.waitForFunction(() => location.search === "");
    await page.keyboard.press("/");
    await page.keyboard.press("Enter");
    await page.waitForURL(/stuck\.html\?marked=deadlock/);
    await page.context().close();
});

test("a search has an address, and Back leads to what was found", async () => {
    const page = await open("threads.html?search=false+sharing");
    await places(page).first().waitFor();
    assert.equal(await page.locator("dialog.search input").inputValue(), "false sharing");
    await look(page, "lost wake-up");
    assert.match(page.url(), /threads\.html\?search=lost\+wake-up$/);
    await page.keyboard.press("Enter");
    await page.waitForURL(/marked=/);
    await page.goBack();
    await places(page).first().waitFor();
    assert.equal(await page.locator("dialog.search input").inputValue(), "lost wake-up");
    await page.context().close();
});

test("on the page one lands on, what was looked for is marked, in view, and can be unmarked", async () => {
    const page = await open("global-lock.html?marked=GIL#around-the-lock");
    await page.locator(".marks button").waitFor();
    assert.match(await page.locator(".marks").textContent(), /^\d+ × “GIL”, also as “global/);
    const covered = await page.evaluate(() => {
        const [note, text] = [".marks", "#around-the-lock"].map((css) => document.querySelector(css).getBoundingClientRect());
        return note.bottom > text.top && note.top < text.bottom;
    });
    assert.equal(covered, false, "the note lies on the heading");
    const marked = () =>
        page.evaluate(() => [...(CSS.highlights.get("looked-for") ?? [])].map((range) => range.toString()));
    const all = await marked();
    assert.ok(all.length > 3 && all.every((text) => /^(GIL|global[ _](interpreter )?lock)s?$/i.test(text)), all.join());
    const inView = await page.evaluate(() => {
        const boxes = [...CSS.highlights.get("looked-for")].map((range) => range.getBoundingClientRect());
        return boxes.some((box) => box.top > 40 && box.bottom < innerHeight);
    });
    assert.ok(inView, "no mark is in view");
    await page.locator(".marks button").click();
    assert.deepEqual(await marked(), []);
    assert.equal(new URL(page.url()).search, "");
    assert.equal(await page.locator(".marks").count(), 0);
    await page.context().close();
});

test("a mark in a fold opens it", async () => {
    const page = await open("claims.html?marked=reference+counting#claim-claims-gil-why");
    await page.locator(".marks button").waitFor();
    assert.equal(await page.locator("#claim-claims-gil-why").isVisible(), true);
    await page.context().close();
});

for (const width of [390, 1280]) {
    for (const colorScheme of ["light", "dark"]) {
        test(`at ${width} px, ${colorScheme}: axe finds nothing in what was found, nor on marks`, async () => {
            const page = await open("index.html?search=GIL", { viewport: { width, height: 844 }, colorScheme });
            await places(page).first().waitFor();
            const violations = async () => {
                await page.evaluate(axe);
                const { violations } = await page.evaluate(() => globalThis.axe.run(document));
                return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 90)).join(" | ")}`);
            };
            assert.deepEqual(await violations(), []);
            const box = await page.locator("dialog.search").boundingBox();
            assert.ok(box.x >= 0 && box.x + box.width <= width, `${box.x} to ${box.x + box.width}`);
            await page.keyboard.press("Enter");
            await page.locator(".marks button").waitFor();
            assert.deepEqual(await violations(), []);
            await page.context().close();
        });
    }
}

test("the index is fetched from here, and only by whoever searches", async () => {
    const page = await open("threads.html");
    const asked = [];
    page.on("request", (request) => {
        const url = request.url().replace(server.base, "");
        if (!url.startsWith("favicon")) asked.push(url);
    });
    await page.waitForTimeout(200);
    assert.deepEqual(asked.filter((url) => /find|search/.test(url)), []);
    await page.keyboard.press("/");
    await look(page, "GIL");
    assert.deepEqual(asked.filter((url) => !/^(find\.js|search\.json)$/.test(url)), []);
    assert.equal(asked.length, 2);
    await page.context().close();
});

test("without an index the search says so", async () => {
    const page = await open("threads.html");
    await page.route("**/search.json", (route) => route.fulfill({ status: 404 }));
    await page.keyboard.press("/");
    await page.locator("dialog.search input").fill("GIL");
    await page.waitForFunction(() => /could not be fetched/.test(document.querySelector("dialog.search [role=status]").textContent));
    await page.context().close();
});
