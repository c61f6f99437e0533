// Makes book/preview.png, which other sites show when somebody links to the book: the title and
// the landing page's figure, as built.

import { join } from "node:path";
import { book, browser, root, serve } from "./support.js";

const server = await serve(book);
const chromium = await browser();
const page = await chromium.newPage({ viewport: { width: 1200, height: 630 }, colorScheme: "light" });
await page.goto(`${server.base}index.html`);
await page.evaluate(() => {
    const figure = document.querySelector("main figure.timeline");
    for (const part of figure.querySelectorAll("figcaption, details, .player, .warnings, .provenance, .machine.other")) part.remove();
    const box = document.createElement("div");
    box.innerHTML = "<h1>Taking Turns</h1><p>Concurrency, measured.</p>";
    box.append(figure);
    document.body.replaceChildren(box);
    const style = document.createElement("style");
    style.textContent = `
        body { padding: 0 !important; margin: 0; width: 1200px; height: 630px; overflow: hidden; }
        body > div { padding: 34px 56px; }
        h1 { font-size: 64px; margin: 0; display: inline-block; }
        p { font-size: 28px; margin: 0 0 0 24px; display: inline-block; }
        figure { margin: 12px 0 0; }
        .legend, .machine-name { display: none; }
        .kitchen p { font-size: 17px; margin: 6px 0 2px; }
        .kitchen svg { height: 78px; }
    `;
    document.head.append(style);
});
await page.screenshot({ path: join(root, "book", "preview.png") });
await chromium.close();
await server.close();
