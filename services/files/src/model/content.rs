//! What a file really is: told by its first bytes, held against the ending of its name.

use contracts::file_kind::FileKind;

/// How many of the first bytes are looked at.
pub const HEAD_BYTES: usize = 8 * 1024;

/// What the first bytes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    Pdf,
    /// An archive, and with it every format that is one.
    Zip,
    Tar,
    Gzip,
    Bzip2,
    Xz,
    SevenZip,
    Rar,
    /// A document of an office suite from before 2007.
    Ole,
    Png,
    Jpeg,
    Gif,
    Webp,
    Text,
    Other,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub media_type: &'static str,
    pub kind: FileKind,
}

/// A kind of file that is known by its ending.
struct Known {
    ending: &'static str,
    content: Content,
    told: Told,
    /// In words, after "is not".
    called: &'static str,
}

const fn known(ending: &'static str, content: Content, told: Told, called: &'static str) -> Known {
    Known { ending, content, told, called }
}

const fn document(media_type: &'static str) -> Told {
    Told { media_type, kind: FileKind::Document }
}

const fn image(media_type: &'static str) -> Told {
    Told { media_type, kind: FileKind::Image }
}

const fn archive(media_type: &'static str) -> Told {
    Told { media_type, kind: FileKind::Archive }
}

const fn text(media_type: &'static str) -> Told {
    Told { media_type, kind: FileKind::Text }
}

const IMAGE: &str = "an image of this kind";
const OFFICE: &str = "an Office document";
const OPEN: &str = "an OpenDocument file";
const PACKED: &str = "an archive of this kind";
const TEXT: &str = "text in UTF-8";
const PLAIN: Told = text("text/plain; charset=utf-8");

const KNOWN: &[Known] = &[
    known("pdf", Content::Pdf, Told { media_type: "application/pdf", kind: FileKind::Pdf }, "a PDF"),
    known(
        "docx",
        Content::Zip,
        document("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        OFFICE,
    ),
    known("xlsx", Content::Zip, document("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), OFFICE),
    known(
        "pptx",
        Content::Zip,
        document("application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        OFFICE,
    ),
    known("doc", Content::Ole, document("application/msword"), OFFICE),
    known("xls", Content::Ole, document("application/vnd.ms-excel"), OFFICE),
    known("ppt", Content::Ole, document("application/vnd.ms-powerpoint"), OFFICE),
    known("odt", Content::Zip, document("application/vnd.oasis.opendocument.text"), OPEN),
    known("ods", Content::Zip, document("application/vnd.oasis.opendocument.spreadsheet"), OPEN),
    known("odp", Content::Zip, document("application/vnd.oasis.opendocument.presentation"), OPEN),
    known("zip", Content::Zip, archive("application/zip"), "a ZIP archive"),
    known("tar", Content::Tar, archive("application/x-tar"), PACKED),
    known("gz", Content::Gzip, archive("application/gzip"), PACKED),
    known("tgz", Content::Gzip, archive("application/gzip"), PACKED),
    known("bz2", Content::Bzip2, archive("application/x-bzip2"), PACKED),
    known("xz", Content::Xz, archive("application/x-xz"), PACKED),
    known("7z", Content::SevenZip, archive("application/x-7z-compressed"), PACKED),
    known("rar", Content::Rar, archive("application/vnd.rar"), PACKED),
    known("png", Content::Png, image("image/png"), IMAGE),
    known("jpg", Content::Jpeg, image("image/jpeg"), IMAGE),
    known("jpeg", Content::Jpeg, image("image/jpeg"), IMAGE),
    known("gif", Content::Gif, image("image/gif"), IMAGE),
    known("webp", Content::Webp, image("image/webp"), IMAGE),
    known("txt", Content::Text, PLAIN, TEXT),
    known("md", Content::Text, PLAIN, TEXT),
    known("csv", Content::Text, text("text/csv; charset=utf-8"), TEXT),
    known("tex", Content::Text, PLAIN, TEXT),
    known("bib", Content::Text, PLAIN, TEXT),
    known("json", Content::Text, text("application/json"), TEXT),
];

/// What is not known.
const UNKNOWN: Told = Told { media_type: "application/octet-stream", kind: FileKind::Other };

/// Endings of what a system runs when it is opened, whatever is in it.
const PROGRAMS: &[&str] = &[
    "apk", "app", "bat", "bin", "cmd", "com", "cpl", "deb", "dll", "dmg", "exe", "hta", "iso", "jar", "lnk", "msi",
    "pif", "reg", "rpm", "scr", "so", "vbe", "vbs", "wsf",
];

/// How a kind of file begins, and at which byte.
const MARKS: &[(usize, &[u8], Content)] = &[
    (0, b"PK\x03\x04", Content::Zip),
    (0, b"PK\x05\x06", Content::Zip),
    (0, b"\x1f\x8b", Content::Gzip),
    (0, b"BZh", Content::Bzip2),
    (0, b"\xfd7zXZ\0", Content::Xz),
    (0, b"7z\xbc\xaf\x27\x1c", Content::SevenZip),
    (0, b"Rar!\x1a\x07", Content::Rar),
    (257, b"ustar", Content::Tar),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content::Ole),
    (0, b"\x89PNG\r\n\x1a\n", Content::Png),
    (0, b"\xff\xd8\xff", Content::Jpeg),
    (0, b"GIF87a", Content::Gif),
    (0, b"GIF89a", Content::Gif),
];

/// Returns what the first bytes show.
pub fn sniff(head: &[u8]) -> Content {
    let begins = |at: &usize, mark: &&[u8]| head.get(*at..).is_some_and(|rest| rest.starts_with(mark));
    if let Some((_, _, content)) = MARKS.iter().find(|(at, mark, _)| begins(at, mark)) {
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

/// Returns what a file is, or in words what its name promised and its content is not.
pub fn tell(ending: &str, head: &[u8]) -> Result<Told, &'static str> {
    let content = sniff(head);
    let Some(known) = KNOWN.iter().find(|known| known.ending == ending) else {
        let readable = content == Content::Text && !PROGRAMS.contains(&ending);
        return Ok(if readable { PLAIN } else { UNKNOWN });
    };
    let parts = known.called == OFFICE && content == Content::Zip && known.content == Content::Zip;
    let fits = if parts { has_content_types(head) } else { content == known.content };
    if fits { Ok(known.told) } else { Err(known.called) }
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
        let media_type = |ending, head| tell(ending, head).map(|told| told.media_type);
        assert_eq!(media_type("pdf", b"%PDF-1.7"), Ok("application/pdf"));
        assert_eq!(media_type("pdf", b"MZ\x90\0"), Err("a PDF"));
        assert_eq!(tell("docx", b"PK\x03\x04 [Content_Types].xml").map(|told| told.kind), Ok(FileKind::Document));
        assert_eq!(media_type("docx", b"PK\x03\x04 other"), Err(OFFICE));
        assert_eq!(media_type("txt", b"\xff\xfe\0"), Err(TEXT));
        assert_eq!(media_type("py", b"print(1)"), Ok(PLAIN.media_type));
        assert_eq!(media_type("", b"\0\x01"), Ok(UNKNOWN.media_type));
    }

    #[test]
    fn a_program_is_one_by_its_name_or_by_its_content() {
        for (ending, head) in
            [("exe", b"MZ\x90\0".as_slice()), ("exe", b"words"), ("bat", b"del *"), ("", b"\x7fELF\x02")]
        {
            assert_eq!(tell(ending, head).map(|told| told.kind), Ok(FileKind::Other), "{ending}");
        }
        assert_eq!(tell("zip", b"MZ\x90\0"), Err("a ZIP archive"));
    }

    #[test]
    fn archives_are_told_by_their_marks() {
        let tar = [[0; 257].as_slice(), b"ustar\0"].concat();
        let cases =
            [("tar", tar.as_slice()), ("tgz", b"\x1f\x8b\x08"), ("7z", b"7z\xbc\xaf\x27\x1c"), ("xz", b"\xfd7zXZ\0")];
        for (ending, head) in cases {
            assert_eq!(tell(ending, head).map(|told| told.kind), Ok(FileKind::Archive), "{ending}");
        }
    }

    #[test]
    fn the_endings_that_a_chooser_names_are_of_their_kind() {
        for kind in FileKind::ALL {
            for ending in kind.endings() {
                let known = KNOWN.iter().find(|known| known.ending == *ending);
                assert_eq!(known.map(|known| known.told.kind), Some(kind), "{ending}");
            }
        }
    }
}
