//! Who is to take part in a cycle, as typed: somebody the university knows, or a name and an address, checked as an import is.

use base::{FieldError, PersonId, text};

use super::import::{
    Reason,
    cells::{self, EMAIL_CHARS_MAX},
};

/// Most characters of a name, and of a number: what an account can have.
pub const NAME_CHARS_MAX: usize = 120;
pub const NUMBER_CHARS_MAX: usize = 40;
/// Most characters of a classroom, of an academic title, of one area of work.
pub const WORD_CHARS_MAX: usize = 100;
/// Most areas of work of one supervisor.
pub const AREAS_MAX: usize = 50;
/// Most projects that a quota can allow.
pub const QUOTA_MAX: u32 = 500;
/// Highest grade point average, in hundredths.
const GPA_POINTS_MAX: u32 = 400;

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// Somebody of the university.
    Known(PersonId),
    /// Somebody new to it, who gets an account.
    New(Newcomer),
}

/// Somebody new, as typed. Many people have one name alone: it stands in either place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Newcomer {
    pub family_name: String,
    pub given_name: String,
    pub email: String,
    /// Student or staff number; empty when there is none.
    pub number: String,
}

impl Whom {
    /// Returns whom with every text as it can be kept; what is wrong is added to `faults`.
    #[must_use]
    pub fn check(self, faults: &mut Vec<FieldError>) -> Self {
        let Self::New(newcomer) = self else { return self };
        let mut keep = |field: &str, outcome: Result<String, &'static str>| {
            told(faults, outcome.map_err(|reason| FieldError::new(field, reason)))
        };
        let nameless = [&newcomer.family_name, &newcomer.given_name].iter().all(|name| name.trim().is_empty());
        let family_name = if nameless { Err("blank") } else { optional(&newcomer.family_name, NAME_CHARS_MAX) };
        Self::New(Newcomer {
            family_name: keep("family_name", family_name),
            given_name: keep("given_name", optional(&newcomer.given_name, NAME_CHARS_MAX)),
            email: keep("email", email(&newcomer.email)),
            number: keep("number", optional(&newcomer.number, NUMBER_CHARS_MAX)),
        })
    }
}

impl Newcomer {
    /// Returns the name as lists show it.
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name).trim().to_owned()
    }
}

/// Returns what was read, or nothing and the fault told: so that a form is refused once, with all that is wrong.
pub fn told<T: Default>(faults: &mut Vec<FieldError>, outcome: Result<T, FieldError>) -> T {
    outcome.unwrap_or_else(|fault| {
        faults.push(fault);
        T::default()
    })
}

/// Returns a classroom or an academic title as it can be kept.
pub fn word(field: &str, typed: &str) -> Result<String, FieldError> {
    optional(typed, WORD_CHARS_MAX).map_err(|reason| FieldError::new(field, reason))
}

/// Returns a grade point average in hundredths; none where nothing is typed.
pub fn grade_points(typed: &str) -> Result<Option<u32>, FieldError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    cells::hundredths(typed, GPA_POINTS_MAX)
        .map(Some)
        .map_err(|reason| FieldError::new("gpa", if reason == Reason::NotANumber { "decimal" } else { "range" }))
}

/// Returns a quota that is not beyond what one person can do.
pub fn quota(field: &str, quota: u32) -> Result<u32, FieldError> {
    if quota > QUOTA_MAX { Err(FieldError::new(field, "range")) } else { Ok(quota) }
}

/// Returns areas of work, each once.
pub fn areas<'a>(typed: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, FieldError> {
    let wrong = |reason| FieldError::new("areas", reason);
    let mut areas: Vec<String> = Vec::new();
    for area in typed.into_iter().filter(|area| !area.trim().is_empty()) {
        let area = line(area, WORD_CHARS_MAX).map_err(wrong)?;
        if !areas.contains(&area) {
            areas.push(area);
        }
    }
    if areas.len() > AREAS_MAX { Err(wrong("too_many_items")) } else { Ok(areas) }
}

fn line(typed: &str, chars_max: usize) -> Result<String, &'static str> {
    text::line(typed, chars_max).map_err(text::Refused::reason)
}

fn optional(typed: &str, chars_max: usize) -> Result<String, &'static str> {
    if typed.trim().is_empty() { Ok(String::new()) } else { line(typed, chars_max) }
}

fn email(typed: &str) -> Result<String, &'static str> {
    let email = line(typed, EMAIL_CHARS_MAX)?;
    if cells::is_email(&email) { Ok(email) } else { Err("email") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newcomer(email: &str, number: &str) -> Newcomer {
        let [family_name, given_name, email, number] = ["de la Cruz ", " Wei", email, number].map(ToOwned::to_owned);
        Newcomer { family_name, given_name, email, number }
    }

    #[test]
    fn a_newcomer_needs_a_name_and_an_address_and_no_number() {
        let check = |newcomer| {
            let mut faults = Vec::new();
            let checked = Whom::New(newcomer).check(&mut faults);
            (checked, faults)
        };
        let (checked, faults) = check(newcomer(" wei@uni.example", " "));
        let Whom::New(checked) = checked else { panic!("a newcomer stays one") };
        assert_eq!((checked.name().as_str(), checked.email.as_str()), ("Wei de la Cruz", "wei@uni.example"));
        assert_eq!(faults, []);
        let (_, faults) = check(Newcomer { number: "1\u{7}".to_owned(), ..Newcomer::default() });
        let told: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.reason.as_str())).collect();
        let blank = ["family_name", "email"].map(|field| (field, "blank"));
        assert_eq!(told, [blank.as_slice(), &[("number", "control_character")]].concat());
        assert_eq!(check(newcomer("wei", "")).1, [FieldError::new("email", "email")]);
    }

    #[test]
    fn one_name_is_enough_in_either_place() {
        for (family_name, given_name) in [("Sukarno", " "), ("", "Sukarno")] {
            let [family_name, given_name] = [family_name, given_name].map(ToOwned::to_owned);
            let mut faults = Vec::new();
            let checked =
                Whom::New(Newcomer { family_name, given_name, ..newcomer("s@uni.example", "") }).check(&mut faults);
            let Whom::New(checked) = checked else { panic!("a newcomer stays one") };
            assert_eq!((checked.name().as_str(), faults), ("Sukarno", Vec::new()));
        }
    }

    #[test]
    fn grades_and_areas_are_read_as_an_import_reads_them() {
        assert_eq!(grade_points(" 3,45 "), Ok(Some(345)));
        assert_eq!(grade_points(""), Ok(None));
        assert_eq!(grade_points("9").unwrap_err(), FieldError::new("gpa", "range"));
        assert_eq!(grade_points("good").unwrap_err(), FieldError::new("gpa", "decimal"));
        assert_eq!(areas("Rivers, ,Bridges,Rivers".split(',')), Ok(vec!["Rivers".to_owned(), "Bridges".to_owned()]));
    }
}
