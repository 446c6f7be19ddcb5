//! Texts in the languages of the product: Fluent catalogues of every crate, merged once at start.

use std::collections::HashMap;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

pub use base::language::LANGUAGES;
pub(crate) use base::language::{named as language, negotiate};

pub mod check;

/// The texts of the kit itself.
pub static KIT_TEXTS: &[(&str, &str)] =
    &[("en", include_str!("../texts/en.ftl")), ("lo", include_str!("../texts/lo.ftl"))];

/// What one case of an error is about, in languages other than English, which the errors themselves speak.
pub(crate) static ERROR_TEXTS: &[(&str, &str)] =
    &[("lo", include_str!(concat!(env!("CARGO_WORKSPACE_DIR"), "docs/errors/lo.ftl")))];

/// A catalogue that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// The language is not one of [`LANGUAGES`].
    #[error("`{0}` is not a language of the product")]
    Language(String),
    /// The text is not valid Fluent.
    #[error("the `{language}` catalogue is not valid Fluent: {reason}")]
    Syntax {
        /// The language.
        language: String,
        /// What the parser said.
        reason: String,
    },
    /// Two catalogues have a text of this key.
    #[error("the key `{key}` is in two `{language}` catalogues")]
    Twice {
        /// The language.
        language: String,
        /// The key.
        key: String,
    },
}

/// Catalogues while they are collected.
#[derive(Default)]
pub struct Catalogue {
    bundles: HashMap<&'static str, (FluentBundle<FluentResource>, Vec<String>)>,
}

impl Catalogue {
    /// Returns the catalogue with the kit's own texts.
    pub fn of_the_kit() -> Result<Self, Wrong> {
        let mut catalogue = Self::default();
        for (language, text) in KIT_TEXTS.iter().chain(ERROR_TEXTS) {
            catalogue.add(language, text)?;
        }
        Ok(catalogue)
    }

    /// Adds the texts of a crate in one language.
    pub fn add(&mut self, language: &str, text: &str) -> Result<(), Wrong> {
        let known = LANGUAGES.iter().find(|(tag, _)| *tag == language);
        let (tag, _) = known.ok_or_else(|| Wrong::Language(language.to_owned()))?;
        let wrong = |reason: String| Wrong::Syntax { language: language.to_owned(), reason };
        let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| wrong(format!("{errors:?}")))?;
        let (bundle, keys) = self.bundles.entry(tag).or_insert_with(|| (empty(tag), Vec::new()));
        keys.extend(message_keys(text));
        bundle.add_resource(resource).map_err(|errors| {
            let key = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Wrong::Twice { language: language.to_owned(), key }
        })
    }

    /// Returns the texts, with those that take no arguments ready to write.
    pub fn build(self) -> Texts {
        let ready = |(tag, (bundle, keys)): (&'static str, (FluentBundle<FluentResource>, Vec<String>))| {
            let plain = keys.into_iter().filter_map(|key| plain(&bundle, &key).map(|text| (key, text))).collect();
            (tag, Language { bundle, plain })
        };
        Texts { languages: self.bundles.into_iter().map(ready).collect() }
    }
}

/// All texts of the process.
pub struct Texts {
    languages: HashMap<&'static str, Language>,
}

struct Language {
    bundle: FluentBundle<FluentResource>,
    plain: HashMap<String, String>,
}

impl Texts {
    /// Returns the text of `key`, in English when the language lacks it, and the key itself when nobody has it.
    pub(crate) fn plain<'a>(&'a self, language: &str, key: &'a str) -> &'a str {
        let find = |language: &str| self.languages.get(language)?.plain.get(key);
        find(language).or_else(|| find("en")).map_or(key, String::as_str)
    }

    /// Returns the text of `key` with its arguments put in.
    pub(crate) fn format(&self, language: &str, key: &str, args: &FluentArgs<'_>) -> String {
        let find = |language: &str| self.find(language, key, args);
        find(language).or_else(|| find("en")).unwrap_or_else(|| key.to_owned())
    }

    /// Returns the text of `key` in this very language, when it has one and every argument of it is given.
    pub(crate) fn find(&self, language: &str, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let bundle = &self.languages.get(language)?.bundle;
        let pattern = bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        errors.is_empty().then_some(text)
    }
}

/// Returns the keys of a catalogue, for tests that compare languages and templates.
pub fn keys(text: &str) -> Vec<String> {
    message_keys(text).collect()
}

fn empty(tag: &str) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Both languages run from left to right; the isolation marks would only end up in copied text.
    bundle.set_use_isolating(false);
    bundle
}

/// Every message starts a line with its key; terms start with a hyphen, attributes and continuations are indented.
fn message_keys(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| {
        let (key, _) = line.split_once('=')?;
        let starts = key.starts_with(|first: char| first.is_ascii_alphabetic());
        starts.then(|| key.trim_end().to_owned())
    })
}

fn plain(bundle: &FluentBundle<FluentResource>, key: &str) -> Option<String> {
    let pattern = bundle.get_message(key)?.value()?;
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, None, &mut errors).into_owned();
    errors.is_empty().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kits_texts_are_whole_in_every_language() {
        let templates = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(check::problems(KIT_TEXTS, templates), Vec::<String>::new());
    }

    #[test]
    fn texts_fall_back_to_english_and_then_to_their_key() {
        let mut catalogue = Catalogue::of_the_kit().unwrap();
        catalogue.add("en", "only-english = Only here\ncount = { $n } notes").unwrap();
        let texts = catalogue.build();
        assert_eq!(texts.plain("lo", "save"), "ບັນທຶກ");
        assert_eq!(texts.plain("lo", "only-english"), "Only here");
        assert_eq!(texts.plain("lo", "nowhere"), "nowhere");
        let mut args = FluentArgs::new();
        args.set("n", 3);
        assert_eq!(texts.format("lo", "count", &args), "3 notes");
    }

    #[test]
    fn a_broken_or_repeated_text_is_refused_at_start() {
        let mut catalogue = Catalogue::of_the_kit().unwrap();
        assert!(matches!(catalogue.add("fr", "a = b"), Err(Wrong::Language(_))));
        assert!(matches!(catalogue.add("en", "a = { b"), Err(Wrong::Syntax { .. })));
        assert!(matches!(catalogue.add("en", "save = Keep"), Err(Wrong::Twice { .. })));
    }
}
