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
        timeline-player { display: grid; grid-template-columns: 1fr 1fr; gap: 0 40px; }
        timeline-player > .lanes:last-of-type { display: none; }
        .lanes-title { display: block; margin: 8px 0 2px; font-size: 17px; }
        .lanes ul { display: none; }
        .lanes { grid-template-columns: 1fr; }
        .legend { margin: 8px 0 0; }
        timeline-player { zoom: 0.78; }
    `;
    document.head.append(style);
    // Two columns: each arrangement is a cell of its title and its lanes.
    const player = figure.querySelector("timeline-player");
    for (const title of [...player.querySelectorAll(".lanes-title")]) {
        const cell = document.createElement("div");
        const lanes = title.nextElementSibling;
        title.before(cell);
        cell.append(title, lanes);
    }
});
await page.screenshot({ path: join(root, "book", "preview.png") });
await chromium.close();
await server.close();
