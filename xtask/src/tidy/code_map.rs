//! The code map of ARCHITECTURE.md names exactly the crates there are.

use std::collections::BTreeMap;

use super::{Finding, tree::Tree};

const FILE: &str = "ARCHITECTURE.md";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let map = entries(tree.text(FILE));
    let mut findings = Vec::new();
    for member in tree.members.iter().filter(|member| !map.contains_key(&*member.folder)) {
        let message = format!("the code map lacks `{0}`: add a line \"- `{0}` — what it is\"", member.folder);
        findings.push(Finding::new(FILE, 1, message));
    }
    for (folder, line) in map {
        if !tree.members.iter().any(|member| member.folder == folder) {
            findings.push(Finding::new(FILE, line, format!("there is no crate in `{folder}`: remove the line")));
        }
    }
    findings
}

/// Returns the folders of the section "Code map": its lines of the form "- `folder` — text", with their numbers.
fn entries(text: &str) -> BTreeMap<&str, usize> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let section = numbered.skip_while(|(_, line)| *line != "## Code map").skip(1);
    let lines = section.take_while(|(_, line)| !line.starts_with("## "));
    lines.filter_map(|(number, line)| Some((line.strip_prefix("- `")?.split_once('`')?.0, number))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::Member;

    #[test]
    fn the_map_and_the_tree_correspond() {
        let members = ["base", "app"].map(|folder| Member { folder: folder.to_owned(), ..Member::default() });
        let text =
            "## Code map\n\n- `base` — words\n- `gone` — nothing\n  - `base/src` — inside\n\n## Other\n- `app` — no\n";
        let tree = Tree { members: members.into(), ..Tree::default() }.with_text(FILE, text);
        let findings: Vec<String> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings[0].contains("lacks `app`"));
        assert!(findings[1].starts_with("ARCHITECTURE.md:4: there is no crate in `gone`"));
    }
}
