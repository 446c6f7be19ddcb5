//! Names of files, made safe to keep and to give back.

use unicode_normalization::UnicodeNormalization;

/// Most characters of a name, its ending included.
const NAME_CHARS_MAX: usize = 150;
/// Most characters of an ending that is kept when a name is cut.
const ENDING_CHARS_MAX: usize = 12;
/// The name of a file that has none.
const NAMELESS: &str = "file";
/// Names that mean devices to Windows, whatever their ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Returns `name` without its folders, in composed form (NFC), without what a disk, a header or a reader could misread.
pub fn sanitise(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe: String = last.nfc().filter(|c| !is_hidden(*c)).map(|c| if is_reserved(c) { '_' } else { c }).collect();
    let safe = safe.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let cut = cut(safe);
    if cut.is_empty() {
        return NAMELESS.to_owned();
    }
    let stem = cut.split('.').next().unwrap_or_default().to_lowercase();
    let device = DEVICES.contains(&stem.as_str())
        || stem
            .strip_prefix("com")
            .or_else(|| stem.strip_prefix("lpt"))
            .is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
    if device { format!("_{cut}") } else { cut }
}

/// Returns the ending of a name, in small letters and without its dot.
pub fn ending(name: &str) -> String {
    name.rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_lowercase())
}

fn cut(name: &str) -> String {
    let chars = name.chars().count();
    if chars <= NAME_CHARS_MAX {
        return name.to_owned();
    }
    let ending =
        name.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.chars().count() <= ENDING_CHARS_MAX);
    let Some(ending) = ending else { return name.chars().take(NAME_CHARS_MAX).collect() };
    let stem: String = name.chars().take(NAME_CHARS_MAX - ENDING_CHARS_MAX - 1).collect();
    format!("{}.{ending}", stem.trim_end())
}

/// Control characters, and marks that turn the direction of text: `exe.fdp` would read `pdf.exe`.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn is_reserved(c: char) -> bool {
    matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_lose_what_could_harm_and_keep_the_rest() {
        let cases = [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\x\\report.pdf", "report.pdf"),
            ("  ..  ", "file"),
            ("a\u{202e}fdp.exe", "afdp.exe"),
            ("e\u{301}te\u{301}.pdf", "\u{e9}t\u{e9}.pdf"),
            ("ບົດລາຍງານ.pdf", "ບົດລາຍງານ.pdf"),
            ("what?.txt", "what_.txt"),
            ("con.txt", "_con.txt"),
            ("com1", "_com1"),
            ("command.txt", "command.txt"),
        ];
        for (name, expected) in cases {
            assert_eq!(sanitise(name), expected);
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let name = sanitise(&format!("{}.pdf", "x".repeat(400)));
        assert_eq!((ending(&name).as_str(), name.chars().count() <= NAME_CHARS_MAX), ("pdf", true));
    }

    proptest! {
        #[test]
        fn every_name_is_safe_and_settled(name in "\\PC{0,300}|.{0,40}") {
            let safe = sanitise(&name);
            prop_assert!(!safe.is_empty() && safe.chars().count() <= NAME_CHARS_MAX + 1);
            prop_assert!(!safe.contains(['/', '\\', '"', '\n', '\r', '\0']));
            prop_assert!(!safe.starts_with('.'));
        }
    }
}
