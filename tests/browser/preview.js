// Makes book/preview.png, which other sites show when somebody links to the book, and
// theme/cover.png, by which an e-book is chosen: the title and the landing page's figure, as
// built.

import { join } from "node:path";
import { book, browser, root, serve } from "./support.js";

const pictures = [
    {
        path: join(root, "book", "preview.png"),
        width: 1200,
        height: 630,
        style: `
            body > div { padding: 34px 56px; }
            h1 { font-size: 64px; margin: 0; display: inline-block; }
            body > div > p { font-size: 28px; margin: 0 0 0 24px; display: inline-block; }
            figure { margin: 12px 0 0; }
            .kitchen p { font-size: 17px; margin: 6px 0 2px; }
            .kitchen svg { height: 78px; }
        `,
    },
    {
        path: join(root, "theme", "cover.png"),
        width: 1000,
        height: 1600,
        style: `
            body > div { padding: 150px 80px; }
            h1 { font-size: 132px; line-height: 1.05; margin: 0 0 30px; }
            body > div > p { font-size: 46px; margin: 0; }
            figure { margin: 130px 0 0; }
            .kitchen p { font-size: 26px; margin: 34px 0 8px; }
            .kitchen :is(.says, .all, .goes-on) { display: none; }
            .kitchen svg { height: 150px; }
            .kitchen svg .running { stroke-width: 11px; }
            .dishes i { width: 24px; height: 19px; }
            .dishes { gap: 5px; margin-inline-start: auto; }
        `,
    },
];

const server = await serve(book);
const chromium = await browser();
for (const { path, width, height, style } of pictures) {
    const page = await chromium.newPage({ viewport: { width, height }, colorScheme: "light" });
    await page.goto(`${server.base}index.html`);
    await page.evaluate(({ width, height, style }) => {
        const figure = document.querySelector("main figure.timeline");
        for (const part of figure.querySelectorAll("figcaption, details, .player, .warnings, .provenance, .machine.other")) part.remove();
        const box = document.createElement("div");
        box.innerHTML = "<h1>Taking Turns</h1><p>Concurrency, measured.</p>";
        box.append(figure);
        document.body.replaceChildren(box);
        const sheet = document.createElement("style");
        sheet.textContent = `
            body { padding: 0 !important; margin: 0; width: ${width}px; height: ${height}px; overflow: hidden; }
            .legend, .machine-name { display: none; }
            ${style}
        `;
        document.head.append(sheet);
    }, { width, height, style });
    await page.screenshot({ path });
    await page.close();
}
await chromium.close();
await server.close();
