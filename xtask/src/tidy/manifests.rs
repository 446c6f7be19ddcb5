//! Each manifest: the crate is called as its folder, and takes the lints of the workspace.

use super::{Finding, tree::Tree};

/// The crate whose name is the product's.
const PRODUCT: &str = "fpms";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &tree.members {
        let path = member.manifest_path();
        let folder = member.folder.rsplit('/').next().unwrap_or_default();
        if member.name != folder && member.name != PRODUCT {
            let message = format!("crate `{}` is in folder `{folder}`: call both the same", member.name);
            findings.push(Finding::new(&path, member.line_of("name"), message));
        }
        if !member.manifest.contains("[lints]\nworkspace = true") {
            findings.push(Finding::new(
                &path,
                1,
                "the lints of the workspace are not taken: add `[lints]` with `workspace = true`",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::Member;

    #[test]
    fn a_crate_is_called_as_its_folder_and_takes_the_lints() {
        let manifest = "[package]\nname = \"store\"\n".to_owned();
        let member =
            Member { name: "store".to_owned(), folder: "platform/storage".to_owned(), manifest, ..Member::default() };
        let findings = check(&Tree { members: vec![member], ..Tree::default() });
        assert_eq!(findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [2, 1]);
    }
}
