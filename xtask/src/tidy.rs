//! `cargo xtask tidy`: the rules about the shape of the tree that no compiler knows.
//!
//! Owns one rule per file, each a function from the [`Tree`] to its findings. Never changes a file.
//! Start reading at [`RULES`].

mod code_map;
mod domain_words;
mod edges;
mod error_pages;
mod leftovers;
mod manifests;
mod maps;
mod names;
mod outside_crates;
mod room_imports;
mod rooms;
mod sizes;
mod source;
mod tree;

use std::fmt;

use anyhow::{Result, bail};

use self::tree::Tree;
use crate::workspace;

type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: [Rule; 12] = [
    manifests::check,
    edges::check,
    outside_crates::check,
    rooms::check,
    room_imports::check,
    maps::check,
    code_map::check,
    names::check,
    sizes::check,
    leftovers::check,
    domain_words::check,
    error_pages::check,
];

/// What is wrong at a place, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Prints every finding of every rule; any at all is an error.
pub(crate) fn run() -> Result<()> {
    let tree = Tree::load(&workspace::root()?)?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy found {} things to mend", findings.len());
    }
    Ok(())
}
