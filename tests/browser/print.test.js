// The book on paper: everything is open, nothing is there twice, and a PDF is made from it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openPrint, pdf } from "./pdf.js";
import { book, browser, pages, serve } from "./support.js";

let server;
let chromium;
let page;
before(async () => {
    server = await serve(book);
    chromium = await browser();
    page = await chromium.newPage();
    await openPrint(page, server.base);
    await page.emulateMedia({ media: "print" });
});
after(async () => {
    await chromium.close();
    await server.close();
});

const visible = (selector) =>
    page.locator(selector).evaluateAll((all) =>
        all.map((one) => one.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true })),
    );

test("every page of the book is on paper, after the contents and before the answers", async () => {
    const titles = await page.locator("main h1").allTextContents();
    const others = (await pages()).filter((name) => name !== "print.html");
    assert.equal(titles.length, others.length + 2, titles.join(", "));
    assert.deepEqual([titles[0], titles.at(-1)], ["Contents", "Answers"]);
});

test("data and both languages are open, and further machines are left to the site", async () => {
    for (const selector of ["figure .machine:not(.other) > details table", ".tabs .listing pre", ".entry .asked:not(.other .asked)"]) {
        const seen = await visible(selector);
        assert.ok(seen.length > 0, selector);
        assert.ok(seen.every(Boolean), `${selector}: ${seen.filter((one) => !one).length} hidden`);
    }
    assert.ok(!(await visible("figure .machine.other")).some(Boolean));
});

test("an answer is at the end, and leads back to its question, which leads to it", async () => {
    const questions = await page.locator(".predict").count();
    assert.ok(questions > 10, `${questions} questions`);
    assert.equal(await page.locator(".predict details").count(), 0);
    const answers = page.locator(".at-the-end li");
    assert.ok((await answers.count()) >= questions);
    const faults = await answers.evaluateAll((all) =>
        all.filter((answer) => {
            const back = answer.querySelector(".asked-for a").getAttribute("href");
            const ways = [...document.querySelectorAll(`${back} a`)].map((way) => way.getAttribute("href"));
            return !answer.checkVisibility() || ways.length !== 1 || ways[0] !== `#${answer.id}`;
        }).map((answer) => answer.id),
    );
    assert.deepEqual(faults, []);
    assert.match(await answers.first().locator(".measured").first().textContent(), /\d/);
});

test("only predictions, questions and exercises have answers at the end, each under its own question", async () => {
    const faults = await page.evaluate(() => {
        const faults = [];
        for (const way of document.querySelectorAll(".answer-at")) {
            const asked = way.closest(".predict, .question") !== null;
            const before = way.previousElementSibling;
            const exercise = before?.matches("p, pre, .listing, .run, ul, ol, details.hint") && !before.matches(".files");
            if (!asked && !exercise) faults.push(`${way.textContent} after ${before?.outerHTML.slice(0, 60)}`);
        }
        if (document.querySelector(".question > details") !== null) faults.push("a question has its key beside it");
        for (const asked of document.querySelectorAll(".at-the-end .asked-for")) {
            if (/^Its numbers/.test(asked.textContent)) faults.push(asked.textContent);
        }
        return faults;
    });
    assert.deepEqual(faults, []);
    const kept = page.locator("main details.fold:visible", { hasText: "Its numbers, as recorded" });
    assert.ok((await kept.count()) > 0, "numbers of a run are not where the run is");
    assert.equal(await kept.first().locator("table").first().isVisible(), true);
});

test("the way to the ledger is printed over no verdict", async () => {
    await page.setViewportSize({ width: 673, height: 900 });
    const faults = await page.evaluate(() =>
        [...document.querySelectorAll(".verdict > .in-ledger")].flatMap((way) => {
            const top = way.querySelector("a").getBoundingClientRect().top;
            const rows = [...way.parentElement.querySelectorAll(".trial li > *, .trial-note, p")];
            const over = rows.filter((one) => !way.contains(one) && one !== way && one.checkVisibility() && one.getBoundingClientRect().bottom > top + 1);
            return over.filter((one) => !(way.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING)).map((one) => one.textContent.trim());
        }),
    );
    assert.deepEqual(faults, []);
});

test("without script the answers are where the questions are", async () => {
    const context = await chromium.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await openPrint(plain, server.base);
    await plain.emulateMedia({ media: "print" });
    assert.equal(await plain.locator(".predict details > p").first().isVisible(), true);
    await context.close();
});

test("what only a screen can do is not on paper", async () => {
    const selectors = [".bar", "#contents", ".copy", ".player", ".predict form", "[role=tablist]", ".about", ".scale", ".turns", ".foot"];
    for (const selector of selectors) {
        const seen = await visible(selector);
        assert.ok(!seen.some(Boolean), `${selector} is printed`);
    }
});

test("text on paper is dark on white, whatever the screen had", async () => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const [fg, bg] = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        return [style.color, style.backgroundColor];
    });
    assert.deepEqual([fg, bg], ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
    const link = await page.evaluate(() => getComputedStyle(document.querySelector("figure svg .value")).fill);
    assert.equal(link, "rgb(26, 26, 26)");
});

/** In print, what is to be found on one page, if there is room: its first and its last place. */
async function markWhole(page) {
    await page.emulateMedia({ media: "print" });
    await page.setViewportSize({ width: 673, height: 900 });
    await page.evaluate(() => {
        const links = document.createElement("nav");
        const wholes = document.querySelectorAll("main > section > :is(figure, .verdict, .listing, .predict)");
        // Of a figure, its caption and its chart; the data below may go on.
        const boxes = [...wholes].map((one) => one.querySelector(":scope > .with-chart") ?? one);
        const short = boxes.filter((one) => one.offsetHeight < 850);
        for (const [i, whole] of short.entries()) {
            for (const [name, put] of [["begins", "prepend"], ["ends", "append"]]) {
                const mark = document.createElement("span");
                mark.id = `whole-${i}-${name}`;
                whole[put](mark);
                // Chromium keeps the places that something leads to.
                const link = document.createElement("a");
                link.href = `#${mark.id}`;
                link.textContent = ".";
                links.append(link);
            }
        }
        document.querySelector("main").append(links);
    });
    await page.emulateMedia({ media: null });
}

test("the PDF has no blank page, opens chapters at the top, splits nothing short, and its contents tell pages", async () => {
    const path = join(book, "..", "print-test.pdf");
    const { file, count, outline, places } = await pdf(chromium, server.base, path, markWhole);
    assert.ok(count > 100 && count < 1200, `${count} pages`);
    assert.ok(outline.length > 20, `${outline.length} bookmarks`);

    const texts = [];
    for (let n = 1; n <= count; n++) {
        const { items } = await (await file.getPage(n)).getTextContent();
        texts.push(items.map((item) => item.str).join(" ").replace(/\s+/g, " ").trim());
    }
    const blank = texts.flatMap((text, i) => (text.length < 30 ? [i + 1] : []));
    assert.deepEqual(blank, [], "pages with nothing on them");

    const chapters = await page.locator('main > section[style*="page:"] > h1').evaluateAll((all) =>
        all.map((one) => ({ id: one.id, title: one.textContent, number: one.dataset.number ?? "" })),
    );
    const contents = texts.slice(1, places.get(chapters[0].id) - 1).join(" ");
    for (const { id, title, number } of chapters) {
        const at = places.get(id);
        // What stands above and below a page is told first.
        const head = `${number} ${title}`.trim();
        const opening = `${at} ${head}`;
        assert.ok(texts[at - 1].replace(`${head} `, "").startsWith(opening), `${title} does not open page ${at}: ${texts[at - 1].slice(0, 60)}`);
        assert.ok(contents.includes(`${title} ${at} `), `the contents do not have ${title} on page ${at}`);
    }

    const split = [];
    for (let i = 0; places.has(`whole-${i}-begins`); i++) {
        const [from, to] = [places.get(`whole-${i}-begins`), places.get(`whole-${i}-ends`)];
        if (from !== to) split.push(`${from} to ${to}`);
    }
    assert.ok(places.has("whole-50-begins"), "few things were looked at");
    assert.deepEqual(split, [], "split, though there is room on one page");
    await file.destroy();
});
