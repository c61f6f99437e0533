//! Each chapter has questions of its own.

use std::fs;

use press::ask::quiz::Quiz;
use taking_turns::root;

#[test]
fn each_chapter_has_three_questions_at_least_before_what_to_keep() {
    let quiz = Quiz::read(root()).unwrap();
    assert!(quiz.chapters.len() >= 35);
    for chapter in &quiz.chapters {
        let page = &chapter.page;
        let count = quiz.of_page(page).count();
        assert!(count >= 3, "{page} has {count}");
        let text = fs::read_to_string(root().join(format!("book/{page}.md"))).unwrap();
        let place = format!("\n{{{{#quiz {page}}}}}\n\n## To keep {{ .keep }}\n");
        assert!(text.contains(&place), "{page} does not ask them");
    }
}
