// The form on the page about choosing: what it does is a bundle of its own, fetched by that page.

export async function choosing(root: Document): Promise<void> {
    const place = root.querySelector<HTMLElement>(".choose[data-script]");
    if (place === null) return;
    try {
        const at = new URL(place.dataset.script ?? "", root.baseURI).href;
        const { form } = (await import(at)) as typeof import("./choose");
        await form(place);
        place.classList.add("ready");
    } catch (fault) {
        place.classList.add("unready");
        const note = root.createElement("p");
        note.setAttribute("role", "status");
        note.textContent = "The form could not be loaded here. The table has twelve jobs, and `cargo book choose` any other.";
        place.prepend(note);
        // What is asked of the network may fail; whatever else it is, is a fault.
        if (!(fault instanceof TypeError)) reportError(fault);
    }
}
