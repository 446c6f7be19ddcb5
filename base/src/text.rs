//! Text from outside, made safe to keep: trimmed, without control characters, of bounded length.

/// Why a text was refused. The names are the stable reasons of field errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Nothing but spaces.
    Blank,
    /// More characters than allowed.
    TooLong,
    /// A control character other than line break and tab.
    ControlCharacter,
}

impl Refused {
    /// Returns the stable reason.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::TooLong => "too_long",
            Self::ControlCharacter => "control_character",
        }
    }
}

/// Returns `text` trimmed, if it has 1 to `chars_max` characters and no control character.
pub fn line(text: &str, chars_max: usize) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refused::Blank);
    }
    bounded(text, chars_max, |_| false)
}

/// Returns `text` trimmed, if it has 0 to `chars_max` characters; line breaks and tabs are kept.
pub fn prose(text: &str, chars_max: usize) -> Result<String, Refused> {
    bounded(text.trim(), chars_max, |c| matches!(c, '\n' | '\r' | '\t'))
}

fn bounded(text: &str, chars_max: usize, allowed: impl Fn(char) -> bool) -> Result<String, Refused> {
    if text.chars().any(|c| c.is_control() && !allowed(c)) {
        return Err(Refused::ControlCharacter);
    }
    if text.chars().count() > chars_max {
        return Err(Refused::TooLong);
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_bounded() {
        assert_eq!(line("  ວົງສະຫວັນ ", 20), Ok("ວົງສະຫວັນ".to_owned()));
        assert_eq!(line("   ", 20), Err(Refused::Blank));
        assert_eq!(line("abc", 2), Err(Refused::TooLong));
        assert_eq!(line("a\nb", 9), Err(Refused::ControlCharacter));
        assert_eq!(prose("a\nb", 9), Ok("a\nb".to_owned()));
    }
}
