//! E-mail addresses, of which a university has each once.

/// Most characters of an address (RFC 5321, 4.5.3.1).
pub const EMAIL_CHARS_MAX: usize = 254;
const LOCAL_CHARS_MAX: usize = 64;

/// Returns the address as it is kept: trimmed, in lower case; `None` when the text cannot be one.
///
/// Case matters to no mail system in use, and a person who types it differently is the same person.
pub fn normalise(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.split_once('@')?;
    let fits = text.chars().count() <= EMAIL_CHARS_MAX && local.chars().count() <= LOCAL_CHARS_MAX;
    let plain =
        |c: char| !(c.is_whitespace() || c.is_control() || matches!(c, '@' | ',' | ';' | '<' | '>' | '"' | '\\'));
    let labels = domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    (fits && !local.is_empty() && labels && text.chars().filter(|c| *c != '@').all(plain) && !domain.contains('@'))
        .then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_kept_in_one_spelling() {
        assert_eq!(normalise("  ST0001@Students.Uni.Example "), Some("st0001@students.uni.example".to_owned()));
        assert_eq!(normalise("ສົມ@ມະຫາວິທະຍາໄລ.ລາວ"), Some("ສົມ@ມະຫາວິທະຍາໄລ.ລາວ".to_owned()));
        assert_eq!(normalise("root@localhost"), Some("root@localhost".to_owned()));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@a.b", "x".repeat(65));
        for text in
            ["", "a", "@a.b", "a@", "a@b@c", "a b@c.d", "a@b..c", "a@.b", "a@-b", "<a@b.c>", "a@b.c,d@e.f", &long]
        {
            assert_eq!(normalise(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,12}@\\PC{1,12}") {
            if let Some(once) = normalise(&text) {
                let twice = normalise(&once);
                prop_assert_eq!(twice, Some(once));
            }
        }
    }
}
