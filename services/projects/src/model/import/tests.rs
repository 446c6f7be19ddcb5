//! The import as a whole: a faculty's files in, records and refusals out.

use std::io::{Cursor, Write};

use jiff::tz::TimeZone;
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{check::KnownPerson, *};

macro_rules! cohort_files {
    ($($name:literal),*) => {
        [$(($name, include_bytes!(concat!(env!("CARGO_WORKSPACE_DIR"), "testing/cohort/small/", $name)).as_slice())),*]
    };
}

const COHORT: [(&str, &[u8]); 7] = cohort_files![
    "availability.csv",
    "preferences.csv",
    "rankings.csv",
    "rooms.csv",
    "students.csv",
    "supervisors.csv",
    "topics.csv"
];
const EXPECTED: &str = include_str!(concat!(env!("CARGO_WORKSPACE_DIR"), "testing/cohort/small/expected_errors.json"));

fn nothing_known() -> Known {
    Known {
        programmes: std::collections::HashSet::default(),
        people: Vec::new(),
        supervisors: std::collections::HashSet::default(),
        students: std::collections::HashSet::default(),
        topics: std::collections::HashSet::default(),
        zone: TimeZone::UTC,
    }
}

fn mapped(files: &[(&str, &[u8])]) -> Vec<(Table, Mapping)> {
    let tables = files.iter().flat_map(|(name, bytes)| read(name, bytes).unwrap());
    tables.map(|table| (table.clone(), Mapping::automatic(&table).unwrap())).collect()
}

/// The refusals of these files, as `line column reason`.
fn refusals(files: &[(&str, &str)], known: &Known) -> Vec<String> {
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let checked = check(&mapped(&files), known).unwrap();
    checked.refusals.iter().map(|refusal| format!("{} {} {}", refusal.line, refusal.column, refusal.reason)).collect()
}

#[test]
fn a_faculty_loses_exactly_its_bad_rows() {
    let checked = check(&mapped(&COHORT), &nothing_known()).unwrap();
    let expected: serde_json::Value = serde_json::from_str(EXPECTED).unwrap();
    assert_eq!(serde_json::to_value(&checked.refusals).unwrap(), expected);
    assert_eq!(checked.total().refused, 15);
    assert_eq!(checked.total().read as usize, checked.cohort.len() + 15);
    assert!(checked.cohort.students.iter().any(|student| student.person.family_name.starts_with("=HYPERLINK")));
}

#[test]
fn one_workbook_of_many_sheets_says_the_same_as_the_files() {
    let mut book = Workbook::new();
    for (table, mapping) in mapped(&COHORT) {
        let sheet = book.add_worksheet().set_name(mapping.kind.as_str()).unwrap();
        let rows = std::iter::once(&table.header).chain(table.rows.iter().map(|row| &row.cells));
        for (line, cells) in (0_u32..).zip(rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                match cell.parse::<f64>() {
                    Ok(number) => sheet.write_number(line, column, number).unwrap(),
                    Err(_) => sheet.write_string(line, column, cell).unwrap(),
                };
            }
        }
    }
    let bytes = book.save_to_buffer().unwrap();
    let from_book = check(&mapped(&[("cohort.xlsx", &bytes)]), &nothing_known()).unwrap();
    let from_files = check(&mapped(&COHORT), &nothing_known()).unwrap();
    assert_eq!(from_book.cohort, from_files.cohort);
    let renamed = from_files.refusals.into_iter().map(|refusal| {
        let file = format!("cohort.xlsx/{}", refusal.file.trim_end_matches(".csv"));
        Refusal { file: file.into(), ..refusal }
    });
    assert_eq!(from_book.refusals, renamed.collect::<Vec<_>>());
}

#[test]
fn a_reference_to_a_refused_row_says_so() {
    let files = [
        ("topics.csv", "topic_no,title_en,supervisor_no,programmes,capacity\nT1,A,S1,CS,1\nT2,B,S9,CS,1"),
        ("supervisors.csv", "supervisor_no,family_name,given_name,email,supervise_max\nS1,A,B,a@b.c,-1"),
    ];
    assert_eq!(
        refusals(&files, &nothing_known()),
        ["2 supervise_max negative", "2 supervisor_no refers_to_refused", "3 supervisor_no unknown_supervisor"]
    );
}

#[test]
fn every_fault_of_a_row_is_named_but_only_one_repetition() {
    let header = "student_no,family_name,given_name,email,programme\n";
    let rows = "1,A,,a@b.c,CS\n1,A,,A@B.C,CS\n,\"x\ny\",,b,XX\n2,B,,b@b.c,CS,extra";
    let known = Known { programmes: ["CS".to_owned()].into(), ..nothing_known() };
    assert_eq!(
        refusals(&[("students.csv", &format!("{header}{rows}"))], &known),
        [
            "3 student_no duplicate",
            "4 student_no blank",
            "4 family_name control_character",
            "4 email invalid_email",
            "4 programme unknown_programme",
            "6 #6 too_many_cells",
        ]
    );
}

#[test]
fn a_refused_row_takes_no_key_from_a_good_one() {
    let known =
        Known { students: ["1".to_owned()].into(), topics: ["A".to_owned(), "B".to_owned()].into(), ..nothing_known() };
    let text = "student_no,rank,topic_no\n1,1,A\n1,2,A\n1,2,B\n1,1,B";
    assert_eq!(refusals(&[("preferences.csv", text)], &known), ["3 topic_no duplicate", "5 rank duplicate"]);
}

#[test]
fn the_guide_names_every_column_and_every_reason() {
    let guide = include_str!(concat!(env!("CARGO_WORKSPACE_DIR"), "docs/guides/import.md"));
    let columns = columns::KINDS.iter().flat_map(|kind| kind.columns()).map(|column| column.name);
    let kinds = columns::KINDS.iter().map(|kind| kind.as_str());
    for name in columns.chain(kinds).chain(Reason::ALL.iter().map(|reason| reason.as_str())) {
        assert!(guide.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn students_without_any_programme_known_stop_the_import() {
    let files = [("students.csv", b"student_no,family_name,given_name,email,programme\n1,A,B,a@b.c,CS".as_slice())];
    let problem = Problem::NoProgrammes { file: "students.csv".to_owned() };
    assert_eq!(check(&mapped(&files), &nothing_known()), Err(vec![problem]));
}

#[test]
fn people_are_known_by_number_and_then_by_address() {
    let person = |id, number: &str, email: &str| KnownPerson {
        id: base::PersonId::from_u128(id),
        number: Some(number.to_owned()),
        email: email.to_owned(),
    };
    let known = Known {
        programmes: ["CS".to_owned()].into(),
        people: vec![person(1, "1", "a@b.c"), person(2, "2", "b@b.c"), person(3, "3", "c@b.c")],
        ..nothing_known()
    };
    let header = "student_no,family_name,given_name,email,programme\n";
    let rows = "1,A,,new@b.c,CS\n9,B,,B@b.c,CS\n3,C,,a@b.c,CS\n8,D,,c@b.c,CS\n7,E,,e@b.c,CS";
    let text = format!("{header}{rows}");
    let checked = check(&mapped(&[("students.csv", text.as_bytes())]), &known).unwrap();
    let known: Vec<_> = checked.cohort.students.iter().map(|student| student.person.known).collect();
    assert_eq!(known, [Some(base::PersonId::from_u128(1)), Some(base::PersonId::from_u128(2)), None]);
    let reasons: Vec<_> = checked.refusals.iter().map(|refusal| (refusal.line, refusal.reason)).collect();
    assert_eq!(reasons, [(4, Reason::EmailTaken), (5, Reason::EmailTaken)]);
}

fn workbook(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn small_workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "room").unwrap();
    sheet.write_string(0, 1, "seats").unwrap();
    sheet.write_string(1, 0, "R1").unwrap();
    sheet.write_number(1, 1, 30.0).unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn workbooks_that_cannot_be_read_are_refused_clearly() {
    let what = |bytes: &[u8]| match read("x.xlsx", bytes) {
        Err(Problem::BrokenWorkbook { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    let good = small_workbook();
    assert_eq!(what(&good[..good.len() / 2]), "its list of parts is damaged");
    assert_eq!(what(&workbook(&[("a.txt", b"")])), "a part is missing");
    let bomb = vec![0; 300 << 20];
    assert_eq!(what(&workbook(&[("xl/worksheets/sheet1.xml", &bomb)])), "it is too large when unpacked");
    let liar = br#"<sst uniqueCount="1000000000000000000"></sst>"#;
    assert_eq!(what(&workbook(&[("xl/SharedStrings.xml", liar)])), "its count of texts is wrong");
    let noise = b"\x8f\x1c\x00\xe2\n\xff,\x07";
    assert_eq!(what(noise), "it does not begin as XLSX does");
    assert!(matches!(read("students.csv", noise), Err(Problem::NotText { .. })));
    assert!(matches!(read("x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1"), Err(Problem::OldWorkbook { .. })));
}

#[test]
fn a_cell_far_away_costs_nothing() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "room").unwrap();
    sheet.write_string(0, 1, "seats").unwrap();
    sheet.write_string(1_048_575, 16_383, "here").unwrap();
    let tables = read("rooms.xlsx", &book.save_to_buffer().unwrap()).unwrap();
    assert_eq!((tables[0].rows[0].line, tables[0].rows[0].cells.len()), (1_048_576, COLUMNS_MAX + 1));
}

#[test]
fn days_and_times_of_a_workbook_are_those_it_shows() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let format = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let at = rust_xlsxwriter::ExcelDateTime::parse_from_str("2027-06-01T09:10:00").unwrap();
    sheet.write_string(0, 0, "from").unwrap();
    sheet.write_datetime_with_format(1, 0, &at, &format).unwrap();
    let tables = read("availability.xlsx", &book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(tables[0].rows[0].cell(0), "2027-06-01T09:10:00");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_damaged_workbook_is_read_or_refused(damage in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..8)) {
        let mut bytes = small_workbook();
        for (at, byte) in damage {
            let at = usize::from(at) % bytes.len();
            bytes[at] = byte;
        }
        let _ = read("x.xlsx", &bytes);
    }

    #[test]
    fn a_damaged_sheet_is_read_or_refused(text in "[<>/\"=0-9A-Zrcvtsd ]{0,120}") {
        let xml = format!("<worksheet><sheetData>{text}</sheetData></worksheet>");
        let book = br#"<workbook xmlns:r="x"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"#;
        let relations = br#"<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml" Type="worksheet"/></Relationships>"#;
        let bytes = workbook(&[
            ("xl/workbook.xml", book.as_slice()),
            ("xl/_rels/workbook.xml.rels", relations.as_slice()),
            ("xl/worksheets/sheet1.xml", xml.as_bytes()),
        ]);
        let _ = read("x.xlsx", &bytes);
    }

    #[test]
    fn any_table_can_be_checked(rows in "[a-zA-Z0-9@.,;\"\n\r|=\u{e9}-]{0,300}", kind in 0..KINDS_COUNT) {
        let kind = columns::KINDS[kind];
        let header: Vec<_> = kind.columns().iter().map(|column| column.name).collect();
        let text = format!("{}\n{rows}", header.join(","));
        let table = read("x.csv", text.as_bytes()).unwrap().remove(0);
        let mapping = Mapping::draft(&table, kind);
        let _ = check(&[(table, mapping)], &nothing_known());
    }
}

const KINDS_COUNT: usize = columns::KINDS.len();

mod plans {
    use std::cell::Cell;

    use super::*;
    use crate::model::import::{existing::Topic, plan::Plan};

    fn plan(existing: &Existing) -> Plan {
        let next = Cell::new(existing.people.len() as u128 * 1_000_000);
        let make = || {
            next.set(next.get() + 1);
            uuid::Uuid::from_u128(next.get())
        };
        let checked = check(&mapped(&COHORT), &existing.known(TimeZone::UTC)).unwrap();
        Plan::make(&checked.cohort, existing, &make)
    }

    /// What is there after a plan was written.
    fn written(plan: Plan) -> Existing {
        Existing {
            programmes: plan.programmes.into_iter().collect(),
            people: plan.people.into_iter().collect(),
            students: plan.students.into_iter().collect(),
            supervisors: plan.supervisors.into_iter().collect(),
            topics: plan
                .topics
                .into_iter()
                .map(|topic| (topic.number, Topic { id: topic.id, text: topic.text, taken: 0 }))
                .collect(),
            preferences: plan.preferences.into_iter().collect(),
            rankings: plan.rankings.into_iter().collect(),
            rooms: plan.rooms.into_iter().collect(),
            availability: plan.availability.into_iter().collect(),
        }
    }

    #[test]
    fn the_same_files_twice_change_nothing() {
        let first = plan(&Existing::default());
        assert_eq!((first.students.len(), first.supervisors.len(), first.programmes.len()), (199, 19, 5));
        assert_eq!(first.roster.len(), 199 + 19);
        assert!(first.changes.iter().all(|(_, changes)| changes.changed == 0 && changes.unchanged == 0));
        let second = plan(&written(first));
        assert!(second.is_empty());
        assert!(second.roster.is_empty());
        assert!(second.changes.iter().all(|(_, changes)| changes.changed == 0 && changes.new == 0));
    }

    #[test]
    fn only_what_differs_is_written() {
        let mut existing = written(plan(&Existing::default()));
        let (student, _) = existing.students.iter().next().unwrap();
        let student = *student;
        existing.people.get_mut(&student).unwrap().given_name = "Changed".to_owned();
        existing.rooms.clear();
        let plan = plan(&existing);
        assert_eq!((plan.people.len(), plan.students.len(), plan.rooms.len(), plan.len()), (1, 0, 8, 9));
        assert_eq!(plan.roster[0].person, student);
    }

    #[test]
    fn a_topic_keeps_the_places_that_are_taken() {
        let mut existing = written(plan(&Existing::default()));
        let topic = existing.topics.get_mut("T001").unwrap();
        (topic.taken, topic.text.capacity) = (7, 8);
        let plan = plan(&existing);
        assert_eq!((plan.topics.len(), plan.topics[0].text.capacity), (1, 7));
    }

    #[test]
    fn whoever_is_student_and_supervisor_is_one_person() {
        let files = [
            ("supervisors.csv", b"supervisor_no,family_name,given_name,email,supervise_max\nS1,A,B,a@b.c,3".as_slice()),
            ("students.csv", b"student_no,family_name,given_name,email,programme\n9,A,B,A@b.c,CS"),
            ("programmes.csv", b"code,name_en\nCS,Computing"),
        ];
        let make = || uuid::Uuid::from_u128(5);
        let checked = check(&mapped(&files), &nothing_known()).unwrap();
        let first = Plan::make(&checked.cohort, &Existing::default(), &make);
        assert_eq!((first.people.len(), first.roster.len()), (1, 2));
        let existing = written(first);
        let checked = check(&mapped(&files), &existing.known(TimeZone::UTC)).unwrap();
        assert!(Plan::make(&checked.cohort, &existing, &make).is_empty());
    }
}
