//! Settings in a TOML file, each with the line it stands on.

use std::{fs, ops::Range, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Error, Given, Origin,
    error::Unknown,
    field::{self, Field},
    name::{nearest, unknown},
    table::SECTIONS,
};

/// Returns the settings in the file. A key that is none is added to `unknown`.
pub(super) fn read(path: &Path, unknown: &mut Vec<Unknown>) -> Result<Vec<Given>, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Unreadable { path: path.to_path_buf(), source })?;
    let mut found = Found { given: Vec::new(), unknown };
    Document { path, text: &text }.read(&mut found)?;
    Ok(found.given)
}

struct Document<'a> {
    path: &'a Path,
    text: &'a str,
}

/// What a document holds.
struct Found<'a> {
    given: Vec<Given>,
    unknown: &'a mut Vec<Unknown>,
}

impl Document<'_> {
    fn read(&self, found: &mut Found<'_>) -> Result<(), Error> {
        // Twice: once for where things stand, once for their values.
        let places = DeTable::parse(self.text).map_err(|error| self.syntax(&error))?;
        let values: toml::Table = toml::from_str(self.text).map_err(|error| self.syntax(&error))?;
        self.table("", places.get_ref(), &values, found)
    }

    fn table(
        &self,
        section: &str,
        places: &DeTable<'_>,
        values: &toml::Table,
        found: &mut Found<'_>,
    ) -> Result<(), Error> {
        for (name, place) in places {
            let Some(value) = values.get(name.get_ref().as_ref()) else { continue };
            let key =
                if section.is_empty() { name.get_ref().to_string() } else { format!("{section}.{}", name.get_ref()) };
            let origin = self.origin(name.span());
            if let Some(field) = field::find(&key) {
                let strangers = self.strangers(field, place);
                // A list with a stranger in it has no value that could be checked.
                if strangers.is_empty() {
                    found.given.push(field.checked(value.clone(), origin)?);
                }
                found.unknown.extend(strangers);
                continue;
            }
            let known_section = section.is_empty() && SECTIONS.iter().any(|section| section.name == key);
            match (place.get_ref(), value) {
                (DeValue::Table(places), toml::Value::Table(values)) if known_section => {
                    self.table(&key, places, values, found)?;
                }
                _ => found.unknown.push(unknown(&key, origin)),
            }
        }
        Ok(())
    }

    /// Returns the unknown keys in the tables of a list.
    fn strangers(&self, field: &Field, place: &Spanned<DeValue<'_>>) -> Vec<Unknown> {
        let items = place.get_ref().as_array().into_iter().flat_map(|array| array.iter());
        let keys = items.filter_map(|item| item.get_ref().as_table()).flat_map(|table| table.keys());
        let strangers = keys.filter(|key| !field.members.contains(&key.get_ref().as_ref()));
        let unknown = strangers.map(|key| {
            let name = format!("{}.{}", field.key, key.get_ref());
            let nearest = nearest(&name, field.members.iter().map(|member| format!("{}.{member}", field.key)));
            Unknown { name, origin: self.origin(key.span()), nearest }
        });
        unknown.collect()
    }

    fn origin(&self, span: Range<usize>) -> Origin {
        Origin::File { path: self.path.to_path_buf(), line: self.line(span.start) }
    }

    fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }

    fn syntax(&self, error: &toml::de::Error) -> Error {
        let line = error.span().map_or(1, |span| self.line(span.start));
        Error::Syntax { path: self.path.to_path_buf(), line, reason: error.message().to_owned() }
    }
}
