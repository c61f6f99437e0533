// The worker: the network first, and what was kept when there is none. A book that was rebuilt
// is therefore never hidden by an old copy.
//
// `cargo book build` puts the list of its files before this (press/src/cmd/offline.rs), and a
// worker keeps those, of its own build, and nothing else. One without a list, as `serve` has it,
// keeps nothing, and takes itself and what was kept away.

/// <reference lib="webworker" />
declare const self: ServiceWorkerGlobalScope & { BOOK?: Book };

interface Book {
    build: string;
    /** Addresses below the book's own. */
    files: string[];
}

const { scope } = self.registration;
/** What is kept is named by build. Another book of this origin has names of its own. */
const OURS = `taking-turns ${new URL(scope).pathname} `;
/** The name of what was kept when workers knew of no builds. */
const BEFORE = "taking-turns";

if (self.BOOK === undefined) leave();
else keep(self.BOOK);

/** Caches of ours, but for one. */
async function others(than?: string): Promise<string[]> {
    const names = await caches.keys();
    return names.filter((name) => name !== than && (name === BEFORE || name.startsWith(OURS)));
}

async function forgetOthers(than?: string): Promise<void> {
    for (const name of await others(than)) await caches.delete(name);
}

function leave(): void {
    self.addEventListener("install", () => void self.skipWaiting());
    self.addEventListener("activate", (event) =>
        event.waitUntil(forgetOthers().then(() => self.registration.unregister())),
    );
}

function keep({ build, files }: Book): void {
    const name = OURS + build;
    const known = new Set(files.map((file) => new URL(file, scope).href));

    /** Where the file at this address is kept, if it is one of the book's. */
    const place = (url: string): string | undefined => {
        const at = new URL(url);
        at.search = at.hash = "";
        const href = at.href === scope ? new URL("index.html", scope).href : at.href;
        return known.has(href) ? href : undefined;
    };

    /** Whether it is kept now. Where the storage is full it is not, and that is all. */
    const put = async (at: string, response: Response): Promise<boolean> => {
        if (!isWhole(response)) return false;
        try {
            await (await caches.open(name)).put(at, response);
            return true;
        } catch {
            return false;
        }
    };

    /** What lies between might hold an old page for fresh, so the server itself is asked. */
    const fetchAndPut = async (at: string): Promise<boolean> =>
        put(at, await fetch(at, { cache: "no-cache" }));

    const answer = async (event: FetchEvent, at: string): Promise<Response> => {
        try {
            const fresh = await fetch(event.request, { cache: "no-cache" });
            event.waitUntil(put(at, fresh.clone()));
            return fresh;
        } catch (gone) {
            const kept = await caches.match(at, { cacheName: name });
            if (kept !== undefined) return kept;
            throw gone;
        }
    };

    /** Of what earlier builds kept, this one's; if that cannot be fetched, they stay. */
    const renew = async (): Promise<void> => {
        const kept = new Set<string>();
        for (const other of await others(name)) {
            const requests = await (await caches.open(other)).keys();
            for (const { url } of requests) kept.add(withoutHash(url));
        }
        await Promise.all([...known].filter((at) => kept.has(withoutHash(at))).map(fetchAndPut));
    };

    self.addEventListener("install", (event) => {
        void self.skipWaiting();
        event.waitUntil(renew());
    });
    self.addEventListener("activate", (event) =>
        event.waitUntil(forgetOthers(name).then(() => self.clients.claim())),
    );
    self.addEventListener("fetch", (event) => {
        const at = event.request.method === "GET" ? place(event.request.url) : undefined;
        if (at !== undefined) event.respondWith(answer(event, at));
    });
    // A page asks whether there is anything to be kept, or to keep it all.
    self.addEventListener("message", (event) => {
        const tell = (what: object) => event.ports[0]?.postMessage(what);
        if (event.data !== "keep") return tell({ files: files.length });
        const all = [...known].map((at) => fetchAndPut(at).catch(() => false));
        event.waitUntil(
            Promise.all(all).then((kept) => {
                const count = kept.filter(Boolean).length;
                tell({ kept: count, failed: kept.length - count });
            }),
        );
    });
}

/** A page or a file as it is, and no stream, error, part, or page of somewhere else. */
function isWhole(response: Response): boolean {
    const { status, type, redirected, headers } = response;
    const isStream = headers.get("content-type")?.startsWith("text/event-stream") ?? false;
    return status === 200 && type === "basic" && !redirected && !isStream;
}

/** mdBook tells the builds of a file apart by its name: `book-1a2b3c4d.js`. */
function withoutHash(url: string): string {
    return url.replace(/-[0-9a-f]{8}(?=\.\w+$)/, "");
}

export {};
