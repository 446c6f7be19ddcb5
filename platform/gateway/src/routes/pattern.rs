//! What a request is compared with: hosts, paths, and the text of headers and query parameters.
//!
//! Owns the leaves of a route. Each checks itself when it is read, so that what exists can be matched.

use std::fmt;

use http::{HeaderName, Method};
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, de::Error as _};

/// Largest compiled expression, in bytes: no file may fill the memory.
const REGEX_BYTES_MAX: usize = 1 << 20;
/// What begins an expression where a plain text could stand too.
const REGEX_MARK: char = '~';

/// The hosts that a route is for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Host {
    /// This one.
    Exact(String),
    /// Everything that ends in a dot and this.
    Below(String),
}

/// What a path must be. `exact` goes before `regex`, and that before `prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Path {
    /// The whole of it.
    Exact(String),
    /// An expression that fits the whole of it.
    Regex(Expression),
    /// Itself, and whatever follows after a slash. Without a slash at its end, except `/`.
    Prefix(String),
}

/// A path as it stands in a file: plain enough to be read in one way only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct PlainPath(pub(crate) String);

/// A text, or with `~` at its beginning an expression that fits the whole of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Text {
    /// The text itself.
    Plain(String),
    /// An expression.
    Regex(Expression),
}

/// A regular expression that must fit the whole of a text; without look-around, so it takes linear time.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Expression(Regex);

/// A header's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Name(pub(crate) String);

/// A method.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Verb(pub(crate) Method);

impl Host {
    /// Returns whether `host` is one of these.
    pub(crate) fn fits(&self, host: &str) -> bool {
        match self {
            Self::Exact(name) => name == host,
            Self::Below(name) => {
                host.strip_suffix(name.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
        }
    }
}

impl Text {
    /// Returns whether `text` fits.
    pub(crate) fn fits(&self, text: &str) -> bool {
        match self {
            Self::Plain(plain) => plain == text,
            Self::Regex(expression) => expression.fits(text),
        }
    }
}

impl Expression {
    /// Returns whether `text` fits as a whole.
    pub(crate) fn fits(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// Returns its length as written, with the ends that were added.
    pub(crate) fn chars(&self) -> usize {
        self.0.as_str().len()
    }

    fn read(text: &str) -> Result<Self, String> {
        // Compiled alone first: `a)(b` would else be made whole by what is put around it.
        let compile = |text: &str| RegexBuilder::new(text).size_limit(REGEX_BYTES_MAX).build();
        let wrong = |error: regex::Error| format!("`{text}` is not a regular expression: {}", summary(&error));
        compile(text).map_err(wrong)?;
        compile(&format!("^(?:{text})$")).map(Self).map_err(wrong)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Expression {}

impl TryFrom<String> for Expression {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::read(&text)
    }
}

impl TryFrom<String> for Text {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.strip_prefix(REGEX_MARK) {
            Some(expression) => Expression::read(expression).map(Self::Regex),
            None => Ok(Self::Plain(text)),
        }
    }
}

impl TryFrom<String> for Host {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        let (name, below) = lower.strip_prefix("*.").map_or((lower.as_str(), false), |name| (name, true));
        let label = |label: &str| {
            let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            (1..=63).contains(&label.len()) && label.bytes().all(inner)
        };
        let address = !below && name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_ipv4())
            || !below && name.starts_with('[') && name.ends_with(']');
        if name.len() > 253 || !(address || name.split('.').all(label)) {
            return Err(format!("`{text}` is not a host: a name without a port, or `*.` and a name"));
        }
        Ok(if below { Self::Below(name.to_owned()) } else { Self::Exact(name.to_owned()) })
    }
}

impl TryFrom<String> for PlainPath {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#');
        if text.bytes().all(plain) && crate::phases::is_unambiguous(&text) {
            return Ok(Self(text));
        }
        Err(format!("`{text}` is not a path: `/` and segments without an empty one, `.`, `..`, `?` or `#`"))
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let name = HeaderName::try_from(text.as_str()).map_err(|_| format!("`{text}` is not the name of a header"))?;
        Ok(Self(name.as_str().to_owned()))
    }
}

impl TryFrom<String> for Verb {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        // Methods differ by case: `get` would fit no request that anybody sends.
        let upper = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        let method = Method::from_bytes(text.as_bytes()).ok().filter(|_| upper);
        method.map(Self).ok_or_else(|| format!("`{text}` is not a method, which is in upper case"))
    }
}

/// How a path may be given; at most one of the three.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paths {
    prefix: Option<PlainPath>,
    exact: Option<PlainPath>,
    regex: Option<Expression>,
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Paths::deserialize(deserializer)? {
            Paths { prefix: Some(prefix), exact: None, regex: None } => Ok(Self::prefix(&prefix.0)),
            Paths { prefix: None, exact: Some(exact), regex: None } => Ok(Self::Exact(exact.0)),
            Paths { prefix: None, exact: None, regex: Some(regex) } => Ok(Self::Regex(regex)),
            _ => Err(D::Error::custom("a path has one of `prefix`, `exact` and `regex`")),
        }
    }
}

impl Path {
    /// Returns whether `path` fits.
    pub(crate) fn fits(&self, path: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == path,
            Self::Regex(expression) => expression.fits(path),
            Self::Prefix(prefix) => {
                let rest = path.strip_prefix(prefix.trim_end_matches('/'));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        }
    }

    /// Returns the prefix `path`; a slash at its end means nothing.
    pub(crate) fn prefix(path: &str) -> Self {
        let bare = path.strip_suffix('/').filter(|bare| !bare.is_empty());
        Self::Prefix(bare.unwrap_or(path).to_owned())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(path) => write!(f, "exactly `{path}`"),
            Self::Regex(Expression(regex)) => write!(f, "like `{}`", regex.as_str()),
            Self::Prefix(prefix) => write!(f, "below `{prefix}`"),
        }
    }
}

impl Default for Path {
    fn default() -> Self {
        Self::Prefix("/".to_owned())
    }
}

/// The last line of a parser's report, which is the one that says what is wrong.
fn summary(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}
