// Bundles the script and the worker. Both are committed, so that building the book needs no Node.

import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export const bundles = [
    { from: "theme/src/main.ts", to: "theme/book.js" },
    { from: "theme/src/sw.ts", to: "book/sw.js" },
];

/** The bundle's text, as it would be written. */
export async function bundle(from) {
    const { outputFiles } = await build({
        entryPoints: [root + from],
        bundle: true,
        minify: true,
        target: "es2022",
        format: "iife",
        write: false,
    });
    return outputFiles[0].text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const { writeFile } = await import("node:fs/promises");
    for (const { from, to } of bundles) await writeFile(root + to, await bundle(from));
}
