//! Every word that a page can show is in every language.

use std::collections::BTreeSet;

use crate::{
    SITE,
    model::{cycle, facts::Guard, life, milestone, task::Kind, topic},
};

fn keys(language: &str) -> BTreeSet<String> {
    let texts = SITE.texts.iter().filter(|(tag, _)| *tag == language).map(|(_, text)| *text);
    let lines = texts.flat_map(str::lines).filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    lines.filter_map(|line| line.split_once(" =")).map(|(key, _)| key.to_owned()).collect()
}

#[test]
fn both_languages_have_the_same_keys() {
    let (english, lao) = (keys("en"), keys("lo"));
    assert_eq!(english.symmetric_difference(&lao).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn every_word_of_the_tables_has_a_text() {
    let english = keys("en");
    let check = |prefix: &str, words: &[&str]| {
        for word in words {
            assert!(english.contains(&format!("projects-{prefix}-{word}")), "projects-{prefix}-{word}");
        }
    };
    let words = |all: &[life::State]| all.iter().map(|one| one.word()).collect::<Vec<_>>();
    check("project-state", &words(life::State::ALL));
    check("action", &life::Action::ALL.iter().map(|one| one.word()).collect::<Vec<_>>());
    check("guard", &Guard::ALL.iter().map(|one| one.word()).collect::<Vec<_>>());
    check("milestone-state", &milestone::State::ALL.iter().map(|one| one.word()).collect::<Vec<_>>());
    check("topic-state", &topic::State::ALL.iter().map(|one| one.word()).collect::<Vec<_>>());
    check("topic-action", &topic::Action::ALL.iter().map(|one| one.word()).collect::<Vec<_>>());
    check("cycle-state", &cycle::State::ALL.iter().map(|one| one.word()).collect::<Vec<_>>());
    check("cycle-action", &cycle::Action::ALL.iter().map(|one| one.word()).collect::<Vec<_>>());
    check("approvals", &cycle::Approvals::ALL.iter().map(|one| one.word()).collect::<Vec<_>>());
    check("task", &Kind::ALL.iter().map(|one| one.word()).collect::<Vec<_>>());
    check("subject", &["owner", "supervises", "coordinates", "chairs"]);
}
