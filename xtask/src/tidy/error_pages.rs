//! Every public error code has its page in docs/errors in every language, and every page its code.

use std::collections::BTreeMap;

use super::{Finding, source::Source, tree::Tree};

/// The folders of pages: one for each language.
const FOLDERS: [&str; 2] = ["docs/errors", "docs/errors/lo"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        tree.error_pages.iter().filter_map(|(path, text)| first_line(path, text)).collect();
    let mut declared: BTreeMap<String, (&str, usize)> = BTreeMap::new();
    for source in &tree.sources {
        for (number, code) in codes(source) {
            for page in FOLDERS.map(|folder| format!("{folder}/{code}.md")) {
                if !tree.error_pages.contains_key(&page) {
                    let message = format!("`{code}` has no page: write {page}");
                    findings.push(Finding::new(&source.path, number, message));
                }
            }
            if let Some((path, line)) = declared.insert(code.clone(), (&source.path, number)) {
                findings.push(Finding::new(
                    &source.path,
                    number,
                    format!("`{code}` is taken at {path}:{line}: choose another"),
                ));
            }
        }
    }
    for path in tree.error_pages.keys().filter(|path| !declared.contains_key(stem(path))) {
        findings.push(Finding::new(path, 1, "no `error_codes!` declares this code: remove the page, or declare it"));
    }
    findings
}

/// Finds a first line that is no title, or nothing below it.
fn first_line(path: &str, text: &str) -> Option<Finding> {
    if text.lines().skip(1).all(|line| line.trim().is_empty()) {
        return Some(Finding::new(path, 1, "the page has a title and says nothing"));
    }
    let line = text.lines().next().unwrap_or_default();
    let title =
        line.strip_prefix("# ").and_then(|line| line.strip_prefix(stem(path))).and_then(|rest| rest.strip_prefix(": "));
    let message = format!("the first line is not `# {}: Title`", stem(path));
    title.is_none_or(|title| title.trim().is_empty()).then(|| Finding::new(path, 1, message))
}

/// Returns the codes that the source's `error_codes!` declare, with their lines.
fn codes(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut depth = 0;
    for (number, line) in source.numbered() {
        let start = line.code.split_once("error_codes!").map(|(_, rest)| rest);
        let code = if depth > 0 { Some(line.code.as_str()) } else { start };
        let Some(code) = code else { continue };
        depth += code.matches('{').count();
        depth = depth.saturating_sub(code.matches('}').count());
        if is_code(&line.text) {
            found.push((number, line.text.clone()));
        }
    }
    found
}

fn is_code(text: &str) -> bool {
    let Some((prefix, number)) = text.split_once('-') else { return false };
    prefix.len() == 3
        && prefix.chars().all(|c| c.is_ascii_uppercase())
        && number.len() == 3
        && number.chars().all(|c| c.is_ascii_digit())
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.strip_suffix(".md").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(source: &str, pages: &[(&str, &str)]) -> Vec<String> {
        let mut tree = Tree::of_source("a.rs", source);
        tree.error_pages =
            pages.iter().map(|(path, text)| (format!("docs/errors/{path}"), (*text).to_owned())).collect();
        check(&tree).iter().map(ToString::to_string).collect()
    }

    const SOURCE: &str =
        "base::error_codes! {\n    /// One.\n    ONE = \"ABC-001\", Invalid;\n}\nlet x = \"DEF-001\";\n";

    #[test]
    fn codes_and_pages_correspond_in_every_language() {
        let page = "# ABC-001: One went wrong\nMend it.\n";
        let both = |text| [("ABC-001.md", text), ("lo/ABC-001.md", text)];
        assert_eq!(findings(SOURCE, &both(page)), [""; 0]);
        assert_eq!(findings(SOURCE, &[]).len(), 2);
        assert_eq!(findings(SOURCE, &[("ABC-001.md", page)]).len(), 1);
        assert_eq!(findings("", &both(page)).len(), 2);
        assert_eq!(findings(SOURCE, &both("# ABC-002: Two\nMend it.\n")).len(), 2);
        assert_eq!(findings(SOURCE, &both("# ABC-001: One went wrong\n")).len(), 2);
        assert_eq!(findings(&SOURCE.repeat(2), &both(page)).len(), 1);
    }
}
