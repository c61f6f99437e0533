// The worker: the network first, and what was kept when there is none. A book that was rebuilt
// is therefore never hidden by an old copy.

/// <reference lib="webworker" />
declare const self: ServiceWorkerGlobalScope;

const KEPT = "taking-turns";

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
    const { request } = event;
    if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
    event.respondWith(answer(request));
});

async function answer(request: Request): Promise<Response> {
    const cache = await caches.open(KEPT);
    try {
        const fresh = await fetch(request);
        if (fresh.ok) await cache.put(request, fresh.clone());
        return fresh;
    } catch (gone) {
        const kept = await cache.match(request, { ignoreSearch: true });
        if (kept !== undefined) return kept;
        throw gone;
    }
}

self.addEventListener("message", (event) => {
    const keep: string[] = event.data?.keep ?? [];
    event.waitUntil(
        (async () => {
            const cache = await caches.open(KEPT);
            const results = await Promise.allSettled(keep.map((url) => cache.add(url)));
            const failed = results.filter((one) => one.status === "rejected").length;
            event.ports[0]?.postMessage({ kept: results.length - failed, failed });
        })(),
    );
});

export {};
