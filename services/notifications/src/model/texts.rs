//! The words of notifications and mails, in the languages of the product, outside of any page.

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::arguments::Arguments;

/// The catalogues: language, what is shown in the product, what is sent by mail.
static CATALOGUES: &[(&str, &[&str])] = &[
    ("en", &[include_str!("../../texts/notices.en.ftl"), include_str!("../../texts/mails.en.ftl")]),
    ("lo", &[include_str!("../../texts/notices.lo.ftl"), include_str!("../../texts/mails.lo.ftl")]),
];

/// The words in every language.
pub(crate) struct Texts(Vec<(&'static str, FluentBundle<FluentResource>)>);

impl Texts {
    /// Reads the catalogues. They are part of the program and a test reads them too.
    pub(crate) fn new() -> Self {
        Self(CATALOGUES.iter().map(|(tag, texts)| (*tag, bundle(tag, texts))).collect())
    }

    /// Returns the tag of the language in which somebody is written to who reads `wish`; English when it is not one of ours.
    pub(crate) fn language(&self, wish: &str) -> &'static str {
        let primary = wish.split(['-', '_']).next().unwrap_or_default();
        self.0.iter().map(|(tag, _)| *tag).find(|tag| tag.eq_ignore_ascii_case(primary)).unwrap_or("en")
    }

    /// Returns the text of `key`, in English when the language lacks it, and the key itself when nobody has it.
    pub(crate) fn text(&self, language: &str, key: &str, arguments: &Arguments) -> String {
        let mut values = FluentArgs::new();
        for (name, value) in arguments.iter() {
            values.set(name, value);
        }
        let find = |language: &str| {
            let (_, bundle) = self.0.iter().find(|(tag, _)| *tag == language)?;
            let pattern = bundle.get_message(key)?.value()?;
            Some(bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned())
        };
        find(language).or_else(|| find("en")).unwrap_or_else(|| key.to_owned())
    }
}

fn bundle(tag: &str, texts: &[&str]) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Isolation marks would end up in subjects and in copied text.
    bundle.set_use_isolating(false);
    for text in texts {
        // What is not valid is left out, and shows as its key; the test below finds it first.
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::{kind::Kind, template::Template};

    fn keys(texts: &[&str]) -> BTreeSet<String> {
        texts.iter().flat_map(|text| web::i18n::keys(text)).collect()
    }

    #[test]
    fn the_catalogues_are_valid_and_have_the_same_keys() {
        for (tag, texts) in CATALOGUES {
            for text in *texts {
                let read = FluentResource::try_new((*text).to_owned());
                assert!(read.is_ok(), "{tag}: {:?}", read.err().map(|(_, errors)| errors));
            }
            assert_eq!(keys(texts), keys(CATALOGUES[0].1), "{tag}");
        }
    }

    #[test]
    fn the_pages_texts_have_the_same_keys() {
        let of = |index: usize| keys(&[crate::SITE.texts[index].1]);
        assert_eq!(of(0), of(1));
    }

    #[test]
    fn every_kind_and_template_has_its_texts_and_leaves_no_argument_open() {
        let texts = Texts::new();
        for (tag, _) in CATALOGUES {
            for kind in Kind::all() {
                let key = format!("notice-{}", kind.name());
                let text = texts.text(tag, &key, &kind.sample());
                assert!(text != key && !text.contains('{'), "{tag} {key}: {text}");
            }
            for template in Template::all() {
                for part in ["subject", "body", "action"] {
                    let key = format!("mail-{}-{part}", template.name());
                    let arguments = template.sample().with("name", "Noy").with("university", "NUOL");
                    let text = texts.text(tag, &key, &arguments);
                    assert!(text != key && !text.contains('{'), "{tag} {key}: {text}");
                }
            }
        }
    }

    #[test]
    fn a_language_that_is_not_ours_is_english() {
        let texts = Texts::new();
        assert_eq!((texts.language("lo-LA"), texts.language("LO"), texts.language("fr")), ("lo", "lo", "en"));
    }
}
