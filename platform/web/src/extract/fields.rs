//! A form as it was filled in: what was typed, what is wrong with it, and the files that came with it.

use std::sync::Arc;

use base::{ErrorKind, FieldError};
use bytes::Bytes;
use parking_lot::Mutex;

use super::pairs::Pairs;
use crate::{Failure, Result};

/// Name of the hidden field that carries the form's idempotency key.
pub(super) const ONCE: &str = "once";

/// A file sent with a form.
#[derive(Debug, Clone)]
pub struct FormFile {
    /// The form field's name.
    pub field: String,
    /// The file's name as the browser gave it; never a path of ours.
    pub name: String,
    /// The content type that the browser guessed.
    pub content_type: Option<String>,
    /// The content.
    pub bytes: Bytes,
}

/// What was typed into a form, and what is wrong with it: what a page needs to show the form again.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    typed: Pairs,
    errors: Vec<FieldError>,
    /// A refusal of the form as a whole.
    failure: Option<Arc<Failure>>,
    /// What the fields are called, in the page's order; each says so when it is rendered.
    names: Arc<Mutex<Vec<(String, String)>>>,
}

/// What is wrong with one field, and what the page calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedError<'a> {
    /// Name of the field.
    pub field: &'a str,
    /// Its label, when the page shows such a field.
    pub label: Option<String>,
    /// A stable word for what is wrong.
    pub reason: &'a str,
}

impl Fields {
    pub(super) fn typed(typed: Pairs) -> Self {
        Self { typed, ..Self::default() }
    }

    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.typed
    }

    /// Returns the fields with `value` in the field `name`, for a form that starts filled in.
    #[must_use]
    pub fn with<V: ToString + ?Sized>(mut self, name: &str, value: &V) -> Self {
        self.typed.push((name.to_owned(), value.to_string()));
        self
    }

    /// Returns the fields with this error added.
    #[must_use]
    pub fn wrong(mut self, field: &str, reason: &str) -> Self {
        self.errors.push(FieldError::new(field, reason));
        self
    }

    /// Returns the first value of the field `name`.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.typed.iter().find(|(typed, _)| typed == name).map(|(_, value)| value.as_str())
    }

    /// Returns what to show in the field `name`.
    pub fn value(&self, name: &str) -> &str {
        self.first(name).unwrap_or_default()
    }

    /// Returns true when `value` is among the values of the field `name`: a chosen option, a ticked box.
    pub fn has(&self, name: &str, value: impl AsRef<str>) -> bool {
        self.typed.iter().any(|(typed, chosen)| typed == name && chosen == value.as_ref())
    }

    /// Returns true when nothing has been typed yet, so that defaults apply.
    pub fn untouched(&self) -> bool {
        self.typed.is_empty()
    }

    /// Returns what is wrong with the field `name`.
    pub fn error(&self, name: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == name).map(|error| error.reason.as_str())
    }

    /// Returns everything that is wrong, in the order it was found.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Keeps what the page calls the field `name`.
    pub fn is_called(&self, name: &str, label: &str) {
        if self.is_refused() {
            self.names.lock().push((name.to_owned(), label.to_owned()));
        }
    }

    /// Returns everything that is wrong, in the order of the fields rendered so far, each with what it is called.
    pub fn named_errors(&self) -> Vec<NamedError<'_>> {
        let names = self.names.lock();
        let place = |field: &str| names.iter().position(|(name, _)| name == field);
        let mut found: Vec<_> = self.errors.iter().map(|error| (place(&error.field), error)).collect();
        found.sort_by_key(|(place, _)| place.unwrap_or(usize::MAX));
        let label = |place: Option<usize>| names.get(place?).map(|(_, label)| label.clone());
        let told = found.into_iter().map(|(place, error)| NamedError {
            field: &error.field,
            label: label(place),
            reason: &error.reason,
        });
        told.collect()
    }

    /// Returns the code of a refusal of the form as a whole.
    pub fn failure_code(&self) -> Option<&'static str> {
        self.failure().map(|failure| failure.fault().code().id)
    }

    /// Returns the refusal of the form as a whole.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.failure.as_deref()
    }

    /// Returns true when the form was refused.
    pub fn is_refused(&self) -> bool {
        self.failure.is_some() || !self.errors.is_empty()
    }

    /// Returns the status with which to show the form: 200, or that of its refusal.
    pub fn status(&self) -> http::StatusCode {
        let refused = if self.errors.is_empty() { 200 } else { 422 };
        let status = self.failure().map_or(refused, Failure::status);
        http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// Takes the failure up into the form when the person can mend it there, and passes any other on.
    pub fn refused(mut self, failure: Failure) -> Result<Self> {
        let mendable = matches!(
            failure.kind(),
            ErrorKind::Invalid
                | ErrorKind::TooLarge
                | ErrorKind::Conflict
                | ErrorKind::TooMany
                | ErrorKind::Unauthenticated
        );
        if !mendable {
            return Err(failure);
        }
        self.errors.extend(failure.fault().fields());
        self.failure = Some(Arc::new(failure));
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refusal;

    #[test]
    fn a_mendable_failure_marks_its_fields_and_keeps_what_was_typed() {
        let fields = Fields::default().with("title", "Rice");
        let fields = fields.refused(Failure::fields(vec![FieldError::new("weeks", "number")])).unwrap();
        assert_eq!((fields.value("title"), fields.error("weeks")), ("Rice", Some("number")));
        assert_eq!(fields.status(), 422);
        assert_eq!(fields.failure_code(), Some("WEB-006"));
    }

    #[test]
    fn errors_are_told_in_the_pages_order_with_the_names_of_their_fields() {
        let fields =
            Fields::default().wrong("weeks", "number").wrong("elsewhere", "unknown").wrong("title", "required");
        for (name, label) in [("title", "Title"), ("text", "Text"), ("weeks", "Weeks")] {
            fields.is_called(name, label);
        }
        let told: Vec<_> = fields.named_errors().into_iter().map(|error| (error.field, error.label)).collect();
        let label = |text: &str| Some(text.to_owned());
        assert_eq!(told, [("title", label("Title")), ("weeks", label("Weeks")), ("elsewhere", None)]);
    }

    #[test]
    fn other_failures_are_passed_on() {
        assert!(Fields::default().refused(Refusal::NothingHere.into()).is_err());
        assert!(Fields::default().refused(Refusal::Internal(String::new()).into()).is_err());
    }
}
