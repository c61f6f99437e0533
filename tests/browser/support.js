// A server for the built book, on loopback, below a sub-path; and a browser.

import { createServer } from "node:http";
import { readFile, readdir } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const book = join(root, "target", "book");
/** The machine that the sentences rest on. */
export const reference = (() => {
    const found = /^reference = "(.+)"$/m.exec(readFileSync(join(root, "book.toml"), "utf8"));
    if (!found) throw new Error("book.toml names no reference");
    return found[1];
})();

const types = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".xml": "application/xml",
};

/** Serves `folder` under /sub/path/, as Pages does. */
export async function serve(folder) {
    const server = createServer(async (request, response) => {
        const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
        const below = path.replace(/^\/sub\/path/, "");
        const file = join(folder, below.endsWith("/") ? `${below}index.html` : below);
        try {
            if (!path.startsWith("/sub/path/")) throw new Error("outside");
            const body = await readFile(file);
            response.writeHead(200, { "content-type": types[extname(file)] ?? "text/plain" });
            response.end(body);
        } catch {
            response.writeHead(404).end();
        }
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    const base = `http://127.0.0.1:${server.address().port}/sub/path/`;
    return { base, close: () => new Promise((done) => server.close(done)) };
}

export async function pages() {
    if (!existsSync(book)) throw new Error("target/book is missing; run `cargo book build`");
    const names = await readdir(book);
    return names.filter((name) => name.endsWith(".html") && !["toc.html", "404.html"].includes(name)).sort();
}

/**
 * The ways in which the auditors see the pages `names`: each at both widths and in both schemes,
 * but one page light on the narrow screen and its neighbor dark, since an audit takes seconds.
 * All four ways of each with AUDIT=all, as `.ci/run audits` asks, and then the print view, too, in
 * one way: it is all pages once more, and takes minutes.
 */
export function audits(names) {
    return names.flatMap((name, place) =>
        [390, 1280].flatMap((width) =>
            ["light", "dark"]
                .filter((scheme) => {
                    const all = process.env.AUDIT === "all";
                    if (name === "print.html") return all && width === 1280 && scheme === "light";
                    const isOdd = (place + (width === 390) + (scheme === "light")) % 2 === 1;
                    return isOdd || all;
                })
                .map((scheme) => ({ name, width, scheme })),
        ),
    );
}

export const flags = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

export function chromiumPath() {
    const candidates = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"];
    const path = candidates.find((path) => path && existsSync(path));
    if (path === undefined) throw new Error("no Chromium; set CHROMIUM to its path");
    return path;
}

export function browser(more = []) {
    return chromium.launch({ executablePath: chromiumPath(), args: [...flags, ...more], timeout: 120_000 });
}

/** Of a server on this machine: its address as if it were a site's, and a browser that goes there. */
export async function published(base) {
    const address = new URL(base);
    address.hostname = "book.test";
    const chromium = await browser([
        "--host-resolver-rules=MAP book.test 127.0.0.1",
        `--unsafely-treat-insecure-origin-as-secure=${address.origin}`,
    ]);
    return { base: address.href, chromium };
}
