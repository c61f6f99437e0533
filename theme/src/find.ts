// What finds: an index of the book's sections, made in the browser when somebody searches, of
// what press has written down (press/src/cmd/search.rs). A bundle of its own, fetched on use.

import MiniSearch, { type Query, type SearchResult } from "minisearch";
import { stemmer } from "stemmer";

interface Written {
    pages: { at: string; title: string; sections: Section[] }[];
    /** Lists of words and phrases that mean the same. */
    together: string[][];
    /** Places that come first for whoever asks with all the words of one of these. */
    asked: { at: string; by: string[] }[];
    /** What readers see, each with the section that answers it and the answer in a sentence. */
    symptoms: { at: string; words: string[]; says: string }[];
}

interface Section {
    id: string;
    heading: string;
    entry?: boolean;
    text: string;
}

/** A section, as the index has it: what is in its headings counts for more. */
interface Doc {
    id: number;
    at: string;
    page: string;
    title: string;
    heading: string;
    term: string;
    chapter: string;
    /** What readers see that it answers. */
    symptom: string;
    text: string;
}

/** Text in parts, every other of which was looked for. */
export type Marked = string[];

export interface Place {
    at: string;
    page: string;
    heading: Marked;
    around: Marked;
}

export interface Found {
    /**
     * Of the words, all; nearly all, as they may be spelled; some; or none. What answers a question
     * in other words than it is asked in has all.
     */
    has: "all" | "near" | "some" | "none";
    /** How many there are; `places` are the first of them. */
    count: number;
    places: Place[];
}

export interface Finder {
    /** At most so many places. */
    find(words: string, most?: number): Found;
    /** Where in a text the words stand, and those that mean the same. */
    marks(text: string, words: string): [number, number][];
}

/** No section is missed for want of one of these. */
const SMALL = new Set(
    (
        "a about all am an and any are as at be been but by can def did do does doing eat eats for from get gets " +
        "has have how i if in inside into is isn't it its just many me much my need needs of on or our should so " +
        "some than that the their them there they this to versus vs want was we were what when where which who why " +
        "will with work works would you your"
    ).split(" "),
);
const MOST = 20;
/** Sections in which nothing is explained. */
const BESIDE = /^(Sources|Exercises?|What this does not show|All records|To keep)$/;
/** Pages that say how the book knows something, and not how it is. */
const EVIDENCE = /^(claims|replication|method|data)\.html/;

const normal = (text: string) => text.normalize("NFKC").toLowerCase().replaceAll("’", "'");
const stems = new Map<string, string>();

function stem(word: string): string {
    let known = stems.get(word);
    if (known === undefined) stems.set(word, (known = /^[a-z]+$/.test(word) ? stemmer(word) : word));
    return known;
}

interface Word {
    word: string;
    stem: string;
    from: number;
    to: number;
}

/** A text's words, and where they stand. */
function split(text: string): Word[] {
    // Of the same length, or places would move.
    const low = text.toLowerCase();
    const from = low.length === text.length ? low : text;
    return [...from.matchAll(/[\p{L}\p{N}]+(?:'[\p{L}]+)?/gu)].map((match) => {
        const word = normal(match[0]);
        return { word, stem: stem(word), from: match.index, to: match.index + match[0].length };
    });
}

/** The lists of words that mean the same, looked for in a text. */
class Same {
    /** By their first words, the longest first. */
    private readonly phrases = new Map<string, { group: number; stems: string[] }[]>();

    constructor(lists: string[][]) {
        for (const [group, list] of lists.entries()) {
            for (const phrase of list) {
                const stems = split(phrase).map((word) => word.stem);
                const first = stems[0] ?? "";
                const all = [...(this.phrases.get(first) ?? []), { group, stems }];
                this.phrases.set(first, all.sort((one, other) => other.stems.length - one.stems.length));
            }
        }
    }

    /** The longest that begins at this word. */
    at(words: Word[], first: number): { group: number; length: number } | undefined {
        const phrases = this.phrases.get(words[first]?.stem ?? "");
        const found = phrases?.find(({ stems }) => stems.every((s, i) => words[first + i]?.stem === s));
        return found && { group: found.group, length: found.stems.length };
    }
}

/** What one part of a question asks for. */
interface Part {
    words: Word[];
    group?: number;
}

function every(question: string, same: Same): Part[] {
    const words = split(question);
    const all: Part[] = [];
    for (let i = 0; i < words.length; ) {
        const found = same.at(words, i);
        const length = found?.length ?? 1;
        all.push({ words: words.slice(i, i + length), group: found?.group });
        i += length;
    }
    return all;
}

/** The parts that say something. */
function parts(question: string, same: Same): Part[] {
    const all = every(question, same);
    const told = all.filter((part) => part.group !== undefined || !SMALL.has(part.words[0]?.word ?? ""));
    return told.length > 0 ? told : all;
}

/** How a list's words are written in the index. */
const sign = (group: number) => `~${group}`;

export function finder(written: Written): Finder {
    const same = new Same(written.together);
    const docs: Doc[] = [];
    const symptoms = new Map<string, string[]>();
    for (const { at, words } of written.symptoms) symptoms.set(at, [...(symptoms.get(at) ?? []), ...words]);
    for (const page of written.pages) {
        for (const [i, section] of page.sections.entries()) {
            const is = (field: boolean) => (field ? section.heading : "");
            // A page begins at its top.
            const at = i === 0 || section.id === "" ? page.at : `${page.at}#${section.id}`;
            docs.push({
                id: docs.length,
                at,
                page: page.title,
                title: is(i === 0),
                heading: is(i > 0 && !section.entry),
                term: is(section.entry === true),
                chapter: page.title,
                symptom: (symptoms.get(at) ?? []).join(" \n "),
                text: section.text,
            });
            // Of several at one address the first has them.
            symptoms.delete(at);
        }
    }
    const index = new MiniSearch<Doc>({
        fields: ["title", "heading", "term", "chapter", "symptom", "text"],
        tokenize: (text) => {
            const words = split(text);
            return words.flatMap(({ word, stem }, i) => {
                const group = same.at(words, i)?.group;
                const own = word === stem ? [word] : [word, stem];
                return group === undefined ? own : [...own, sign(group)];
            });
        },
        processTerm: (term) => term,
        searchOptions: {
            boost: { title: 10, heading: 5, term: 4, chapter: 1.5, symptom: 3, text: 1 },
            weights: { prefix: 0.4, fuzzy: 0.4 },
        },
    });
    index.addAll(docs);

    const literal = (question: string) => split(question).map((w) => w.stem).join(" ");
    /** The same for whatever means the same. */
    const meaning = (text: string) =>
        parts(text, same).map(({ words, group }) => (group === undefined ? words[0]?.stem : sign(group))).join(" ");
    const headings = docs.map((doc) => meaning(`${doc.title}${doc.heading}${doc.term}`));
    const inText = docs.map((doc) => ` ${literal(doc.text)} `);

    const ask = (question: string, how: "AND" | "OR", fuzzy: boolean): SearchResult[] => {
        const whole = literal(question);
        const means = meaning(question);
        const query = (part: Part): Query => {
            const own: Query = {
                combineWith: "AND",
                queries: part.words.map(({ word, stem }): Query => ({
                    combineWith: "OR",
                    queries: [word, ...(stem === word ? [] : [stem])],
                    tokenize: (text) => [text],
                    prefix: (term) => term.length > 2,
                    fuzzy: (term) => (fuzzy && term.length > 3 ? (term.length > 6 ? 0.25 : 0.2) : false),
                })),
            };
            if (part.group === undefined) return own;
            const queries: Query[] = [{ queries: [sign(part.group)], tokenize: (text) => [text] }, own];
            // Words that are said together are looked for together.
            return { combineWith: "OR", queries: part.words.length > 1 ? queries.slice(0, 1) : queries };
        };
        return index.search(
            { combineWith: how, queries: parts(question, same).map(query) },
            {
                boostDocument: (id) => {
                    const heading = headings[id as number] ?? "";
                    const doc = docs[id as number] as Doc;
                    let times = 1;
                    if (heading === means) times *= doc.title ? 6 : 2;
                    else if (` ${heading} `.includes(` ${means} `)) times *= 1.5;
                    if (inText[id as number]?.includes(` ${whole} `)) times *= 1.5;
                    if (EVIDENCE.test(doc.at)) times *= 0.15;
                    // What leads on comes after what it leads to.
                    if (BESIDE.test(doc.heading) || doc.text === "") times *= 0.4;
                    if (doc.term && !doc.at.startsWith("glossary")) times *= 0.5;
                    return times;
                },
            },
        );
    };

    const marks = (text: string, question: string): [number, number][] => {
        const asked = parts(question, same);
        const words = split(text);
        const found: [number, number][] = [];
        for (let i = 0; i < words.length; i++) {
            const here = words[i] as Word;
            const at = same.at(words, i);
            if (at && asked.some((part) => part.group === at.group)) {
                found.push([here.from, (words[i + at.length - 1] as Word).to]);
                i += at.length - 1;
                continue;
            }
            const isAsked = asked
                .filter((part) => part.group === undefined || part.words.length === 1)
                .flatMap((part) => part.words)
                .some((one) => one.stem === here.stem || (one.word.length > 2 && here.word.startsWith(one.word)));
            if (isAsked) found.push([here.from, here.to]);
        }
        return found;
    };

    const answer = (as: string, says: string) => `${as}${as.endsWith("?") ? "" : ":"} ${says}`;

    /** The answer in a sentence, where what was asked stands in no sentence of the section's. */
    const said = (doc: Doc, words: string): string | undefined => {
        if (doc.symptom === "" || marks(`${doc.heading}${doc.term} ${doc.text}`, words).length > 0) return undefined;
        const its = written.symptoms.filter(({ at }) => at === doc.at);
        for (const one of its) {
            const as = one.words.find((as) => marks(as, words).length > 0);
            if (as !== undefined) return answer(as, one.says);
        }
        return undefined;
    };

    const place = ({ id, terms }: SearchResult, question: string, near: boolean, told?: string): Place => {
        const doc = docs[id as number] as Doc;
        // Of what was spelled in another way, the book's way is marked.
        const words = near ? terms.filter((term) => !term.startsWith("~")).join(" ") : question;
        const heading = doc.heading || doc.term;
        const says = told ?? said(doc, words);
        return {
            at: doc.at,
            page: doc.page,
            heading: cut(heading, marks(heading, words)),
            around: says ? cut(says, marks(says, words)) : around(doc.text, marks(doc.text, words)),
        };
    };

    const own = ({ words, group }: Part) => (group === undefined ? (words[0]?.stem ?? "") : sign(group));
    interface Asked {
        at: string;
        as: string;
        words: string[];
        says?: string;
    }
    const asked: Asked[] = [
        ...written.asked.flatMap(({ at, by }) => by.map((as) => ({ at, as, words: every(as, same).map(own) }))),
        // Of a message few remember the small words.
        ...written.symptoms.flatMap(({ at, words, says }) =>
            words.map((as) => ({ at, as, says, words: parts(as, same).map(own) })),
        ),
    ];
    /** What was written down as the answer to such a question, how it is asked, and what it says. */
    const answers = (question: string): { first: SearchResult[]; as?: string; says: Map<number, string> } => {
        const said = new Set(every(question, same).map(own));
        // The name of a thing, among other words, is not yet the question.
        const isName = parts(question, same).length === 1;
        const fit = asked.filter(
            ({ words, says }) =>
                (says === undefined || words.length > 1 || isName) && words.every((word) => said.has(word)),
        );
        // What has the most words is the nearest.
        fit.sort((one, other) => other.words.length - one.words.length);
        const found = new Set<Doc>();
        const says = new Map<number, string>();
        for (const one of fit) {
            const doc = docs.find(({ at }) => at === one.at);
            if (doc === undefined) continue;
            found.add(doc);
            if (one.says !== undefined && !says.has(doc.id)) says.set(doc.id, answer(one.as, one.says));
        }
        const first = [...found].map(({ id }) => ({ id, score: 0, terms: [], queryTerms: [], match: {} }));
        return { first, as: fit[0]?.as, says };
    };

    return {
        marks,
        find: (question, most = MOST) => {
            const { first, as, says } = answers(question);
            const isFirst = new Set(first.map(({ id }) => id));
            const tries = [
                { has: "all", how: "AND", fuzzy: false },
                { has: "near", how: "AND", fuzzy: true },
                { has: "some", how: "OR", fuzzy: true },
            ] as const;
            for (const { has, how, fuzzy } of tries) {
                let more = ask(question, how, fuzzy);
                if (more.length === 0 && as !== undefined) more = ask(as, how, fuzzy);
                const rest = more.filter(({ id }) => !isFirst.has(id));
                const found = [...first, ...rest];
                if (found.length === 0) continue;
                const places = found
                    .slice(0, most)
                    .map((one) => place(one, question, has !== "all", says.get(one.id as number)));
                return { has, count: found.length, places };
            }
            return { has: "none", count: 0, places: [] };
        },
    };
}

/** A text, parted where its marks begin and end. */
function cut(text: string, marks: [number, number][]): Marked {
    const all: string[] = [];
    let from = 0;
    for (const [begins, ends] of marks) {
        all.push(text.slice(from, begins), text.slice(begins, ends));
        from = ends;
    }
    return [...all, text.slice(from)];
}

/** As much of a text as is shown: where most of the marks lie close together. */
function around(text: string, marks: [number, number][]): Marked {
    const length = 190;
    let best = { from: 0, kinds: 0 };
    for (const [begins] of marks) {
        const inside = marks.filter(([b, e]) => b >= begins && e <= begins + length - 40);
        const kinds = new Set(inside.map(([b, e]) => stem(normal(text.slice(b, e))))).size;
        if (kinds > best.kinds) best = { from: begins, kinds };
    }
    // From the sentence's beginning, if that is near, or else from a word's.
    const sentence = Math.max(...[". ", "? ", "! "].map((end) => text.lastIndexOf(end, best.from) + 2));
    const near = best.from - sentence < 70 && sentence > 1;
    let from = near ? sentence : text.lastIndexOf(" ", Math.max(0, best.from - 50)) + 1;
    if (best.from < 70 && !near) from = 0;
    let to = Math.min(text.length, from + length);
    if (to < text.length) to = text.lastIndexOf(" ", to);
    const inside = marks.filter(([b, e]) => b >= from && e <= to);
    const shown = cut(text.slice(from, to), inside.map(([b, e]) => [b - from, e - from]));
    if (from > 0 && !near) shown[0] = `… ${shown[0]}`;
    if (to < text.length) shown[shown.length - 1] += " …";
    return shown;
}

export async function fetched(url: string): Promise<Finder> {
    // An index of another build would lead to sections that are gone.
    const answer = await fetch(url, { cache: "no-cache" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return finder(await answer.json());
}
