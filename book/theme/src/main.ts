// What pages can do with a script. Without it they say the same.

import "./timeline-player";
import { choosableMachines } from "./machines";
import { predictions } from "./predict";
import { tabs } from "./tabs";

tabs(document);
predictions(document);
choosableMachines(document);
