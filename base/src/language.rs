//! The languages of the product, and which of them somebody reads.

/// The languages: tag and own name. The first has every text.
pub static LANGUAGES: &[(&str, &str)] = &[("en", "English"), ("lo", "ລາວ")];

/// The cookie in which a browser keeps the language that was chosen there.
pub const COOKIE: &str = "fpms_language";

/// Returns the language of a BCP 47 tag such as `lo-LA`, when the product speaks it.
pub fn named(tag: &str) -> Option<&'static str> {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    LANGUAGES.iter().map(|(tag, _)| *tag).find(|known| known.eq_ignore_ascii_case(primary))
}

/// Returns the language that an `Accept-Language` header likes best (RFC 9110, 12.5.4).
pub fn negotiate(wishes: &str) -> Option<&'static str> {
    let mut best: Option<(&'static str, f32)> = None;
    for wish in wishes.split(',') {
        let (tag, parameters) = wish.split_once(';').unwrap_or((wish, ""));
        let quality = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |text| text.parse().ok());
        let (Some(language), Some(quality)) = (named(tag.trim()), quality) else { continue };
        if quality > 0.0 && best.is_none_or(|(_, so_far)| quality > so_far) {
            best = Some((language, quality));
        }
    }
    best.map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_language_that_is_spoken_is_taken() {
        assert_eq!(negotiate("fr, lo-LA;q=0.8, en;q=0.5"), Some("lo"));
        assert_eq!(negotiate("en, lo"), Some("en"));
        assert_eq!(negotiate("lo;q=0, fr"), None);
        assert_eq!(negotiate("lo;q=often"), None);
        assert_eq!(negotiate(""), None);
    }
}
