// What pages can do with a script. Without it they say the same.

import "./timeline-player";
import { contents, copyButtons, themes, wideTables } from "./frame";
import { choosableMachines } from "./machines";
import { choosing } from "./choosing";
import { covers } from "./guess";
import { offline } from "./offline";
import { predictions } from "./predict";
import { search } from "./search";
import { slides } from "./slides";
import { tabs } from "./tabs";

const parts: ((root: Document) => unknown)[] = [
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
    slides,
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
