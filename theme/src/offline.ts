// Reading without a network: a worker keeps what was read, and the whole book when asked.

export async function offline(root: Document): Promise<void> {
    const place = root.querySelector<HTMLElement>("#offline");
    const workers = navigator.serviceWorker;
    // Only where a browser allows it.
    if (place === null || workers === undefined || !isSecureContext) return;
    const worker = new URL(place.dataset.worker ?? "sw.js", root.baseURI);
    try {
        if (isThisMachine(worker.hostname)) return await forget(workers, worker);
        await workers.register(worker);
        const { active } = await workers.ready;
        await ask(active, "what");
    } catch {
        return;
    }
    const button = root.createElement("button");
    button.type = "button";
    button.textContent = "Keep the book for reading offline";
    button.addEventListener("click", async () => {
        button.disabled = true;
        const { active } = await workers.ready;
        const { kept, failed } = await ask(active, "keep");
        place.textContent = kept > 0 && failed === 0
            ? `The whole book is kept: ${kept} files.`
            : `${kept} files are kept, ${failed} could not be.`;
    });
    place.replaceChildren(button);
}

/** A port here is another project's tomorrow, and a worker would answer for that one, too. */
function isThisMachine(host: string): boolean {
    return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(host);
}

/** Takes away what an earlier book left. */
async function forget(workers: ServiceWorkerContainer, worker: URL): Promise<void> {
    const registration = await workers.getRegistration(worker);
    const its = registration?.active ?? registration?.waiting ?? registration?.installing;
    if (its?.scriptURL === worker.href) await registration?.unregister();
    for (const name of await caches.keys()) {
        if (/^taking-turns( |$)/.test(name)) await caches.delete(name);
    }
}

/** A worker that keeps nothing says nothing. */
function ask(worker: ServiceWorker | null, what: "what" | "keep"): Promise<{ kept: number; failed: number }> {
    return new Promise((said) => {
        const channel = new MessageChannel();
        channel.port1.onmessage = ({ data }) => said(data);
        worker?.postMessage(what, [channel.port2]);
    });
}
