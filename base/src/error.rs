//! Kinds of failure, and the stable codes by which users and programs know them.

use std::fmt;

/// What sort of failure this is; decides the HTTP status and whether a retry can help. Ten or fewer, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No such thing, or nothing that this caller may know of.
    NotFound,
    /// The caller may know of it but not do this.
    Forbidden,
    /// No credentials, or bad ones.
    Unauthenticated,
    /// The input is wrong; the same request will fail again.
    Invalid,
    /// The input is larger than is taken.
    TooLarge,
    /// The state does not allow it now.
    Conflict,
    /// A limit was reached.
    TooMany,
    /// The time allowed ran out.
    Timeout,
    /// A part needed is away; a retry may help.
    Unavailable,
    /// Our fault.
    Internal,
}

impl ErrorKind {
    /// Returns the HTTP status code (RFC 9110) of this kind.
    pub const fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Forbidden => 403,
            Self::Unauthenticated => 401,
            Self::Invalid => 422,
            Self::TooLarge => 413,
            Self::Conflict => 409,
            Self::TooMany => 429,
            Self::Timeout => 504,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}

/// A public error: its stable id, its kind, and its page. Made by [`error_codes!`](crate::error_codes).
#[derive(Clone, Copy)]
pub struct Code {
    /// Stable id such as `PRJ-003`; never reused.
    pub id: &'static str,
    /// What sort of failure it is.
    pub kind: ErrorKind,
    /// HTTP status code: its kind's, unless only HTTP knows a finer one.
    pub status: u16,
    /// The page in `docs/errors/`, in Markdown: title, what happened, what can be done; then, below a heading, the same for
    /// those who write programs, where there is more to say to them.
    pub page: &'static str,
    /// The same page in the other languages of the product, by tag.
    pub translations: &'static [(&'static str, &'static str)],
}

impl Code {
    /// Returns the title in English.
    pub fn title(&self) -> &'static str {
        title(self.page)
    }

    /// Returns the title in a language: the first line of the page after `# PRJ-003:`.
    pub fn title_in(&self, language: &str) -> &'static str {
        title(self.page_in(language))
    }

    /// Returns what the page in a language says to people, line by line; the last says what can be done.
    pub fn explanation_in(&self, language: &str) -> &'static str {
        parts(self.page_in(language)).0
    }

    /// Returns what can be done about it, as the page in a language says to people.
    pub fn remedy_in(&self, language: &str) -> &'static str {
        self.explanation_in(language).lines().next_back().unwrap_or_default()
    }

    /// Returns what the page in a language says besides to those who write programs: its heading and its lines, of which again
    /// the last says what can be done.
    pub fn for_programs_in(&self, language: &str) -> Option<(&'static str, &'static str)> {
        let (heading, lines) = parts(self.page_in(language)).1?.split_once('\n')?;
        Some((heading.trim(), lines.trim()))
    }

    fn page_in(&self, language: &str) -> &'static str {
        let translation = self.translations.iter().find(|(tag, _)| *tag == language);
        translation.map_or(self.page, |(_, page)| *page)
    }
}

/// Returns a page without its title: what is for people, and what comes after its second heading.
fn parts(page: &str) -> (&str, Option<&str>) {
    let rest = page.split_once('\n').map_or("", |(_, rest)| rest);
    match rest.split_once("\n## ") {
        Some((people, programs)) => (people.trim(), Some(programs)),
        None => (rest.trim(), None),
    }
}

fn title(page: &'static str) -> &'static str {
    let line = page.lines().next().unwrap_or_default();
    line.split_once(": ").map_or(line, |(_, title)| title).trim()
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Code {}

/// An error that a user may see.
pub trait Fault: std::error::Error + Send + Sync + 'static {
    /// Returns the stable code.
    fn code(&self) -> &'static Code;

    /// Returns what the user can do about it, when there is something better to say than the page does.
    fn hint(&self) -> Option<String> {
        None
    }

    /// Returns those members that are stable words, each with the keys of the texts that say its values, in the same order.
    fn words(&self) -> Vec<(&'static str, Vec<String>)> {
        Vec::new()
    }

    /// Returns the fields at fault, for input errors: name of the field and what is wrong with it.
    fn fields(&self) -> Vec<FieldError> {
        Vec::new()
    }

    /// Returns further members of the problem details (RFC 9457, 3.2): name and value.
    fn members(&self) -> Vec<(&'static str, Vec<String>)> {
        Vec::new()
    }
}

/// One wrong field of an input.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// The field's name as the form or the JSON body has it.
    pub field: String,
    /// Stable reason, for example `blank`; translated by the catalogue entry `field-blank`.
    pub reason: String,
}

impl FieldError {
    /// Returns the error of `field` with the stable `reason`.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

/// Declares a crate's public error codes and lists them as `CODES`. The page of each is mandatory, in every language of
/// [`LANGUAGES`](crate::language::LANGUAGES): no page, no build.
///
/// ```text
/// error_codes! {
///     /// The state table has no such step.
///     ILLEGAL_TRANSITION = "PRJ-003", Conflict;
///     /// The version in If-Match is not the current one.
///     STALE = "PRJ-004", Conflict as 412;
/// }
/// ```
#[macro_export]
macro_rules! error_codes {
    (@status $kind:ident) => {
        $crate::ErrorKind::$kind.status()
    };
    (@status $kind:ident $status:literal) => {
        $status
    };
    ($($(#[$meta:meta])* $name:ident = $id:literal, $kind:ident $(as $status:literal)?;)*) => {
        $(
            $(#[$meta])*
            pub static $name: $crate::Code = $crate::Code {
                id: $id,
                kind: $crate::ErrorKind::$kind,
                status: $crate::error_codes!(@status $kind $($status)?),
                page: include_str!(concat!(env!("CARGO_WORKSPACE_DIR"), "docs/errors/", $id, ".md")),
                translations: &[(
                    "lo",
                    include_str!(concat!(env!("CARGO_WORKSPACE_DIR"), "docs/errors/lo/", $id, ".md")),
                )],
            };
        )*
        /// Every public error code of this crate.
        pub static CODES: &[&$crate::Code] = &[$(&$name),*];
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_part_for_people_and_may_have_one_for_programs() {
        let page =
            "# ABC-001: It went wrong\n\nIt broke.\nMend it.\n\n## For programs\n\nThe body broke.\nSend it again.\n";
        assert_eq!(title(page), "It went wrong");
        let programs = "For programs\n\nThe body broke.\nSend it again.\n";
        assert_eq!(parts(page), ("It broke.\nMend it.", Some(programs)));
        assert_eq!(parts("# ABC-001: It went wrong\nMend it.\n"), ("Mend it.", None));
        assert_eq!(parts("# ABC-001: It went wrong"), ("", None));
    }
}
