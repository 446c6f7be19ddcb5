//! Names under which everything and nothing can be put, and modules in the old form.

use super::{Finding, tree::Tree};

const FORBIDDEN: [&str; 8] = ["utils", "util", "helpers", "helper", "common", "misc", "manager", "types"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in &tree.sources {
        if source.stem() == "mod" {
            findings.push(Finding::new(
                &source.path,
                1,
                "a room's file stands beside its folder: rename it to `<folder>.rs`",
            ));
        }
        let forbidden =
            source.path.split('/').map(|part| part.strip_suffix(".rs").unwrap_or(part)).find(|part| is_forbidden(part));
        if let Some(part) = forbidden {
            findings.push(Finding::new(
                &source.path,
                1,
                format!("`{part}` names nothing: say which noun it belongs to"),
            ));
        }
        for (number, line) in source.numbered() {
            if let Some(name) = inline_module(&line.code).filter(|name| is_forbidden(name)) {
                findings.push(Finding::new(
                    &source.path,
                    number,
                    format!("module `{name}` names nothing: say which noun it belongs to"),
                ));
            }
        }
    }
    findings
}

fn is_forbidden(name: &str) -> bool {
    FORBIDDEN.contains(&name)
}

/// Returns the name of the module whose body begins on this line.
fn inline_module(code: &str) -> Option<&str> {
    let (before, name) = code.trim().strip_suffix('{')?.trim_end().rsplit_once(' ')?;
    (before == "mod" || before.ends_with(" mod")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_nothing_are_found() {
        let found = |path: &str, text: &str| check(&Tree::of_source(path, text)).len();
        assert_eq!(found("base/src/utils.rs", ""), 1);
        assert_eq!(found("base/src/common/a.rs", ""), 1);
        assert_eq!(found("base/src/a/mod.rs", ""), 1);
        assert_eq!(found("base/src/a.rs", "pub(crate) mod helpers {\n}\n"), 1);
        assert_eq!(found("base/src/commonwealth.rs", "mod tests {\n}\n"), 0);
    }
}
