//! Work left undone: reminders without an issue, and macros that stand for missing code.

use super::{Finding, tree::Tree};

const UNFINISHED: [&str; 3] = ["todo!", "unimplemented!", "dbg!"];
const REMINDERS: [&str; 3] = ["TODO", "FIXME", "XXX"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in &tree.sources {
        for (number, line) in source.numbered() {
            if let Some(word) = UNFINISHED.into_iter().find(|word| calls(&line.code, word)) {
                findings.push(Finding::new(
                    &source.path,
                    number,
                    format!("`{word}` stands for missing code: write it, or leave it out"),
                ));
            }
            if let Some(word) = REMINDERS.into_iter().find(|word| reminds(&line.comment, word)) {
                findings.push(Finding::new(
                    &source.path,
                    number,
                    format!("`{word}` without an issue: write `TODO(#123)`, or do it"),
                ));
            }
        }
    }
    findings
}

fn calls(code: &str, word: &str) -> bool {
    let whole = |before: &str| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    code.split_once(word).is_some_and(|(before, _)| whole(before))
}

fn reminds(comment: &str, word: &str) -> bool {
    comment.split(|c: char| c.is_whitespace() || c == '/').any(|token| {
        let Some(rest) = token.strip_prefix(word) else { return false };
        !has_issue(rest) && !rest.starts_with(char::is_alphanumeric)
    })
}

fn has_issue(rest: &str) -> bool {
    let number = rest.strip_prefix("(#").and_then(|rest| rest.split_once(')')).map(|(number, _)| number);
    number.is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reminders_with_an_issue_pass() {
        let found = |text: &str| check(&Tree::of_source("a.rs", text)).len();
        assert_eq!(found("// TODO: later\n"), 1);
        assert_eq!(found("// TODO(#12): later\n"), 0);
        assert_eq!(found("//FIXME\n"), 1);
        assert_eq!(found("let a = \"TODO\"; // a `TODO` in words\n"), 0);
        assert_eq!(found("fn a() { todo!() }\n"), 1);
        assert_eq!(found("fn a() { my_dbg!() }\n"), 0);
    }
}
