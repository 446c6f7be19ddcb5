//! Every crate and every room begins with a map: what it owns, what it never does, where to start reading.

use std::collections::BTreeSet;

use super::{Finding, source::Source, tree::Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let folders: BTreeSet<&str> = tree.sources.iter().filter_map(|source| folder(&source.path)).collect();
    let roots = tree.sources.iter().filter(|source| is_root(source) || is_room(source, &folders));
    let mapless = roots.filter(|source| !begins_with_map(source));
    let message = "no map: begin with `//!` lines saying what this owns, what it never does, where to start reading";
    mapless.map(|source| Finding::new(&source.path, 1, message)).collect()
}

fn is_root(source: &Source) -> bool {
    source.path.ends_with("/src/lib.rs") || source.path.ends_with("/src/main.rs")
}

/// Returns whether a folder of the same name stands beside the file.
fn is_room(source: &Source, folders: &BTreeSet<&str>) -> bool {
    source.path.strip_suffix(".rs").is_some_and(|path| folders.contains(path))
}

fn begins_with_map(source: &Source) -> bool {
    let comment = source.lines.first().map_or("", |line| line.comment.as_str());
    comment.strip_prefix("//!").is_some_and(|map| !map.trim().is_empty())
}

fn folder(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_and_rooms_need_a_map_and_other_files_do_not() {
        let source = |path: &str, text: &str| Source::new(path, text);
        let sources = vec![
            source("base/src/lib.rs", "//! \n"),
            source("base/src/ids.rs", "struct Id;\n"),
            source("base/src/text.rs", "mod line;\n"),
            source("base/src/text/line.rs", "struct Line;\n"),
            source("app/src/main.rs", "//! The binary.\n"),
        ];
        let found: Vec<String> = check(&Tree { sources, ..Tree::default() }).into_iter().map(|it| it.path).collect();
        assert_eq!(found, ["base/src/lib.rs", "base/src/text.rs"]);
    }
}
