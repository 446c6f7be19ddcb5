//! `fpms config`: the settings in force and where each came from.

use std::{io::Write, net::SocketAddr};

use anyhow::Result;
use serde_json::json;

use super::place::Place;
use crate::settings::Effective;

/// Origins stand in one column up to this; a longer value moves its own alone.
const VALUE_CHARS_ALIGNED: usize = 40;

/// What `fpms config` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub place: Place,
    /// Address and port to serve on
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Print an array of `{key, value, origin}` instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Prints every setting with its value and its origin; secrets are hidden.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let loaded = arguments.place.load(arguments.listen)?;
    if arguments.json {
        let rows = loaded.effective().iter().map(|row| {
            let Effective { key, value, origin } = row;
            json!({ "key": key, "value": value, "origin": origin.to_string() })
        });
        writeln!(out, "{:#}", rows.collect::<serde_json::Value>())?;
        return Ok(());
    }
    let width = |column: fn(&Effective) -> usize| loaded.effective().iter().map(column).max().unwrap_or(0);
    let (keys, values) = (width(|row| row.key.len()), width(|row| row.value.len()).min(VALUE_CHARS_ALIGNED));
    for Effective { key, value, origin } in loaded.effective() {
        writeln!(out, "{key:keys$} = {value:values$}  # {origin}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_named_as_origin() {
        let place = Place { data: Some("elsewhere".into()), ..Place::default() };
        let mut out = Vec::new();
        run(&Arguments { place, listen: None, json: false }, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let line = text.lines().find(|line| line.starts_with("data ")).unwrap();
        assert!(line.contains("= \"elsewhere\"") && line.ends_with("# --data"), "{text}");
    }
}
