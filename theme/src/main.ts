// What pages can do with a script. Without it they say the same.

import "./timeline-player";
import { contents, copyButtons, themes, wideTables } from "./frame";
import { choosableMachines } from "./machines";
import { offline } from "./offline";
import { predictions } from "./predict";
import { search } from "./search";
import { tabs } from "./tabs";

themes(document);
contents(document);
tabs(document);
copyButtons(document);
wideTables(document);
predictions(document);
choosableMachines(document);
search(document);
void offline(document);
