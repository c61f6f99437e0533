// Makes target/taking-turns.pdf of the built book's print view.
//
// Chromium numbers pages, but tells no page the number of another. So the book is printed, the
// file is asked where each place is, and the book is printed again with these numbers in it.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { getDocument, VerbosityLevel } from "pdfjs-dist/legacy/build/pdf.mjs";
import { book, browser, serve } from "./support.js";

/** The whole book is one page of megabytes, which a busy machine may take longer to open. */
export async function openPrint(page, base) {
    // It would open a dialog that nobody sees.
    await page.addInitScript(() => (window.print = () => {}));
    await page.goto(`${base}print.html`, { waitUntil: "load", timeout: 180_000 });
}

/** Reads a file of Chromium's. */
export async function read(path) {
    const data = new Uint8Array(await readFile(path));
    return getDocument({ data, verbosity: VerbosityLevel.ERRORS, useSystemFonts: true }).promise;
}

/** The page that each place is on which something leads to, by its id. */
export async function placed(file) {
    const found = new Map();
    for (const [name, where] of Object.entries(await file.getDestinations())) {
        found.set(decodeURIComponent(name), (await file.getPageIndex(where[0])) + 1);
    }
    return found;
}

/** Puts the numbers of pages to where they are waited for; returns how many are new. */
async function number(page, places) {
    return page.evaluate((places) => {
        const known = new Map(places);
        let changed = 0;
        document.documentElement.classList.add("paged");
        for (const waits of document.querySelectorAll("[data-page-of]")) {
            // Of a width that the number will have, if it is not known yet.
            const text = String(known.get(waits.dataset.pageOf) ?? "000");
            if (waits.textContent !== text) changed += 1;
            waits.textContent = text;
        }
        return changed;
    }, [...places]);
}

/** Prints the book at `base` into `path`; returns what the file is like. */
export async function pdf(chromium, base, path, prepare = async () => {}) {
    const page = await chromium.newPage({ colorScheme: "light" });
    page.setDefaultTimeout(240_000);
    await openPrint(page, base);
    await page.addStyleTag({ content: "@page { size: A4 }" });
    await prepare(page);
    let places = new Map();
    let file;
    // The second has the numbers; another one is needed where they moved something.
    for (let printed = 0; printed < 4; printed++) {
        if ((await number(page, places)) === 0) break;
        await file?.destroy();
        // Of the first only the places matter.
        const whole = { tagged: printed > 0, outline: printed > 0, printBackground: true };
        await page.pdf({ path, preferCSSPageSize: true, ...whole });
        file = await read(path);
        places = await placed(file);
    }
    await page.close();
    const outline = (await file.getOutline()) ?? [];
    return { path, file, count: file.numPages, outline, places };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const server = await serve(book);
    const chromium = await browser();
    const { path, count, file } = await pdf(chromium, server.base, join(book, "..", "taking-turns.pdf"));
    console.log(`${path}: ${count} pages`);
    await file.destroy();
    await chromium.close();
    await server.close();
}
