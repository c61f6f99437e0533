// What pages can do with a script. Without it they say the same.

import "./timeline-player";
import { choosableMachines } from "./machines";
import { predictions } from "./predict";
import { tabs } from "./tabs";

// A long line of code scrolls by itself, and so by keyboard too.
for (const code of document.querySelectorAll<HTMLElement>("main pre > code")) code.tabIndex = 0;

// mdBook keeps Escape for itself, and a popover would not hear it.
document.addEventListener(
    "keydown",
    (event) => {
        if (event.key !== "Escape") return;
        document.querySelector<HTMLElement>(":popover-open")?.hidePopover();
    },
    { capture: true },
);

tabs(document);
predictions(document);
choosableMachines(document);
