//! `fpms keys`: the root secrets of an installation, by their public ids.

use std::io::Write;

use anyhow::{Result, bail};
use crypto::{
    KeyId, SystemRandom,
    keyring::{self, Held},
};

use super::place::Place;
use crate::{
    parts::{self, keys_folder},
    settings::Settings,
};

/// What `fpms keys` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done with root secrets. No command prints one.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print the ids of the root secrets held, the oldest first
    List(List),
    /// Step 1 of an exchange: add a new root secret, which only reads until it is promoted
    Add(List),
    /// Step 2: make a root secret the primary, which makes everything new
    Promote(Choose),
    /// Step 3: remove a root secret; what it made is worth nothing from then on
    Retire(Choose),
}

/// What `fpms keys list` and `add` are called with.
#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    pub place: Place,
}

/// What `fpms keys promote` and `retire` are called with.
#[derive(Debug, clap::Args)]
pub struct Choose {
    /// Id of the root secret, as `fpms keys list` prints it
    #[arg(value_name = "ID")]
    pub id: KeyId,
    #[command(flatten)]
    pub place: Place,
}

/// Runs the command.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    match &arguments.command {
        Command::List(list) => print(&list.place.existing()?, out),
        Command::Add(add) => {
            let settings = in_file(&add.place)?;
            let id = keyring::add(&keys_folder(&settings), &SystemRandom)?;
            writeln!(out, "added {id}; it reads, and makes nothing yet")?;
            next(out, &format!("give every node this file and start it again, then: fpms keys promote {id}"))
        }
        Command::Promote(choose) => {
            let settings = in_file(&choose.place)?;
            keyring::promote(&keys_folder(&settings), choose.id)?;
            writeln!(out, "promoted {}; it makes everything new once nodes are started again", choose.id)?;
            next(out, "give every node this file and start it again; a day later, retire the old one")
        }
        Command::Retire(choose) => {
            let settings = in_file(&choose.place)?;
            keyring::retire(&keys_folder(&settings), choose.id)?;
            writeln!(out, "retired {}", choose.id)?;
            next(out, "give every node this file and start it again")
        }
    }
}

fn print(settings: &Settings, out: &mut impl Write) -> Result<()> {
    for Held { id, primary } in parts::keyring(settings)?.held() {
        writeln!(out, "{id}  {}", if primary { "primary: makes and reads" } else { "reads" })?;
    }
    Ok(())
}

/// Returns the settings of an installation whose root secrets are in a file.
fn in_file(place: &Place) -> Result<Settings> {
    let settings = place.existing()?;
    if settings.keys.root.get().is_some() {
        bail!("the root secrets come from the setting `keys.root`; change them there, as docs/guides/keys.md says");
    }
    Ok(settings)
}

fn next(out: &mut impl Write, what: &str) -> Result<()> {
    Ok(writeln!(out, "next: {what}")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(data: &std::path::Path, command: impl FnOnce(Place) -> Command) -> Result<String> {
        let place = Place { data: Some(data.to_owned()), ..Place::default() };
        let mut out = Vec::new();
        run(&Arguments { command: command(place) }, &mut out)?;
        Ok(String::from_utf8(out)?)
    }

    fn keyring_of(data: &std::path::Path) {
        let place = Place { data: Some(data.to_owned()), ..Place::default() };
        parts::keyring(&place.load(None).unwrap().settings).unwrap();
    }

    #[test]
    fn an_exchange_takes_three_commands_and_none_prints_a_secret() {
        let data = tempfile::tempdir().unwrap();
        keyring_of(data.path());
        let list = || said(data.path(), |place| Command::List(List { place })).unwrap();
        let choose = |id, place| Choose { id, place };
        let old: KeyId = list().split_whitespace().next().unwrap().parse().unwrap();
        let added = said(data.path(), |place| Command::Add(List { place })).unwrap();
        let new: KeyId = added.split([' ', ';']).nth(1).unwrap().parse().unwrap();
        assert!(list().contains(&format!("{old}  primary")) && list().contains(&format!("{new}  reads")));
        let early = said(data.path(), |place| Command::Retire(choose(old, place))).unwrap_err();
        assert!(super::super::report::describe(&early).starts_with("error[KEY-002]"));
        said(data.path(), |place| Command::Promote(choose(new, place))).unwrap();
        said(data.path(), |place| Command::Retire(choose(old, place))).unwrap();
        assert_eq!(list(), format!("{new}  primary: makes and reads\n"));
        let root = std::fs::read_to_string(data.path().join("keys/root.key")).unwrap();
        let root = root.trim().trim_start_matches('*');
        assert!(!added.contains(root) && !list().contains(root));
    }
}
