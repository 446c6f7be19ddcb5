//! A Rust source divided into code, text and comments, line by line, so that a rule sees only what it is about.

/// A source file.
pub(super) struct Source {
    /// From the root, such as `platform/storage/src/lib.rs`.
    pub(super) path: String,
    pub(super) lines: Vec<Line>,
}

/// One line, taken apart. Each part keeps only its own characters.
#[derive(Default)]
pub(super) struct Line {
    /// Code; a literal stands as empty quotes.
    pub(super) code: String,
    /// Contents of string literals.
    pub(super) text: String,
    /// Comments, with their slashes.
    pub(super) comment: String,
    /// In a module or file that only tests see.
    pub(super) in_test: bool,
}

impl Source {
    pub(super) fn new(path: &str, content: &str) -> Self {
        let mut lines = Reader::read(content);
        mark_tests(&mut lines, is_test_file(path));
        Self { path: path.to_owned(), lines }
    }

    /// Returns lines with their numbers.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Returns the file's name without extension.
    pub(super) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".rs").unwrap_or(name)
    }

    /// Returns how many lines there are, without a test module at the end.
    pub(super) fn product_lines(&self) -> usize {
        let tail = self.lines.iter().rev().take_while(|line| line.in_test || line.is_blank()).count();
        // A file of tests is all tail, and counts whole.
        if tail == self.lines.len() { tail } else { self.lines.len() - tail }
    }
}

impl Line {
    pub(super) fn is_blank(&self) -> bool {
        self.code.trim().is_empty() && self.text.is_empty() && self.comment.is_empty()
    }
}

fn is_test_file(path: &str) -> bool {
    path.starts_with("testing/") || path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// Marks what follows `#[cfg(test)]`: an item with braces to its end, another to its semicolon.
fn mark_tests(lines: &mut [Line], whole: bool) {
    let mut inside: Option<i32> = None;
    for line in lines {
        line.in_test = whole || inside.is_some() || line.code.trim_start().starts_with("#[cfg(test)]");
        if !line.in_test || whole {
            continue;
        }
        let before = inside.unwrap_or(0);
        let opened = line.code.matches('{').count() as i32;
        let depth = before + opened - line.code.matches('}').count() as i32;
        let ended = depth == 0 && (opened > 0 || before > 0 || line.code.trim_end().ends_with(';'));
        inside = if ended { None } else { Some(depth) };
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Code,
    LineComment,
    BlockComment(u32),
    Text,
    RawText(usize),
}

struct Reader {
    state: State,
    lines: Vec<Line>,
    current: Line,
}

impl Reader {
    fn read(content: &str) -> Vec<Line> {
        let mut reader = Self { state: State::Code, lines: Vec::new(), current: Line::default() };
        let mut rest = content;
        while let Some(first) = rest.chars().next() {
            let taken = if first == '\n' { reader.line_break() } else { reader.take(rest, first) };
            rest = rest.get(taken..).unwrap_or_default();
        }
        if !reader.current.is_blank() {
            reader.lines.push(reader.current);
        }
        reader.lines
    }

    fn line_break(&mut self) -> usize {
        if self.state == State::LineComment {
            self.state = State::Code;
        }
        self.lines.push(std::mem::take(&mut self.current));
        1
    }

    /// Takes the next token, or one character of the present one, and returns how many bytes it was.
    fn take(&mut self, rest: &str, first: char) -> usize {
        match self.state {
            State::Code => self.code(rest, first),
            State::LineComment => {
                self.current.comment.push(first);
                first.len_utf8()
            }
            State::BlockComment(depth) => self.block_comment(rest, first, depth),
            State::Text => self.text(rest, first),
            State::RawText(hashes) => self.raw_text(rest, first, hashes),
        }
    }

    fn code(&mut self, rest: &str, first: char) -> usize {
        if rest.starts_with("//") {
            self.state = State::LineComment;
            return 0;
        }
        if rest.starts_with("/*") {
            self.state = State::BlockComment(0);
            return 0;
        }
        if first == '"' {
            self.state = State::Text;
            self.current.code.push('"');
            return 1;
        }
        if let Some((hashes, length)) = self.raw_start(rest) {
            self.state = State::RawText(hashes);
            self.current.code.push('"');
            return length;
        }
        if let Some(length) = character(rest) {
            self.current.code.push_str("''");
            return length;
        }
        self.current.code.push(first);
        first.len_utf8()
    }

    fn block_comment(&mut self, rest: &str, first: char, depth: u32) -> usize {
        if rest.starts_with("/*") {
            self.state = State::BlockComment(depth + 1);
            self.current.comment.push_str("/*");
            return 2;
        }
        if rest.starts_with("*/") {
            self.state = if depth == 1 { State::Code } else { State::BlockComment(depth - 1) };
            self.current.comment.push_str("*/");
            return 2;
        }
        self.current.comment.push(first);
        first.len_utf8()
    }

    fn text(&mut self, rest: &str, first: char) -> usize {
        if first == '"' {
            self.state = State::Code;
            self.current.code.push('"');
            return 1;
        }
        self.current.text.push(first);
        if first != '\\' {
            return first.len_utf8();
        }
        match rest.chars().nth(1) {
            // The line break after a backslash is the reader's.
            None | Some('\n') => 1,
            Some(escaped) => {
                self.current.text.push(escaped);
                1 + escaped.len_utf8()
            }
        }
    }

    fn raw_text(&mut self, rest: &str, first: char, hashes: usize) -> usize {
        let closes = first == '"' && rest.bytes().skip(1).take_while(|byte| *byte == b'#').count() >= hashes;
        if closes {
            self.state = State::Code;
            self.current.code.push('"');
            return 1 + hashes;
        }
        self.current.text.push(first);
        first.len_utf8()
    }

    /// Returns the hashes and the length of a raw string's beginning, `r#"`.
    fn raw_start(&self, rest: &str) -> Option<(usize, usize)> {
        let in_word = self.current.code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let prefix = ["r", "br", "cr"].into_iter().find(|prefix| rest.starts_with(prefix))?;
        let after = rest.strip_prefix(prefix)?;
        let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
        let opens = after.as_bytes().get(hashes) == Some(&b'"');
        (opens && !in_word).then_some((hashes, prefix.len() + hashes + 1))
    }
}

/// Returns the length of the character literal that `rest` starts with; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if inner.starts_with('\\') {
        let escape = inner.chars().nth(1)?.len_utf8();
        let end = inner.get(1 + escape..)?.find('\'')?;
        return Some(1 + 1 + escape + end + 1);
    }
    let length = inner.chars().next()?.len_utf8();
    inner.get(length..)?.starts_with('\'').then_some(length + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_text_and_comments_are_told_apart() {
        let source = Source::new("a.rs", "let a = \"x // \\\" y\"; // z\nr#\"q\"\"# + '\"' /* b /* c */ d */ e<'a>\n");
        let parts: Vec<_> = source.lines.iter().map(|line| [&*line.code, &line.text, &line.comment]).collect();
        assert_eq!(
            parts,
            [["let a = \"\"; ", "x // \\\" y", "// z"], ["\"\" + ''  e<'a>", "q\"", "/* b /* c */ d */"]]
        );
    }

    #[test]
    fn a_test_module_at_the_end_is_not_counted() {
        let source = Source::new("a.rs", "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\n");
        assert_eq!(source.product_lines(), 1);
        let between = Source::new("a.rs", "#[cfg(test)]\nuse a;\nfn b() {}\n");
        assert_eq!(between.product_lines(), 3);
        assert_eq!(between.lines.iter().filter(|line| line.in_test).count(), 2);
        assert_eq!(Source::new("testing/it/src/a.rs", "a\nb\n").product_lines(), 2);
    }
}
