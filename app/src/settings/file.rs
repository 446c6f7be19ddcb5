//! Settings in a TOML file, each with the line it stands on.

use std::{fs, ops::Range, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    Error, Given, Origin,
    field::{self, Field},
    name::{nearest, unknown},
    table::SECTIONS,
};

/// Returns the settings in the file; a key that is none is refused.
pub(super) fn read(path: &Path) -> Result<Vec<Given>, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Unreadable { path: path.to_path_buf(), source })?;
    Document { path, text: &text }.read()
}

struct Document<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Document<'_> {
    fn read(&self) -> Result<Vec<Given>, Error> {
        // Twice: once for where things stand, once for their values.
        let places = DeTable::parse(self.text).map_err(|error| self.syntax(&error))?;
        let values: toml::Table = toml::from_str(self.text).map_err(|error| self.syntax(&error))?;
        let mut given = Vec::new();
        self.table("", places.get_ref(), &values, &mut given)?;
        Ok(given)
    }

    fn table(
        &self,
        section: &str,
        places: &DeTable<'_>,
        values: &toml::Table,
        given: &mut Vec<Given>,
    ) -> Result<(), Error> {
        for (name, place) in places {
            let Some(value) = values.get(name.get_ref().as_ref()) else { continue };
            let key =
                if section.is_empty() { name.get_ref().to_string() } else { format!("{section}.{}", name.get_ref()) };
            let origin = self.origin(name.span());
            if let Some(field) = field::find(&key) {
                self.members(field, place)?;
                given.push(field.checked(value.clone(), origin)?);
                continue;
            }
            let known_section = section.is_empty() && SECTIONS.iter().any(|section| section.name == key);
            match (place.get_ref(), value) {
                (DeValue::Table(places), toml::Value::Table(values)) if known_section => {
                    self.table(&key, places, values, given)?;
                }
                _ => return Err(unknown(&key, origin)),
            }
        }
        Ok(())
    }

    /// Refuses unknown keys in the tables of a list.
    fn members(&self, field: &Field, place: &Spanned<DeValue<'_>>) -> Result<(), Error> {
        let items = place.get_ref().as_array().into_iter().flat_map(|array| array.iter());
        let keys = items.filter_map(|item| item.get_ref().as_table()).flat_map(|table| table.keys());
        let mut unknown = keys.filter(|key| !field.members.contains(&key.get_ref().as_ref()));
        if let Some(key) = unknown.next() {
            let name = format!("{}.{}", field.key, key.get_ref());
            let nearest = nearest(&name, field.members.iter().map(|member| format!("{}.{member}", field.key)));
            return Err(Error::Unknown { name, origin: self.origin(key.span()), nearest });
        }
        Ok(())
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
