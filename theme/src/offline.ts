// Reading without a network: a worker keeps what was read, and the whole book when asked.

export async function offline(root: Document): Promise<void> {
    const place = root.querySelector<HTMLElement>("#offline");
    const workers = navigator.serviceWorker;
    // Only where a browser allows it: over https, or on this machine.
    if (place === null || workers === undefined || !isSecureContext) return;
    try {
        await workers.register(place.dataset.worker ?? "sw.js");
        await workers.ready;
    } catch {
        return;
    }
    const button = root.createElement("button");
    button.type = "button";
    button.textContent = "Keep the book for reading offline";
    button.addEventListener("click", async () => {
        button.disabled = true;
        const registration = await workers.ready;
        const channel = new MessageChannel();
        channel.port1.onmessage = ({ data }) => {
            place.textContent = data.failed
                ? `${data.kept} files are kept, ${data.failed} could not be fetched.`
                : `The whole book is kept: ${data.kept} files.`;
        };
        registration.active?.postMessage({ keep: wanted(root) }, [channel.port2]);
    });
    place.replaceChildren(button);
}

/** Every page of the contents, and what this page needs, which is what each needs. */
function wanted(root: Document): string[] {
    const links = [...root.querySelectorAll<HTMLAnchorElement>("#contents a")].map((a) => a.href);
    const styles = [...root.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet], link[rel=icon]")].map((l) => l.href);
    const scripts = [...root.querySelectorAll<HTMLScriptElement>("script[src]")].map((s) => s.src);
    const button = root.querySelector<HTMLElement>("#search-button");
    const found = [button?.dataset.index, button?.dataset.engine].flatMap((path) =>
        path === undefined ? [] : [new URL(path, root.baseURI).href],
    );
    const bare = [...links, ...styles, ...scripts, ...found, new URL("./", root.baseURI).href];
    return [...new Set(bare.map((url) => url.split("#")[0]))];
}
