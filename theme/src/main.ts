// What pages can do with a script. Without it they say the same.

import "./timeline-player";
import { contents, copyButtons, themes, wideTables } from "./frame";
import { choosableMachines } from "./machines";
import { choosing } from "./choosing";
import { covers } from "./guess";
import { offline } from "./offline";
import { predictions } from "./predict";
import { search } from "./search";
import { tabs } from "./tabs";
import { inItsLanguage } from "./words";

const parts: ((root: Document) => unknown)[] = [
    // First, since it hears what the others write.
    inItsLanguage,
    themes,
    contents,
    tabs,
    copyButtons,
    wideTables,
    predictions,
    covers,
    choosableMachines,
    choosing,
    search,
    offline,
];
for (const part of parts) {
    try {
        part(document);
    } catch (fault) {
        // It costs this part and no other.
        reportError(fault);
    }
}
