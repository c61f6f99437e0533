// Compiles the cost model into book/choose.wasm. It is committed, so that building the book needs
// no target but the machine's own; a test says when it is older than its sources.
//
//   npm run engine              makes it anew
//   npm run engine -- PATH      … elsewhere, to be held against the committed one

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const [to = join(root, "book", "choose.wasm")] = process.argv.slice(2);
const target = "wasm32-unknown-unknown";
const { status } = spawnSync(
    "cargo",
    ["build", "--quiet", "--locked", "--profile", "form", "--target", target, "--package", "choose_form", "--lib"],
    { cwd: root, stdio: "inherit" },
);
if (status !== 0) {
    console.error(`cargo could not compile it; \`rustup target add ${target}\` adds what it may lack`);
    process.exit(1);
}
const built = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), target, "form", "choose_form.wasm");
// Not copied: it is no program that may be run.
writeFileSync(to, readFileSync(built));
