//! The test that every crate with texts runs: same keys in every language, and no key used that is not there.

use std::{collections::BTreeSet, fs, path::Path};

use base::Code;

use super::{ERROR_TEXTS, KIT_TEXTS, LANGUAGES, keys};

/// Calls that take a key as their first argument, in templates and in Rust.
const CALLS: &[&str] = &[".t(\"", ".t1(\"", ".t2(\"", ".t_args(\"", ".title(\"", ".crumb(\""];

/// Returns what is wrong with the `texts` of the crate in `directory`, as sentences; empty when nothing is.
///
/// ```text
/// #[test]
/// fn texts_are_whole_in_every_language() {
///     let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
///     assert_eq!(web::i18n::check::problems(SITE.texts, directory), Vec::<String>::new());
/// }
/// ```
pub fn problems(texts: &[(&str, &str)], directory: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let of = |texts: &[(&str, &str)], wanted: &str| -> BTreeSet<String> {
        texts.iter().filter(|(language, _)| *language == wanted).flat_map(|(_, text)| keys(text)).collect()
    };
    let all: BTreeSet<String> = texts.iter().flat_map(|(_, text)| keys(text)).collect();
    for (language, _) in LANGUAGES {
        let missing = all
            .difference(&of(texts, language))
            .map(|key| format!("`{key}` has no text in `{language}`"))
            .collect::<Vec<_>>();
        problems.extend(missing);
    }
    let known: BTreeSet<String> = all.union(&of(KIT_TEXTS, "en")).cloned().collect();
    for (file, key) in used(&directory.join("templates")).into_iter().chain(used(&directory.join("src"))) {
        if !known.contains(&key) {
            problems.push(format!("{file} uses `{key}`, which no catalogue has"));
        }
    }
    problems
}

/// Returns the texts about single cases of errors that belong to none of `codes`, as sentences.
pub fn needless(codes: &[&[&Code]]) -> Vec<String> {
    let text = |code: &&Code| format!("error-{}-detail", code.id);
    let known: BTreeSet<String> = codes.iter().copied().flatten().map(text).collect();
    let texts = ERROR_TEXTS.iter().flat_map(|(language, text)| keys(text).into_iter().map(move |key| (language, key)));
    let needless = texts.filter(|(_, key)| !known.contains(key));
    needless.map(|(language, key)| format!("`{key}` in `{language}` is about no code")).collect()
}

/// Returns the keys that files under `directory` name literally: file and key.
fn used(directory: &Path) -> Vec<(String, String)> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut found = Vec::new();
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        // What tests say is not what people read.
        if path.file_stem().is_some_and(|stem| stem == "tests") {
            continue;
        }
        if path.is_dir() {
            found.extend(used(&path));
        } else if let Ok(text) = fs::read_to_string(&path) {
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            found.extend(named(text).map(|key| (file.clone(), key.to_owned())));
        }
    }
    found
}

fn named(text: &str) -> impl Iterator<Item = &str> {
    CALLS.iter().flat_map(move |call| {
        text.match_indices(call).filter_map(move |(at, _)| text.get(at + call.len()..)?.split('"').next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_language_and_an_unknown_key_are_told() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("templates")).unwrap();
        fs::write(
            directory.path().join("templates/a.html"),
            r#"{{ ctx.t("here") }}{{ ctx.t("nowhere") }}{{ ctx.t("save") }}"#,
        )
        .unwrap();
        let told = problems(&[("en", "here = Here"), ("lo", "there = x")], directory.path());
        assert_eq!(
            told,
            [
                "`there` has no text in `en`",
                "`here` has no text in `lo`",
                "a.html uses `nowhere`, which no catalogue has",
            ]
        );
    }
}
