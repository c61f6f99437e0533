// Makes target/taking-turns.pdf of the built book's print view.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { book, browser, serve } from "./support.js";

/** The whole book is one page of megabytes, which a busy machine may take longer to open. */
export async function openPrint(page, base) {
    await page.goto(`${base}print.html`, { waitUntil: "load", timeout: 180_000 });
}

/** Prints the book at `base` into `path`; returns what the file is like. */
export async function pdf(chromium, base, path) {
    const page = await chromium.newPage({ colorScheme: "light" });
    await openPrint(page, base);
    await page.pdf({
        path,
        format: "A4",
        tagged: true,
        outline: true,
        printBackground: true,
        displayHeaderFooter: true,
        headerTemplate: "<span></span>",
        footerTemplate:
            '<div style="width: 100%; font: 8px sans-serif; text-align: center"><span class="pageNumber"></span></div>',
        margin: { top: "18mm", bottom: "20mm", left: "16mm", right: "16mm" },
    });
    await page.close();
    const text = (await readFile(path)).toString("latin1");
    const count = (text.match(/\/Type\s*\/Page\b(?!s)/g) ?? []).length;
    return { path, count, outline: /\/Outlines\b/.test(text) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const server = await serve(book);
    const chromium = await browser();
    const { path, count } = await pdf(chromium, server.base, join(book, "..", "taking-turns.pdf"));
    console.log(`${path}: ${count} pages`);
    await chromium.close();
    await server.close();
}
