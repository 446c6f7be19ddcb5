//! API tokens: what a program may do in a person's name, and until when.

use std::time::Duration;

use access::scope;
use base::{FieldError, PersonId, Timestamp, text};
use contracts::ids::ApiTokenId;

/// Most characters of a token's name.
pub const NAME_CHARS_MAX: usize = 80;
/// Most scopes of one token.
pub const SCOPES_MAX: usize = 16;
/// Most tokens that one person has.
pub const TOKENS_MAX: i64 = 50;
/// Longest life of a token, in days.
pub const DAYS_MAX: u16 = 366;

const DAY: Duration = Duration::from_hours(24);

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub person: PersonId,
    pub name: String,
    pub scopes: Vec<String>,
    pub created_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub expires_at: Timestamp,
}

/// A token to be made, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiToken {
    pub name: String,
    pub scopes: Vec<String>,
    pub life: Duration,
}

impl NewApiToken {
    /// Returns the token to be made, or every field that is wrong.
    pub fn check(name: &str, scopes: &[String], days: u16) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let name = text::line(name, NAME_CHARS_MAX).unwrap_or_else(|refused| {
            errors.push(FieldError::new("name", refused.reason()));
            String::new()
        });
        let mut kept: Vec<String> = scopes.iter().map(|scope| scope.trim().to_owned()).collect();
        kept.retain(|scope| !scope.is_empty());
        kept.sort_unstable();
        kept.dedup();
        if kept.is_empty() {
            errors.push(FieldError::new("scopes", "required"));
        } else if kept.len() > SCOPES_MAX {
            errors.push(FieldError::new("scopes", "too_long"));
        } else if !kept.iter().all(|scope| scope::is_valid(scope)) {
            errors.push(FieldError::new("scopes", "choice"));
        }
        if !(1..=DAYS_MAX).contains(&days) {
            errors.push(FieldError::new("days", "range"));
        }
        if errors.is_empty() { Ok(Self { name, scopes: kept, life: DAY * u32::from(days) }) } else { Err(errors) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scopes: &[&str], days: u16) -> Result<NewApiToken, Vec<FieldError>> {
        let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
        NewApiToken::check(" nightly export ", &scopes, days)
    }

    #[test]
    fn a_token_is_tidied() {
        let token = check(&["projects.read", " files.* ", "projects.read"], 30).unwrap();
        assert_eq!((token.name.as_str(), token.scopes.len()), ("nightly export", 2));
        assert_eq!(token.life, DAY * 30);
    }

    #[test]
    fn a_token_without_scope_with_a_wrong_one_or_without_end_is_refused() {
        for (scopes, days) in [(&[][..], 1), (&["everything"], 1), (&["*"], 0), (&["*"], 367)] {
            assert_eq!(check(scopes, days).unwrap_err().len(), 1, "{scopes:?} {days}");
        }
    }
}
