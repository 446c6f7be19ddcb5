//! Which coding a client would like best (RFC 9110, 12.5.3), and how a coded answer's validator differs from the plain one's.

use http::{HeaderMap, HeaderValue, header};

/// What stands before a coding's name in an entity tag of ours. A coded answer is another representation and has another
/// strong tag; taking the mark off again gives the service its own tag, so that If-Match goes on working.
const MARK: &str = "--";

/// A coding, the one we like best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// RFC 8878.
    Zstd,
    /// RFC 7932.
    Brotli,
    /// RFC 1952.
    Gzip,
}

impl Coding {
    /// Every coding, the one we like best first.
    pub(crate) const ALL: [Self; 3] = [Self::Zstd, Self::Brotli, Self::Gzip];

    /// Returns its registered name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// Returns the coding that a client with this `Accept-Encoding` likes best; `None` when it would rather have none.
    pub(crate) fn wanted(accept: Option<&HeaderValue>) -> Option<Self> {
        let text = accept?.to_str().ok()?;
        let weighed = Self::ALL.into_iter().map(|coding| (weight(text, coding.name()).unwrap_or(0), coding));
        // Of equals the first is kept: what is found later must be liked better.
        let best = weighed.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
        let plain = named(text, "identity").unwrap_or(0);
        (best.0 > 0 && best.0 >= plain).then_some(best.1)
    }

    /// Returns the tag of this coding's representation; a weak tag stays as it is.
    pub(crate) fn mark(self, tag: &HeaderValue) -> Option<HeaderValue> {
        let bare = tag.to_str().ok()?.strip_prefix('"')?.strip_suffix('"')?;
        HeaderValue::try_from(format!("\"{bare}{MARK}{}\"", self.name())).ok()
    }
}

/// Takes our marks off the conditions of a request; returns the coding they named.
pub(crate) fn unmark(headers: &mut HeaderMap) -> Option<Coding> {
    let mut found = None;
    for name in [header::IF_NONE_MATCH, header::IF_MATCH] {
        let Some(text) = headers.get(&name).and_then(|value| value.to_str().ok()) else { continue };
        if let Some((bare, coding)) = unmarked(text)
            && let Ok(value) = HeaderValue::try_from(bare)
        {
            found = Some(coding);
            headers.insert(name, value);
        }
    }
    // A part of a coded answer cannot be continued from the plain one.
    let parted = headers.get(header::IF_RANGE).and_then(|value| value.to_str().ok()).and_then(unmarked).is_some();
    if parted {
        headers.remove(header::RANGE);
        headers.remove(header::IF_RANGE);
    }
    found
}

/// Takes the last mark off each tag, since a service may end its own as ours do; returns the first coding named.
fn unmarked(text: &str) -> Option<(String, Coding)> {
    let mark = |tag: &str| {
        let of = |coding: Coding| Some((tag.strip_suffix(coding.name())?.strip_suffix(MARK)?.len(), coding));
        Coding::ALL.into_iter().find_map(of)
    };
    let (mut bare, mut found) = (String::with_capacity(text.len()), None);
    let mut pieces = text.split('"').enumerate().peekable();
    while let Some((index, piece)) = pieces.next() {
        // Every second piece stands in quotes, if they are closed.
        let marked = mark(piece).filter(|_| index % 2 == 1 && pieces.peek().is_some());
        bare.push_str(marked.map_or(piece, |(end, _)| piece.get(..end).unwrap_or(piece)));
        bare.extend(pieces.peek().map(|_| '"'));
        found = found.or_else(|| marked.map(|(_, coding)| coding));
    }
    found.map(|coding| (bare, coding))
}

/// Returns the weight of a coding in thousandths: its own, or else that of `*`.
fn weight(accept: &str, coding: &str) -> Option<u32> {
    named(accept, coding).or_else(|| named(accept, "*"))
}

fn named(accept: &str, wanted: &str) -> Option<u32> {
    accept.split(',').find_map(|entry| {
        let (name, parameters) = entry.split_once(';').unwrap_or((entry, ""));
        let name = name.trim();
        // The old name of RFC 9110, 8.4.1.3.
        let name = if name.eq_ignore_ascii_case("x-gzip") { "gzip" } else { name };
        name.eq_ignore_ascii_case(wanted).then(|| quality(parameters))
    })
}

/// Reads `q=0.5` in thousandths; what cannot be read counts as not wanted.
fn quality(parameters: &str) -> u32 {
    let Some(text) = parameters.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    }) else {
        return 1_000;
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = part.len() <= 3 && part.bytes().all(|digit| digit.is_ascii_digit());
    let thousandths: u32 = format!("{part:0<3}").parse().unwrap_or(0);
    match whole {
        "0" if digits => thousandths,
        "1" if digits && thousandths == 0 => 1_000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coding_liked_best_is_taken() {
        for (accept, expected) in [
            ("gzip, deflate, br, zstd", Some(Coding::Zstd)),
            ("gzip, deflate, br", Some(Coding::Brotli)),
            ("gzip;q=1.0, br;q=0.5", Some(Coding::Gzip)),
            ("*", Some(Coding::Zstd)),
            ("*;q=0.1, gzip;q=0", Some(Coding::Zstd)),
            ("GZIP", Some(Coding::Gzip)),
            ("x-gzip", Some(Coding::Gzip)),
            ("identity, gzip;q=0.5", None),
            ("identity;q=0.2, gzip;q=0.5", Some(Coding::Gzip)),
            ("gzip;q=0", None),
            ("gzip;q=2", None),
            ("gzip;q=0.0001", None),
            ("deflate", None),
            ("", None),
        ] {
            assert_eq!(Coding::wanted(Some(&HeaderValue::from_static(accept))), expected, "{accept}");
        }
        assert_eq!(Coding::wanted(None), None);
    }

    #[test]
    fn a_tag_is_marked_and_the_service_gets_its_own_back() {
        let marked = Coding::Brotli.mark(&HeaderValue::from_static("\"v3\"")).unwrap();
        assert_eq!(marked, "\"v3--br\"");
        assert_eq!(Coding::Gzip.mark(&HeaderValue::from_static("W/\"v3\"")), None);
        let mut headers = HeaderMap::from_iter([
            (header::IF_MATCH, marked),
            (header::IF_NONE_MATCH, HeaderValue::from_static("\"a\", \"b--gzip\", \"c--zstd\"")),
        ]);
        assert!(unmark(&mut headers).is_some());
        assert_eq!(
            (&headers[header::IF_MATCH], &headers[header::IF_NONE_MATCH]),
            (&HeaderValue::from_static("\"v3\""), &HeaderValue::from_static("\"a\", \"b\", \"c\""))
        );
        assert_eq!(unmark(&mut headers), None);
        for own in ["\"v--gzip\"", "\"v--zstd--br\"", "\"a, b--br\"", "\"\""] {
            let own = HeaderValue::from_static(own);
            let mut headers = HeaderMap::from_iter([(header::IF_MATCH, Coding::Zstd.mark(&own).unwrap())]);
            assert_eq!((unmark(&mut headers), &headers[header::IF_MATCH]), (Some(Coding::Zstd), &own));
        }
        let mut ranged = HeaderMap::from_iter([
            (header::RANGE, HeaderValue::from_static("bytes=5-")),
            (header::IF_RANGE, HeaderValue::from_static("\"v3--br\"")),
        ]);
        unmark(&mut ranged);
        assert!(ranged.is_empty());
    }
}
