//! The way through the book: each chapter says what it answers and what to keep, its words are
//! defined, and no verdict is told twice.

use std::collections::BTreeMap;
use std::fs;

use press::cmd::build;
use press::outside::project::Project;
use scraper::{ElementRef, Html, Selector};
use taking_turns::root;

/// The chapters with their sub-pages, in the book's order: what stands in a list.
fn chapters() -> Vec<String> {
    let summary = fs::read_to_string(root().join("book/SUMMARY.md")).unwrap();
    let lines = summary.lines().filter(|line| line.trim_start().starts_with("- ["));
    let page = |line: &str| {
        let (_, link) = line.split_once("](").unwrap();
        link.trim_end_matches(')').to_owned()
    };
    lines.map(page).collect()
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join("book").join(name)).unwrap()
}

#[test]
fn who_ran_when_teaches_to_read_lanes_before_any_page_asks_for_it() {
    assert_eq!(chapters()[0], "timelines.md");
}

#[test]
fn a_chapter_begins_with_what_it_answers_for_whom_and_on_what_it_builds() {
    let chapters = chapters();
    for (place, name) in chapters.iter().enumerate() {
        let text = page(name);
        let mut paragraphs = text.split("\n\n");
        assert!(paragraphs.next().unwrap().starts_with("# "), "{name}");
        let begin = paragraphs.next().unwrap().strip_prefix("{{#begin ");
        let begin = begin.unwrap_or_else(|| panic!("{name} begins without `begin`"));
        let on = begin.split(';').next().unwrap();
        for other in on.split(',').map(str::trim).filter(|other| !other.is_empty()) {
            let before = chapters[..place].iter().any(|page| *page == format!("{other}.md"));
            assert!(before, "{name} builds on {other}, which does not come before it");
        }
    }
}

#[test]
fn a_chapter_ends_with_three_lines_to_keep_and_where_to_go() {
    for name in chapters() {
        let text = page(&name);
        let (_, after) = text.split_once("\n## To keep { .keep }\n").expect(&name);
        let lines = || after.lines();
        let headings: Vec<&str> = lines().filter(|line| line.starts_with('#')).collect();
        assert_eq!(headings, ["## Sources"], "{name}: what to keep is its end");
        let items: Vec<&str> = lines().filter_map(|line| line.strip_prefix("- ")).collect();
        assert_eq!(items.len(), 3, "{name}: {items:#?}");
        for item in items {
            assert!(item.split_whitespace().count() <= 40, "{name}: too long to keep: {item}");
        }
        let next = lines().find(|line| line.starts_with("Next: "));
        assert!(next.is_some_and(|next| next.contains(".md)")), "{name} leads nowhere");
    }
}

#[test]
fn a_verdict_stands_on_the_page_of_its_subject_and_others_link_to_it() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in ["timelines.md", "preemptive.md", "build-a-global-lock.md"] {
        for line in page(name).lines() {
            if let Some(claim) = line.strip_prefix("{{#verdict ") {
                places
                    .entry(claim.trim_end_matches('}').to_owned())
                    .or_default()
                    .push(name.into());
            }
        }
    }
    places.retain(|_, pages| pages.len() > 1);
    assert!(places.is_empty(), "told twice: {places:#?}");
}

/// The built pages, by their names.
fn built() -> BTreeMap<String, Html> {
    let folder = tempfile::tempdir_in(taking_turns::target()).unwrap();
    let project = Project::find(root()).unwrap();
    let html = build::build_into(&project, &folder.path().join("html")).unwrap();
    let entries = fs::read_dir(html).unwrap().flatten();
    let pages = entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(".html"));
    let parsed = |entry: fs::DirEntry| {
        let text = fs::read_to_string(entry.path()).unwrap();
        (entry.file_name().to_string_lossy().into_owned(), Html::parse_document(&text))
    };
    pages.map(parsed).collect()
}

fn all<'h>(within: &'h Html, selector: &str) -> Vec<ElementRef<'h>> {
    within.select(&Selector::parse(selector).unwrap()).collect()
}

#[test]
fn each_word_that_opens_a_definition_has_one_and_leads_to_its_entry() {
    let built = built();
    let glossary = &built["glossary.html"];
    let entries: Vec<&str> = all(glossary, "main dfn[id], main span[id]")
        .iter()
        .filter_map(|e| e.attr("id"))
        .collect();
    assert!(entries.len() > 80, "{entries:?}");
    for name in chapters() {
        let html = &built[&name.replace(".md", ".html")];
        assert_eq!(all(html, "main h2.keep + ul + p").len(), 1, "{name}: how it is set");
        let words = all(html, "main button.term");
        assert!(words.len() >= 5, "{name} has {}", words.len());
        for word in words {
            let id = word.attr("popovertarget").unwrap();
            let popovers = all(html, &format!("[popover][id=\"{id}\"]"));
            let [popover] = popovers[..] else { panic!("{name}: {id}") };
            let link = popover.select(&Selector::parse("a").unwrap()).next().unwrap();
            let (page, entry) = link.attr("href").unwrap().split_once('#').unwrap();
            assert_eq!(page, "glossary.html");
            assert!(entries.contains(&entry), "{name}: {entry}");
        }
        // Not where a word leads elsewhere, is a title, or belongs to somebody else.
        let inside = "a button.term, h1 button.term, h2 button.term, h3 button.term, \
                      code button.term, figure button.term, .footnote-definition button.term";
        assert!(all(html, inside).is_empty(), "{name}");
    }
}

/// What people ask in public, as the list of symptoms has it, and the page that answers.
const ASKED: [(&str, &str); 45] = [
    ("Does my small tool need async at all, or would threads do?", "choosing.html"),
    ("How many workers and how many threads for my web server?", "mixing.html"),
    ("Why is par_iter slower than iter?", "process-pools.html"),
    ("tokio::fs is many times slower than std::fs: why?", "hundred-urls.html"),
    (
        "Free-threaded: a method or a global list costs many times as much in many threads: why?",
        "build-a-global-lock.html",
    ),
    (
        "A process pool takes seconds for what a loop does in milliseconds: why?",
        "process-pools.html",
    ),
    ("Everything is slower unless OMP_NUM_THREADS=1: why?", "quota.html"),
    (
        "One task that blocks stops a multi-threaded runtime: why do the other workers not help?",
        "blocking.html",
    ),
    ("CPU-heavy tasks: why do the other workers not take them?", "fair-turns.html"),
    (
        "What happens when the blocking pool is full, and is its queue bounded?",
        "hidden-pools.html",
    ),
    ("Why does spawn_blocking stall at 60,000 jobs?", "hidden-pools.html"),
    (
        "strace shows 340 000 futex calls in ten seconds: what is my runtime doing?",
        "tools.html",
    ),
    ("vmstat shows 25 000 context switches a second: is that the reason?", "switching.html"),
    ("uvloop promises 2 to 4 times, and I see 13 % or a loss: why?", "event-loop.html"),
    ("gather: one failed, the others go on, and I cannot stop them: why?", "siblings.html"),
    (
        "select! dropped a future that had already taken a message: is it gone?",
        "cancelling.html",
    ),
    ("Is this call cancel safe?", "cancelling.html"),
    ("A spawned task panicked and nobody noticed: why?", "siblings.html"),
    ("Does dropping the handle stop the task?", "siblings.html"),
    ("Does a task disappear if I do not keep it?", "siblings.html"),
    ("reqwest::blocking panics in a task: why?", "blocking.html"),
    ("futures::executor::block_on in a task hangs after 128 rounds: why?", "stuck.html"),
    (
        "DNS timeouts that are no DNS: why do look-ups queue in the loop's thread pool?",
        "hidden-pools.html",
    ),
    ("A thread puts into an asyncio.Queue, and the loop sleeps on: why?", "event-loop.html"),
    (
        "gevent: why does a library that was not patched stall every greenlet?",
        "hidden-pools.html",
    ),
    ("main is over and the program does not end: what holds it?", "ending.html"),
    (
        "^C or SIGTERM with requests in flight: how do I stop taking and finish what is begun?",
        "ending.html",
    ),
    ("Too many open files with some thousand requests in tasks: what do I do?", "limits.html"),
    ("An unbounded channel ate the memory: what now?", "too-much.html"),
    ("A std Mutex guard held across an await: why is it stuck?", "stuck.html"),
    (
        "rayon under a Mutex: can the waiting thread steal a job that wants the same lock?",
        "stuck.html",
    ),
    ("Is std's mutex fair? Can one thread starve another?", "fair-turns.html"),
    ("Two read locks in one thread and a writer in between: why is it stuck?", "circles.html"),
    ("Should a mutex lend priority to its holder?", "fair-turns.html"),
    ("loom gives up on a spin lock: what now?", "memory-order.html"),
    ("Rust extension: can the GIL be part of a deadlock?", "circles.html"),
    ("A fork-based pool hangs now and then: the parent had threads. Why?", "circles.html"),
    ("Can't pickle a local function or a lambda: what now?", "process-pools.html"),
    (
        "9 000 zombies, then no fork: our program is process 1 of the container. What now?",
        "exits.html",
    ),
    (
        "Many processes accept on one socket: who gets the connection, why is it uneven?",
        "limits.html",
    ),
    ("Which of my tasks blocks the runtime?", "tools.html"),
    ("htop shows three rows for each worker: are those processes or threads?", "threads.html"),
    ("Is a cluster faster than one thread?", "machines.html"),
    ("What happens when a worker is killed?", "machines.html"),
    ("Is the host dead or only slow?", "machines.html"),
];

#[test]
fn what_people_ask_is_listed_and_leads_to_the_paragraph_that_answers_it() {
    let built = built();
    let list = &built["symptoms.html"];
    let entries: BTreeMap<String, &str> = all(list, ".symptoms > li > a")
        .iter()
        .map(|a| (a.text().collect(), a.attr("href").unwrap()))
        .collect();
    assert!(entries.len() >= 120, "{}", entries.len());
    for (words, to) in &entries {
        let (page, id) = to.split_once('#').unwrap();
        let marks = all(&built[page], &format!("main :is(p, li) > span.symptom[id=\"{id}\"]"));
        let [mark] = marks[..] else { panic!("{words}: {to} is there {} times", marks.len()) };
        let around = ElementRef::wrap(mark.parent().unwrap()).unwrap();
        let text: String = around.text().collect();
        assert!(text.split_whitespace().count() >= 10, "{words}: {to} is answered by {text:?}");
    }
    for (words, page) in ASKED.iter().filter(|(_, page)| built.contains_key(*page)) {
        let to = entries.get(*words).unwrap_or_else(|| panic!("nobody answers: {words}"));
        assert!(to.starts_with(page), "{words} leads to {to} and not to {page}");
    }
}
