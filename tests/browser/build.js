// Bundles the script, what it fetches on use, and the worker. All are committed, so that building the book needs no Node.

import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export const bundles = [
    { from: "theme/src/main.ts", to: "theme/book.js" },
    { from: "theme/src/print.ts", to: "book/print.js" },
    { from: "theme/src/sw.ts", to: "book/sw.js" },
    // The script imports these.
    { from: "theme/src/find.ts", to: "book/find.js", format: "esm" },
    { from: "theme/src/choose.ts", to: "book/choose.js", format: "esm" },
];

/** The bundle's text, as it would be written. */
export async function bundle(from, format = "iife") {
    const { outputFiles } = await build({
        entryPoints: [root + from],
        bundle: true,
        minify: true,
        target: "es2022",
        format,
        // Libraries are the tests' business, and lie with them.
        nodePaths: [fileURLToPath(new URL("node_modules", import.meta.url))],
        write: false,
    });
    return outputFiles[0].text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const { writeFile } = await import("node:fs/promises");
    for (const { from, to, format } of bundles) await writeFile(root + to, await bundle(from, format));
}
