//! The reference page of all settings, written from the table.

use std::fmt::Write;

use super::{
    field::{Field, Section},
    table::SECTIONS,
};

const HEAD: &str = "\
# Settings

<!-- Written by `cargo xtask generate` from the table of settings; do not edit. -->

`fpms config` prints the settings in force and where each came from.
Defaults are overruled by the TOML file of `--config FILE`, that by the environment, and that by flags.
A variable's value is TOML or plain text.
Unknown names ([CFG-001](../errors/CFG-001.md)) and wrong values ([CFG-002](../errors/CFG-002.md)) are refused at start.
";

/// Returns the page in Markdown.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    for section in SECTIONS {
        describe(&mut page, section);
    }
    page
}

fn describe(page: &mut String, section: &Section) {
    let title =
        if section.name.is_empty() { "Outside any section".to_owned() } else { format!("`[{}]`", section.name) };
    // Writing to a String cannot fail.
    let _ = write!(page, "\n## {title}\n\n{}\n", section.doc.trim());
    for field in section.fields {
        let _ = write!(page, "\n### `{}`\n\n{}\n\n", field.key, sentences(field));
        let _ = writeln!(page, "- Value: {}", (field.kind)());
        // The table's text is broken into lines as the compiler likes it.
        let default: Vec<_> = field.default_text.split_whitespace().collect();
        let _ = writeln!(page, "- Default: `{}`", default.join(" "));
        let _ = writeln!(page, "- Environment: `{}`", field.variable());
    }
}

/// Returns the words of a field, one sentence a line.
fn sentences(field: &Field) -> String {
    field.doc.trim().replace(".  ", ". ").replace(". ", ".\n")
}
