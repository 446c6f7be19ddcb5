//! Sizes of files: a soft cap with a list that may only shrink, and a hard one without exceptions.

use std::collections::BTreeMap;

use super::{Finding, tree::Tree};

/// The list of files between the caps, one path a line.
const EXCEPTIONS: &str = "xtask/tidy-exceptions.txt";
const LINES_MAX: usize = 400;
const LINES_MAX_HARD: usize = 600;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut listed = listed(tree.text(EXCEPTIONS));
    let mut findings = Vec::new();
    for source in &tree.sources {
        let lines = source.product_lines();
        let excepted = (lines > LINES_MAX).then(|| listed.remove(&*source.path)).flatten().is_some();
        if lines > LINES_MAX_HARD {
            let message = format!("{lines} lines, more than {LINES_MAX_HARD}: divide it by the nouns in it");
            findings.push(Finding::new(&source.path, 1, message));
        } else if lines > LINES_MAX && !excepted {
            let message = format!("{lines} lines, more than {LINES_MAX}: divide it by the nouns in it");
            findings.push(Finding::new(&source.path, 1, message));
        }
    }
    for (path, line) in listed {
        let message = format!("{path} has no more than {LINES_MAX} lines: take it off the list");
        findings.push(Finding::new(EXCEPTIONS, line, message));
    }
    findings
}

fn listed(text: &str) -> BTreeMap<&str, usize> {
    let numbered = text.lines().enumerate().map(|(index, line)| (line.trim(), index + 1));
    numbered.filter(|(line, _)| !line.is_empty() && !line.starts_with('#')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(lines: usize, exceptions: &str) -> usize {
        check(&Tree::of_source("base/src/a.rs", &"x\n".repeat(lines)).with_text(EXCEPTIONS, exceptions)).len()
    }

    #[test]
    fn a_large_file_must_be_listed_and_a_small_one_may_not_be() {
        assert_eq!(findings(400, ""), 0);
        assert_eq!(findings(401, ""), 1);
        assert_eq!(findings(401, "# why\nbase/src/a.rs\n"), 0);
        assert_eq!(findings(601, "base/src/a.rs\n"), 1);
        assert_eq!(findings(400, "base/src/a.rs\n"), 1);
    }
}
