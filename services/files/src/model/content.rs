//! What a file really is: told by its first bytes, held against the ending of its name.

/// How many of the first bytes are looked at.
pub const HEAD_BYTES: usize = 8 * 1024;

/// What the first bytes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    Pdf,
    /// An archive, and with it every format that is one.
    Zip,
    Png,
    Jpeg,
    Gif,
    Webp,
    Text,
    Other,
}

/// A kind of file that is known by its ending.
struct Known {
    ending: &'static str,
    content: Content,
    media_type: &'static str,
    /// In words, after "is not".
    called: &'static str,
}

const fn known(ending: &'static str, content: Content, media_type: &'static str, called: &'static str) -> Known {
    Known { ending, content, media_type, called }
}

const IMAGE: &str = "an image of this kind";
const OFFICE: &str = "an Office document";
const OPEN: &str = "an OpenDocument file";
const TEXT: &str = "text in UTF-8";
const PLAIN: &str = "text/plain; charset=utf-8";

const KNOWN: &[Known] = &[
    known("pdf", Content::Pdf, "application/pdf", "a PDF"),
    known("zip", Content::Zip, "application/zip", "a ZIP archive"),
    known("docx", Content::Zip, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", OFFICE),
    known("xlsx", Content::Zip, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", OFFICE),
    known("pptx", Content::Zip, "application/vnd.openxmlformats-officedocument.presentationml.presentation", OFFICE),
    known("odt", Content::Zip, "application/vnd.oasis.opendocument.text", OPEN),
    known("ods", Content::Zip, "application/vnd.oasis.opendocument.spreadsheet", OPEN),
    known("odp", Content::Zip, "application/vnd.oasis.opendocument.presentation", OPEN),
    known("png", Content::Png, "image/png", IMAGE),
    known("jpg", Content::Jpeg, "image/jpeg", IMAGE),
    known("jpeg", Content::Jpeg, "image/jpeg", IMAGE),
    known("gif", Content::Gif, "image/gif", IMAGE),
    known("webp", Content::Webp, "image/webp", IMAGE),
    known("txt", Content::Text, PLAIN, TEXT),
    known("md", Content::Text, PLAIN, TEXT),
    known("csv", Content::Text, "text/csv; charset=utf-8", TEXT),
    known("tex", Content::Text, PLAIN, TEXT),
    known("bib", Content::Text, PLAIN, TEXT),
    known("json", Content::Text, "application/json", TEXT),
];

/// The media type of what is not known.
const UNKNOWN: &str = "application/octet-stream";

/// Returns what the first bytes show.
pub fn sniff(head: &[u8]) -> Content {
    let starts = [
        (b"PK\x03\x04".as_slice(), Content::Zip),
        (b"PK\x05\x06", Content::Zip),
        (b"\x89PNG\r\n\x1a\n", Content::Png),
        (b"\xff\xd8\xff", Content::Jpeg),
        (b"GIF87a", Content::Gif),
        (b"GIF89a", Content::Gif),
    ];
    if let Some((_, content)) = starts.iter().find(|(mark, _)| head.starts_with(mark)) {
        return *content;
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Content::Webp;
    }
    // Readers of PDF accept some bytes before the mark (ISO 32000-1, annex H).
    if head.iter().take(1024).copied().collect::<Vec<_>>().windows(5).any(|window| window == b"%PDF-") {
        return Content::Pdf;
    }
    if is_text(head) { Content::Text } else { Content::Other }
}

/// Returns the media type of a file, or in words what its name promised and its content is not.
pub fn media_type(ending: &str, head: &[u8]) -> Result<&'static str, &'static str> {
    let content = sniff(head);
    let Some(known) = KNOWN.iter().find(|known| known.ending == ending) else {
        return Ok(if content == Content::Text { PLAIN } else { UNKNOWN });
    };
    let office = known.called == OFFICE && content == Content::Zip;
    let fits = if office { has_content_types(head) } else { content == known.content };
    if fits { Ok(known.media_type) } else { Err(known.called) }
}

/// Office documents name their parts in `[Content_Types].xml`, which is among the first entries.
fn has_content_types(head: &[u8]) -> bool {
    const NAME: &[u8] = b"[Content_Types].xml";
    // A large first entry can push it out of sight; then the archive's own mark has to do.
    head.len() >= HEAD_BYTES || head.windows(NAME.len()).any(|window| window == NAME)
}

fn is_text(head: &[u8]) -> bool {
    let readable = match std::str::from_utf8(head) {
        Ok(_) => true,
        // The head may end within a character.
        Err(error) => error.error_len().is_none() && error.valid_up_to() + 4 > head.len(),
    };
    readable && !head.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_told_by_its_first_bytes() {
        assert_eq!(sniff(b"%PDF-1.7\n"), Content::Pdf);
        assert_eq!(sniff(b"\0\0%PDF-1.4"), Content::Pdf);
        assert_eq!(sniff(b"RIFF\0\0\0\0WEBPVP8 "), Content::Webp);
        assert_eq!(sniff("ບົດ\n".as_bytes()), Content::Text);
        assert_eq!(sniff(&"ບ".as_bytes()[..2]), Content::Text);
        assert_eq!(sniff(b"MZ\x90\0"), Content::Other);
    }

    #[test]
    fn a_name_must_keep_its_promise() {
        assert_eq!(media_type("pdf", b"%PDF-1.7"), Ok("application/pdf"));
        assert_eq!(media_type("pdf", b"MZ\x90\0"), Err("a PDF"));
        assert_eq!(media_type("docx", b"PK\x03\x04 [Content_Types].xml"), Ok(KNOWN[2].media_type));
        assert_eq!(media_type("docx", b"PK\x03\x04 other"), Err(OFFICE));
        assert_eq!(media_type("txt", b"\xff\xfe\0"), Err(TEXT));
        assert_eq!(media_type("py", b"print(1)"), Ok(PLAIN));
        assert_eq!(media_type("", b"\0\x01"), Ok(UNKNOWN));
    }
}
