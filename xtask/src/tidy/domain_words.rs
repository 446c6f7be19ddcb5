//! Platform knows no university: its words do not occur below the floor of the services.

use super::{Finding, source::Line, tree::Tree};

const WORDS: [&str; 10] = [
    "topic",
    "student",
    "supervisor",
    "thesis",
    "proposal",
    "milestone",
    "defence",
    "faculty",
    "professor",
    "coordinator",
];
const PLACES: [&str; 2] = ["platform/", "base/"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources.iter().filter(|source| PLACES.iter().any(|place| source.path.starts_with(place))) {
        for (number, line) in source.numbered() {
            if let Some(word) = domain_word(line) {
                let message = format!(
                    "`{word}` is a word of the university: say what it is to the machine, or move it to a service"
                );
                findings.push(Finding::new(&source.path, number, message));
            }
        }
    }
    findings
}

/// Comments of tests may tell a story; nothing else may.
fn domain_word(line: &Line) -> Option<&'static str> {
    let comment = if line.in_test { "" } else { &line.comment };
    let parts = [&*line.code, &line.text, comment];
    parts.into_iter().flat_map(words).find_map(|word| WORDS.into_iter().find(|domain| is_form_of(&word, domain)))
}

/// Splits at everything but letters, and where a capital begins a new word: `StudentId` and `student_id` are two words.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        let starts = !c.is_alphabetic() || (c.is_uppercase() && before.is_lowercase());
        if starts {
            words.push(String::new());
        }
        if c.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words
}

fn is_form_of(word: &str, domain: &str) -> bool {
    word == domain || word.strip_suffix('s') == Some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_university_are_found_in_code_text_and_comments() {
        let found = |path: &str, text: &str| check(&Tree::of_source(path, text)).len();
        assert_eq!(found("platform/web/src/a.rs", "struct StudentId;\nlet a = \"the topics\";\n// a thesis\n"), 3);
        assert_eq!(found("platform/web/src/a.rs", "let studentship = 1; // hypothesis\n"), 0);
        assert_eq!(found("platform/web/src/tests.rs", "// a student\nlet student = 1;\n"), 1);
        assert_eq!(found("services/projects/src/a.rs", "struct Student;\n"), 0);
    }
}
