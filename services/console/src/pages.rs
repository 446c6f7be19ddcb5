//! The console's pages, one file each.
//!
//! Owns the templates' contexts. Never decides anything.
//! Start reading at [`overview`].

use web::Tab;

use crate::Console;

pub(crate) mod dead_letters;
pub(crate) mod event_types;
pub(crate) mod installation;
pub(crate) mod mails;
pub(crate) mod overview;
pub(crate) mod records;
pub(crate) mod statements;
#[cfg(test)]
mod tests;

/// Returns a tab for each service, with `path` and its name as the query.
fn service_tabs(console: &Console, path: &str, current: &str) -> Vec<Tab> {
    let tab = |name: &'static str| Tab {
        label: name.to_owned(),
        href: format!("{path}?service={name}"),
        count: None,
        current: name == current,
    };
    console.service_names().map(tab).collect()
}
