//! Which column of a table is which: found by name, or given by the user.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Kind, Problem, Table,
    columns::{Column, plain},
};

/// Least likeness of two names, from 0 to 1, for one to be offered in place of the other.
const LIKENESS_MIN: f64 = 0.7;

/// What a table holds, and for each of its columns which column of that kind it is; `None` leaves it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// What the table holds.
    pub kind: Kind,
    /// For each column of the table, from the left, the product's name for it.
    pub columns: Vec<Option<String>>,
}

/// What a user says of a table: what it holds, and by which names its columns go where these are not the usual ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// What the table holds.
    pub kind: Kind,
    /// For a name in the file, the product's name of the column.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
}

impl Mapping {
    /// Returns the mapping that a user gave. Columns that are not spoken of go by their names; others are left out.
    pub fn given(table: &Table, given: &Given) -> Result<Self, Vec<Problem>> {
        let mut mapping = Self::draft(table, given.kind);
        for (name, column) in table.header.iter().zip(&mut mapping.columns) {
            if let Some(said) = given.columns.get(name) {
                *column = Some(said.clone());
            }
        }
        mapping.check(table)?;
        Ok(mapping)
    }

    /// Finds the mapping of a table by the names of its file, its sheet and its columns.
    pub fn automatic(table: &Table) -> Result<Self, Vec<Problem>> {
        let kind = Self::guess_kind(table).ok_or_else(|| vec![Problem::UnknownKind { file: table.file.clone() }])?;
        let mapping = Self::draft(table, kind);
        let unknown = table.header.iter().zip(&mapping.columns).filter(|(name, column)| {
            // A column without a name is left out, as long as no row says anything in it.
            column.is_none() && !name.is_empty()
        });
        let mut problems: Vec<Problem> = unknown
            .map(|(name, _)| Problem::UnknownColumn {
                file: table.file.clone(),
                kind: kind.as_str(),
                column: name.clone(),
                nearest: nearest(name, mapping.free_columns().map(|column| column.name)),
            })
            .collect();
        if let Err(more) = mapping.check(table) {
            problems.extend(more);
        }
        if problems.is_empty() { Ok(mapping) } else { Err(problems) }
    }

    /// Returns the mapping of every column whose name is known, without judging the rest; the user completes it.
    pub fn draft(table: &Table, kind: Kind) -> Self {
        let known = |name: &String| kind.columns().iter().find(|column| column.is_called(name));
        let columns = table.header.iter().map(|name| known(name).map(|column| column.name.to_owned())).collect();
        Self { kind, columns }
    }

    /// Finds what a table holds by its names, else by having the columns that only one kind asks for.
    pub fn guess_kind(table: &Table) -> Option<Kind> {
        let by_sheet = table.sheet.as_deref().and_then(Kind::announced_by);
        if let Some(kind) = by_sheet.or_else(|| Kind::announced_by(&table.file)) {
            return Some(kind);
        }
        let has = |column: &Column| table.header.iter().any(|name| column.is_called(name));
        let mut fitting = super::columns::KINDS.iter().filter(|kind| {
            let mut required = kind.columns().iter().filter(|column| column.required);
            required.all(has)
        });
        match (fitting.next(), fitting.next()) {
            (Some(kind), None) => Some(*kind),
            _ => None,
        }
    }

    /// Checks a mapping against its table: every required column is there, and none twice.
    pub fn check(&self, table: &Table) -> Result<(), Vec<Problem>> {
        let file = || table.file.clone();
        let mut problems = Vec::new();
        for (position, column) in self.columns.iter().enumerate() {
            let Some(name) = column else { continue };
            if !self.kind.columns().iter().any(|known| known.name == name) {
                let nearest = nearest(name, self.free_columns().map(|column| column.name));
                problems.push(Problem::UnknownColumn {
                    file: file(),
                    kind: self.kind.as_str(),
                    column: name.clone(),
                    nearest,
                });
            }
            if self.columns.iter().take(position).flatten().any(|earlier| earlier == name) {
                problems.push(Problem::DuplicateColumn { file: file(), column: name.clone() });
            }
        }
        let unused = table.header.iter().zip(&self.columns).filter(|(_, column)| column.is_none());
        let unused: Vec<&str> = unused.map(|(name, _)| name.as_str()).collect();
        for column in self.free_columns().filter(|column| column.required) {
            let nearest = nearest(column.name, unused.iter().copied());
            problems.push(Problem::MissingColumn { file: file(), column: column.name, nearest });
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Returns where in a row each column of the kind stands, in the order of [`Kind::columns`].
    pub fn positions(&self) -> Vec<Option<usize>> {
        let place = |column: &Column| self.columns.iter().position(|name| name.as_deref() == Some(column.name));
        self.kind.columns().iter().map(place).collect()
    }

    fn free_columns(&self) -> impl Iterator<Item = &'static Column> {
        self.kind.columns().iter().filter(|column| !self.columns.iter().flatten().any(|name| name == column.name))
    }
}

/// Returns the name most like `name`, when one is like enough.
fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let name = plain(name);
    let scored = candidates.map(|candidate| (strsim::jaro_winkler(&name, &plain(candidate)), candidate));
    let best = scored.filter(|(score, _)| *score >= LIKENESS_MIN).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(file: &str, header: &[&str]) -> Table {
        let header = header.iter().map(|name| (*name).to_owned()).collect();
        Table { file: file.to_owned(), sheet: None, header, rows: Vec::new() }
    }

    #[test]
    fn names_are_matched_without_case_spaces_and_punctuation() {
        let table = table("rooms.csv", &["Room", "SEATS ", "Equipment"]);
        let columns = Mapping::automatic(&table).unwrap().columns;
        assert_eq!(columns, [Some("room".to_owned()), Some("seats".to_owned()), Some("equipment".to_owned())]);
    }

    #[test]
    fn unknown_and_missing_columns_name_the_nearest() {
        let table = table("rooms.csv", &["room", "saets", "colour"]);
        let problems = Mapping::automatic(&table).unwrap_err();
        let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "`rooms.csv` has the column `saets`, which rooms do not have; did you mean `seats`?",
                "`rooms.csv` has the column `colour`, which rooms do not have",
                "`rooms.csv` lacks the column `seats`; did you mean `saets`?",
            ]
        );
    }

    #[test]
    fn a_column_may_not_stand_twice() {
        let table = table("rooms.csv", &["room", "seats", "Capacity"]);
        let expected = Problem::DuplicateColumn { file: "rooms.csv".to_owned(), column: "seats".to_owned() };
        assert_eq!(Mapping::automatic(&table), Err(vec![expected]));
    }

    #[test]
    fn what_a_user_says_goes_before_the_names() {
        let table = table("list.csv", &["Raum", "Sitze", "Farbe", "equipment"]);
        let columns = [("Raum", "room"), ("Sitze", "seats")].map(|(name, column)| (name.to_owned(), column.to_owned()));
        let mut given = Given { kind: Kind::Rooms, columns: columns.into() };
        let named = |name: &str| Some(name.to_owned());
        let expected = vec![named("room"), named("seats"), None, named("equipment")];
        assert_eq!(Mapping::given(&table, &given).unwrap().columns, expected);
        given.columns.remove("Sitze");
        assert!(matches!(
            Mapping::given(&table, &given).unwrap_err()[..],
            [Problem::MissingColumn { column: "seats", .. }]
        ));
    }

    #[test]
    fn a_kind_is_known_by_columns_that_only_it_asks_for() {
        let header = ["student_no", "rank", "topic_no"];
        assert_eq!(Mapping::guess_kind(&table("export.csv", &header)), Some(Kind::Preferences));
        assert_eq!(Mapping::guess_kind(&table("export.csv", &["a", "b"])), None);
    }
}
