//! Cohorts for tests and benchmarks: the spreadsheets of a faculty of any size, and which of their rows are wrong.
//!
//! Owns the making of files from a seed. Never touches a disk, and knows nothing of who reads the files.
//! Start reading at [`Cohort::make`].

mod dice;
mod words;

use std::fmt::Write;

use self::{
    dice::Dice,
    words::{AREAS, FAMILY_NAMES, GIVEN_NAMES, LOCAL_TITLES, OBJECTS, PROGRAMMES, VERBS},
};

/// How large a cohort is to be.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Students, at least 20.
    pub students: usize,
    /// Supervisors, at least 5.
    pub supervisors: usize,
    /// Topics, at least 10.
    pub topics: usize,
}

/// A faculty's files.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// Name and content of each file.
    pub files: Vec<(&'static str, String)>,
    /// The rows that are wrong, in the order of the files and by line.
    pub faults: Vec<Fault>,
}

/// A row that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Name of the file.
    pub file: &'static str,
    /// Line on which the row starts; the header is line 1.
    pub line: usize,
    /// The column at fault.
    pub column: &'static str,
    /// The stable reason.
    pub reason: &'static str,
}

/// Every how many rows a row is wrong, in the files that have wrong rows.
const FAULT_EVERY: usize = 97;

/// A file in the making.
struct Sheet {
    file: &'static str,
    delimiter: char,
    text: String,
    line: usize,
    rows: usize,
}

impl Cohort {
    /// Makes the files of a faculty; the same seed and size make the same files. With `faulty`, some rows are wrong.
    pub fn make(seed: u64, size: Size, faulty: bool) -> Self {
        let mut maker = Maker { dice: Dice::new(seed), size, faulty, faults: Vec::new() };
        let supervisors = maker.supervisors();
        let students = maker.students();
        let (topics, offered) = maker.topics(&supervisors.1);
        let preferences = maker.preferences(&students.1, &offered);
        let files = vec![
            ("supervisors.csv", supervisors.0),
            ("students.csv", students.0),
            ("topics.csv", topics),
            ("preferences.csv", preferences),
        ];
        Self { files, faults: maker.faults }
    }
}

struct Maker {
    dice: Dice,
    size: Size,
    faulty: bool,
    faults: Vec<Fault>,
}

impl Maker {
    /// Says whether the next row of a sheet is to be wrong, and notes that it is.
    fn spoils(&mut self, sheet: &Sheet, column: &'static str, reason: &'static str) -> bool {
        let spoils = self.faulty && sheet.rows % FAULT_EVERY == 7;
        if spoils {
            self.faults.push(Fault { file: sheet.file, line: sheet.line, column, reason });
        }
        spoils
    }

    fn supervisors(&mut self) -> (String, Vec<String>) {
        let header = ["supervisor_no", "family_name", "given_name", "email", "title", "supervise_max", "areas"];
        let mut sheet = Sheet::new("supervisors.csv", ';', &header);
        let mut good = Vec::new();
        for index in 1..=self.size.supervisors {
            let number = format!("P{index:05}");
            let quota = if self.spoils(&sheet, "supervise_max", "negative") {
                "-1".to_owned()
            } else {
                good.push(number.clone());
                (2 + self.dice.below(9)).to_string()
            };
            let areas = format!("{}|{}", self.dice.pick(AREAS), self.dice.pick(AREAS));
            let (family, given) = (self.dice.pick(FAMILY_NAMES), self.dice.pick(GIVEN_NAMES));
            sheet.row(&[&number, family, given, &format!("p{index}@uni.example"), "Dr.", &quota, &areas]);
        }
        (sheet.text, good)
    }

    /// Returns the file, and number and programme of each good student.
    fn students(&mut self) -> (String, Vec<(String, &'static str)>) {
        let header = ["student_no", "family_name", "given_name", "email", "programme", "classroom", "gpa"];
        let mut sheet = Sheet::new("students.csv", ',', &header);
        let mut good = Vec::new();
        for index in 1..=self.size.students {
            let number = format!("{}", 3_000_000 + index);
            let programme = self.dice.pick(PROGRAMMES);
            let gpa = if self.spoils(&sheet, "gpa", "out_of_range") {
                "7.00".to_owned()
            } else {
                good.push((number.clone(), programme));
                format!("{}.{:02}", 2 + self.dice.below(2), self.dice.below(100))
            };
            let (family, given) = (self.dice.pick(FAMILY_NAMES), self.dice.pick(GIVEN_NAMES));
            let classroom = format!("{programme}-{}", 1 + self.dice.below(4));
            sheet.row(&[&number, family, given, &format!("t{index}@uni.example"), programme, &classroom, &gpa]);
        }
        (sheet.text, good)
    }

    /// Returns the file, and the numbers of the good topics.
    fn topics(&mut self, supervisors: &[String]) -> (String, Vec<String>) {
        let header = ["topic_no", "title_en", "title_local", "supervisor_no", "programmes", "capacity", "area"];
        let mut sheet = Sheet::new("topics.csv", ',', &header);
        let mut good = Vec::new();
        for index in 1..=self.size.topics {
            let number = format!("Q{index:05}");
            let capacity = if self.spoils(&sheet, "capacity", "not_a_number") {
                "many".to_owned()
            } else {
                good.push(number.clone());
                (1 + self.dice.below(3)).to_string()
            };
            let area = self.dice.pick(AREAS);
            let title = format!("{} {} with {area}", self.dice.pick(VERBS), self.dice.pick(OBJECTS));
            let local = format!("{} {index}", self.dice.pick(LOCAL_TITLES));
            let supervisor = self.dice.pick_owned(supervisors);
            sheet.row(&[&number, &title, &local, &supervisor, &PROGRAMMES.join("|"), &capacity, area]);
        }
        (sheet.text, good)
    }

    fn preferences(&mut self, students: &[(String, &str)], topics: &[String]) -> String {
        let mut sheet = Sheet::new("preferences.csv", ',', &["student_no", "rank", "topic_no"]);
        for (student, _) in students {
            let first = self.dice.below(topics.len());
            for rank in 1..=5.min(topics.len()) {
                let topic = if self.spoils(&sheet, "topic_no", "unknown_topic") {
                    "Q99999x".to_owned()
                } else {
                    topics.iter().cycle().nth(first + rank).cloned().unwrap_or_default()
                };
                sheet.row(&[student, &rank.to_string(), &topic]);
            }
        }
        sheet.text
    }
}

impl Sheet {
    fn new(file: &'static str, delimiter: char, header: &[&str]) -> Self {
        let mut sheet = Self { file, delimiter, text: String::new(), line: 1, rows: 0 };
        sheet.row(header);
        sheet.rows = 0;
        sheet
    }

    fn row(&mut self, cells: &[&str]) {
        for (position, cell) in cells.iter().enumerate() {
            if position > 0 {
                self.text.push(self.delimiter);
            }
            if cell.contains(['"', '\n', ',', ';']) {
                // Writing to a String cannot fail.
                let _ = write!(self.text, "\"{}\"", cell.replace('"', "\"\""));
            } else {
                self.text.push_str(cell);
            }
            self.line += cell.matches('\n').count();
        }
        self.text.push_str("\r\n");
        self.line += 1;
        self.rows += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { students: 120, supervisors: 12, topics: 30 };

    #[test]
    fn the_same_seed_makes_the_same_files() {
        let (one, two) = (Cohort::make(5, SIZE, true), Cohort::make(5, SIZE, true));
        assert_eq!((&one.files, &one.faults), (&two.files, &two.faults));
        assert_ne!(one.files, Cohort::make(6, SIZE, true).files);
    }

    #[test]
    fn a_fault_names_the_line_it_stands_on() {
        let cohort = Cohort::make(5, SIZE, true);
        let (_, supervisors) = &cohort.files[0];
        let fault = cohort.faults.iter().find(|fault| fault.file == "supervisors.csv").unwrap();
        assert!(supervisors.lines().nth(fault.line - 1).unwrap().contains(";-1;"));
        assert!(Cohort::make(5, SIZE, false).faults.is_empty());
    }
}
