//! People: what the university calls them, and whether they may sign in.

use std::str::FromStr;

use base::{FieldError, PersonId, Timestamp, text};
use contracts::events::people::{PersonChanged, PersonStatus};

use crate::model::email;

/// Most characters of a name.
pub const NAME_CHARS_MAX: usize = 120;
/// Most characters of a number.
pub const NUMBER_CHARS_MAX: usize = 40;
/// Most numbers that one person has.
pub const NUMBERS_MAX: usize = 8;
/// The languages that the product speaks.
pub const LANGUAGES: [&str; 2] = ["en", "lo"];

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub version: i64,
    pub name: Name,
    pub email: Option<String>,
    pub language: String,
    pub status: Status,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
}

/// A name in any script. Family and given name serve lists; the full one is what the person is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub full: String,
    pub family: String,
    pub given: String,
}

/// Whether a person may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Has an account, but has not yet chosen a password.
    Invited,
    Active,
    /// May not sign in; everything else stays.
    Disabled,
}

/// What is known of a person, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub name: Name,
    pub email: Option<String>,
    pub language: String,
    pub numbers: Vec<String>,
}

/// What is known of a person, as somebody typed it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileInput {
    pub name: String,
    pub family_name: String,
    pub given_name: String,
    pub email: String,
    pub language: String,
    pub numbers: Vec<String>,
}

impl ProfileInput {
    /// Returns the profile, or every field that is wrong.
    pub fn check(&self) -> Result<Profile, Vec<FieldError>> {
        let mut errors = Vec::new();
        let name = Name::parse(&self.name, &self.family_name, &self.given_name, &mut errors);
        let email = optional_email(&self.email, &mut errors);
        let language = known_language(&self.language, &mut errors);
        let numbers = numbers(&self.numbers, &mut errors);
        if errors.is_empty() { Ok(Profile { name, email, language, numbers }) } else { Err(errors) }
    }
}

impl Name {
    fn parse(full: &str, family: &str, given: &str, errors: &mut Vec<FieldError>) -> Self {
        let mut part = |field: &str, value: &str| {
            text::prose(value, NAME_CHARS_MAX).ok().filter(|value| !value.contains(['\n', '\r', '\t'])).unwrap_or_else(
                || {
                    let reason =
                        text::line(value, NAME_CHARS_MAX).err().map_or("control_character", text::Refused::reason);
                    errors.push(FieldError::new(field, reason));
                    String::new()
                },
            )
        };
        let (full, family, given) = (part("name", full), part("family_name", family), part("given_name", given));
        let full = if full.is_empty() { format!("{given} {family}").trim().to_owned() } else { full };
        if full.is_empty() && errors.is_empty() {
            errors.push(FieldError::new("family_name", "blank"));
        }
        Self { full, family, given }
    }

    /// Returns what lists are sorted by: the family name first, in lower case.
    pub fn sort_key(&self) -> String {
        let key = if self.family.is_empty() { self.full.clone() } else { format!("{} {}", self.family, self.given) };
        key.trim().to_lowercase()
    }
}

impl Profile {
    /// Returns what the filter looks in.
    pub fn search_text(&self) -> String {
        let Name { full, family, given } = &self.name;
        let email = self.email.as_deref().unwrap_or_default();
        format!("{full} {family} {given} {email} {}", self.numbers.join(" ")).to_lowercase()
    }
}

impl Person {
    /// Returns the person's card for other services.
    pub fn card(&self, numbers: Vec<String>) -> PersonChanged {
        PersonChanged {
            person: self.id,
            version: self.version,
            name: self.name.full.clone(),
            family_name: self.name.family.clone(),
            given_name: self.name.given.clone(),
            email: self.email.clone(),
            language: self.language.clone(),
            status: match self.status {
                Status::Invited => PersonStatus::Invited,
                Status::Active => PersonStatus::Active,
                Status::Disabled => PersonStatus::Disabled,
            },
            numbers,
            changed_at: self.changed_at,
        }
    }
}

impl Status {
    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// The text is not the name of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a status")]
pub struct UnknownStatus;

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Invited, Self::Active, Self::Disabled]
            .into_iter()
            .find(|status| status.name() == name)
            .ok_or(UnknownStatus)
    }
}

fn optional_email(typed: &str, errors: &mut Vec<FieldError>) -> Option<String> {
    if typed.trim().is_empty() {
        return None;
    }
    let email = email::normalise(typed);
    if email.is_none() {
        errors.push(FieldError::new("email", "email"));
    }
    email
}

fn known_language(typed: &str, errors: &mut Vec<FieldError>) -> String {
    if !LANGUAGES.contains(&typed) {
        errors.push(FieldError::new("language", "choice"));
    }
    typed.to_owned()
}

fn numbers(typed: &[String], errors: &mut Vec<FieldError>) -> Vec<String> {
    let mut numbers: Vec<String> = Vec::new();
    for number in typed.iter().filter(|number| !number.trim().is_empty()) {
        match text::line(number, NUMBER_CHARS_MAX) {
            Ok(number) if !numbers.contains(&number) => numbers.push(number),
            Ok(_) => {}
            Err(refused) => errors.push(FieldError::new("numbers", refused.reason())),
        }
    }
    if numbers.len() > NUMBERS_MAX {
        errors.push(FieldError::new("numbers", "too_long"));
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input() -> ProfileInput {
        ProfileInput {
            family_name: "ວົງສະຫວັນ".to_owned(),
            given_name: "ليلى".to_owned(),
            email: "ST0001@Uni.Example".to_owned(),
            language: "lo".to_owned(),
            numbers: vec![" 2200003 ".to_owned(), String::new(), "2200003".to_owned()],
            ..ProfileInput::default()
        }
    }

    fn refused(change: impl FnOnce(&mut ProfileInput)) -> Vec<FieldError> {
        let mut input = input();
        change(&mut input);
        input.check().unwrap_err()
    }

    #[test]
    fn a_profile_is_tidied() {
        let profile = input().check().unwrap();
        assert_eq!(profile.name.full, "ليلى ວົງສະຫວັນ");
        assert_eq!(profile.email.as_deref(), Some("st0001@uni.example"));
        assert_eq!(profile.numbers, ["2200003"]);
        assert!(profile.search_text().contains("2200003") && profile.search_text().contains("ວົງສະຫວັນ"));
    }

    #[test]
    fn a_person_may_have_one_name_and_no_address() {
        let only = ProfileInput { name: "Sukarno".to_owned(), language: "en".to_owned(), ..ProfileInput::default() };
        let profile = only.check().unwrap();
        assert_eq!((profile.name.full.as_str(), profile.name.sort_key().as_str()), ("Sukarno", "sukarno"));
        assert_eq!(profile.email, None);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let errors = refused(|input| {
            input.email = "nobody".to_owned();
            input.language = "tlh".to_owned();
            input.given_name = "a\u{7}".to_owned();
            input.numbers = vec!["9".repeat(41)];
        });
        let fields: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.reason.as_str())).collect();
        let expected =
            [("given_name", "control_character"), ("email", "email"), ("language", "choice"), ("numbers", "too_long")];
        assert_eq!(fields, expected);
    }

    #[test]
    fn a_person_without_a_name_is_refused() {
        let errors = refused(|input| (input.family_name, input.given_name) = (" ".to_owned(), String::new()));
        assert_eq!(errors, [FieldError::new("family_name", "blank")]);
    }

    #[test]
    fn names_of_states_are_stable() {
        for name in ["invited", "active", "disabled"] {
            assert_eq!(name.parse::<Status>().map(Status::name), Ok(name));
        }
        assert_eq!("gone".parse::<Status>(), Err(UnknownStatus));
    }
}
