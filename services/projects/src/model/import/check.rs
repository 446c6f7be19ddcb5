//! Checks the tables of one import against each other and against what the university has already.

mod people;
mod rows;

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::tz::TimeZone;

pub use self::people::KnownPerson;
use self::people::People;
use super::{Cohort, Kind, Mapping, Problem, Reason, Refusal, Row, Table, cells::Cells, columns::KINDS, table::Damage};

/// Most refusals that are listed; the rows beyond are counted only.
pub const REFUSALS_MAX: usize = 20_000;

/// What the university has already, as far as rows may refer to it.
#[derive(Debug, Clone)]
pub struct Known {
    /// Codes of its programmes. When there is none, those that the topics name are taken for known.
    pub programmes: HashSet<String>,
    /// Everybody, for matching by number and then by e-mail address.
    pub people: Vec<KnownPerson>,
    /// Numbers of the cycle's supervisors.
    pub supervisors: HashSet<String>,
    /// Numbers of the cycle's students.
    pub students: HashSet<String>,
    /// Numbers of the cycle's topics.
    pub topics: HashSet<String>,
    /// The zone in which times without offset are meant.
    pub zone: TimeZone,
}

/// What became of the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The good rows.
    pub cohort: Cohort,
    /// What is wrong with the others, in the order of [`KINDS`] and within a file by line; at most [`REFUSALS_MAX`].
    pub refusals: Vec<Refusal>,
    /// Rows read of each kind, and how many of them were refused.
    pub counts: Vec<(Kind, RowCount)>,
}

/// How many rows of a kind there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowCount {
    /// Rows that say anything.
    pub read: u32,
    /// Rows that were refused.
    pub refused: u32,
}

impl Checked {
    /// Returns how many rows were read and how many of them refused.
    pub fn total(&self) -> RowCount {
        self.counts.iter().fold(RowCount::default(), |sum, (_, count)| RowCount {
            read: sum.read + count.read,
            refused: sum.refused + count.refused,
        })
    }
}

/// Checks every row of every table; what a row refers to is checked before the row.
pub fn check(tables: &[(Table, Mapping)], known: &Known) -> Result<Checked, Vec<Problem>> {
    let mut problems = Vec::new();
    for (table, mapping) in tables {
        problems.extend(mapping.check(table).err().unwrap_or_default());
    }
    let programmes = programmes(tables, known);
    if let (true, Some((table, _))) = (programmes.is_empty(), of_kind(tables, Kind::Students).next()) {
        problems.push(Problem::NoProgrammes { file: table.file.clone() });
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut checker = Checker::new(known, programmes);
    for kind in KINDS {
        for (table, mapping) in of_kind(tables, *kind) {
            checker.table(*kind, table, mapping);
        }
    }
    Ok(checker.finish())
}

fn of_kind(tables: &[(Table, Mapping)], kind: Kind) -> impl Iterator<Item = &(Table, Mapping)> {
    tables.iter().filter(move |(_, mapping)| mapping.kind == kind)
}

/// Returns the programmes there are. Those that the import adds come when their table is checked.
fn programmes(tables: &[(Table, Mapping)], known: &Known) -> HashSet<String> {
    let mut codes = known.programmes.clone();
    let source = if of_kind(tables, Kind::Programmes).next().is_some() {
        (Kind::Programmes, "code")
    } else if codes.is_empty() {
        (Kind::Topics, "programmes")
    } else {
        return codes;
    };
    for (table, mapping) in of_kind(tables, source.0) {
        let positions = mapping.positions();
        for row in &table.rows {
            let mut cells = Cells::new(source.0, &positions, row);
            codes.extend(cells.list(source.1, rows::CODE_CHARS_MAX).unwrap_or_default());
        }
    }
    codes
}

/// The state of a check: what is good so far, and what is not.
struct Checker<'a> {
    known: &'a Known,
    programmes: HashSet<String>,
    people: People<'a>,
    cohort: Cohort,
    refusals: Vec<Refusal>,
    counts: HashMap<Kind, RowCount>,
    /// Keys of good rows, by kind and column: numbers, names, codes, addresses.
    taken: HashMap<(Kind, &'static str), HashSet<String>>,
    /// Pairs of good rows, by kind and column: who ranks what, with both as numbers of their own.
    pairs: HashMap<(Kind, &'static str), HashSet<(u32, u64)>>,
    /// Numbers given to the texts that pairs are made of.
    texts: HashMap<String, u32>,
    /// Numbers of the rows that were refused.
    refused: HashSet<(Kind, String)>,
}

impl<'a> Checker<'a> {
    fn new(known: &'a Known, programmes: HashSet<String>) -> Self {
        Self {
            known,
            programmes,
            people: People::new(&known.people),
            cohort: Cohort::default(),
            refusals: Vec::new(),
            counts: HashMap::new(),
            taken: HashMap::new(),
            pairs: HashMap::new(),
            texts: HashMap::new(),
            refused: HashSet::new(),
        }
    }

    fn table(&mut self, kind: Kind, table: &Table, mapping: &Mapping) {
        let file: Arc<str> = Arc::from(table.file.as_str());
        let positions = mapping.positions();
        if matches!(kind, Kind::Students | Kind::Supervisors) {
            self.people.reserve(kind, &positions, table);
        }
        for row in &table.rows {
            let mut cells = Cells::new(kind, &positions, row);
            let mut wrong = Vec::from_iter(damage(table, mapping, row));
            if wrong.is_empty() {
                self.row(kind, &mut cells);
                wrong.extend(cells.refused.iter().map(|(column, reason)| (Cow::Borrowed(*column), *reason)));
            }
            let count = self.counts.entry(kind).or_default();
            count.read += 1;
            if wrong.is_empty() {
                continue;
            }
            count.refused += 1;
            if let Some(number) = rows::number_of(kind, &positions, row) {
                self.refused.insert((kind, number));
            }
            let room = REFUSALS_MAX.saturating_sub(self.refusals.len());
            let refusal = |(column, reason)| Refusal { file: Arc::clone(&file), line: row.line, column, reason };
            self.refusals.extend(wrong.into_iter().take(room).map(refusal));
        }
    }

    fn row(&mut self, kind: Kind, cells: &mut Cells<'_>) {
        match kind {
            Kind::Programmes => self.programme(cells),
            Kind::Supervisors => self.supervisor(cells),
            Kind::Students => self.student(cells),
            Kind::Topics => self.topic(cells),
            Kind::Preferences => self.preference(cells),
            Kind::Rankings => self.ranking(cells),
            Kind::Rooms => self.room(cells),
            Kind::Availability => self.availability(cells),
        }
    }

    /// Returns true when no good row has this key; refuses the row otherwise.
    fn is_free(&self, cells: &mut Cells<'_>, kind: Kind, column: &'static str, key: &str) -> bool {
        let taken = self.is_taken(kind, column, key);
        if taken {
            cells.refuse(column, Reason::Duplicate);
        }
        !taken
    }

    fn is_taken(&self, kind: Kind, column: &'static str, key: &str) -> bool {
        self.taken.get(&(kind, column)).is_some_and(|keys| keys.contains(key))
    }

    fn take(&mut self, kind: Kind, column: &'static str, key: String) {
        self.taken.entry((kind, column)).or_default().insert(key);
    }

    /// Returns the number of a text; equal texts have equal numbers.
    fn text(&mut self, text: &str) -> u32 {
        if let Some(number) = self.texts.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.insert(text.to_owned(), number);
        number
    }

    /// Takes pairs when no good row has any of them; refuses the row otherwise.
    fn take_pairs(&mut self, cells: &mut Cells<'_>, kind: Kind, pairs: &[(&'static str, (u32, u64))]) -> bool {
        let taken = |(column, pair): &(&'static str, (u32, u64))| {
            self.pairs.get(&(kind, *column)).is_some_and(|pairs| pairs.contains(pair))
        };
        if let Some((column, _)) = pairs.iter().find(|pair| taken(pair)) {
            cells.refuse(column, Reason::Duplicate);
            return false;
        }
        for (column, pair) in pairs {
            self.pairs.entry((kind, *column)).or_default().insert(*pair);
        }
        true
    }

    /// Returns true when there is a row, here or in the university, with this number; refuses the row otherwise.
    fn refers(&self, cells: &mut Cells<'_>, kind: Kind, column: &'static str, number: &str) -> bool {
        let known = match kind {
            Kind::Supervisors => self.known.supervisors.contains(number),
            Kind::Students => self.known.students.contains(number),
            Kind::Topics => self.known.topics.contains(number),
            _ => false,
        };
        if known || self.is_taken(kind, column, number) {
            return true;
        }
        let unknown = match kind {
            Kind::Supervisors => Reason::UnknownSupervisor,
            Kind::Students => Reason::UnknownStudent,
            _ => Reason::UnknownTopic,
        };
        let refused = self.refused.contains(&(kind, number.to_owned()));
        cells.refuse(column, if refused { Reason::RefersToRefused } else { unknown });
        false
    }

    fn finish(self) -> Checked {
        let counts = KINDS.iter().filter_map(|kind| Some((*kind, *self.counts.get(kind)?))).collect();
        Checked { cohort: self.cohort, refusals: self.refusals, counts }
    }
}

/// Returns what is wrong with the row as such.
fn damage(table: &Table, mapping: &Mapping, row: &Row) -> Option<(Cow<'static, str>, Reason)> {
    if let Some((position, damage)) = row.damage {
        let reason = match damage {
            Damage::InvalidUtf8 => Reason::InvalidUtf8,
            Damage::UnclosedQuote => Reason::UnclosedQuote,
            Damage::FormulaError => Reason::FormulaError,
        };
        return Some((column_at(mapping, position), reason));
    }
    let beyond = row.cells.iter().enumerate().find(|(position, cell)| {
        let named = table.header.get(*position).is_some_and(|name| !name.is_empty());
        !named && mapping.columns.get(*position).is_none_or(Option::is_none) && !cell.trim().is_empty()
    });
    beyond.map(|(position, _)| (column_at(mapping, position), Reason::TooManyCells))
}

/// Returns the name of the column at a position, or its number where it has none.
fn column_at(mapping: &Mapping, position: usize) -> Cow<'static, str> {
    let name = mapping.columns.get(position).cloned().flatten();
    Cow::Owned(name.unwrap_or_else(|| format!("#{}", position + 1)))
}
