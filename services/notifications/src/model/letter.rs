//! Letters: what a mail says.

use jiff::tz::TimeZone;

use base::Timestamp;

use super::{arguments::Arguments, kind::Kind, template::Template, texts::Texts};

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// `en` or `lo`.
    pub language: &'static str,
    pub subject: String,
    pub greeting: String,
    pub paragraphs: Vec<String>,
    /// What the link is called.
    pub action: String,
    /// Where it leads, whole.
    pub url: String,
    pub footer: String,
}

/// For whom a letter is written.
#[derive(Debug, Clone)]
pub struct Addressee<'a> {
    pub name: &'a str,
    /// BCP 47 tag.
    pub language: &'a str,
    /// The university's time zone.
    pub zone: TimeZone,
    /// The university's name, for the foot of the letter.
    pub tenant_name: &'a str,
}

/// Writes letters.
pub(crate) struct Writer {
    texts: Texts,
    public_address: String,
}

impl Writer {
    /// Returns the writer whose links begin with `public_address`.
    pub(crate) fn new(public_address: &str) -> Self {
        Self { texts: Texts::new(), public_address: public_address.trim_end_matches('/').to_owned() }
    }

    /// Returns what a notification says, in one sentence.
    pub(crate) fn sentence(&self, language: &str, kind: Kind, arguments: &Arguments) -> String {
        self.texts.text(language, &format!("notice-{}", kind.name()), arguments)
    }

    /// Writes a letter. `link` is a path of the product.
    pub(crate) fn letter(&self, template: Template, arguments: &Arguments, link: &str, to: &Addressee<'_>) -> Letter {
        let language = self.texts.language(to.language);
        let arguments = localised(arguments, to).with("name", to.name).with("university", to.tenant_name);
        let text = |key: &str| self.texts.text(language, key, &arguments);
        let part = |part: &str| text(&format!("mail-{}-{part}", template.name()));
        let body = part("body");
        Letter {
            language,
            subject: part("subject"),
            greeting: text("mail-greeting"),
            paragraphs: body.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect(),
            action: part("action"),
            url: format!("{}{link}", self.public_address),
            footer: text("mail-footer"),
        }
    }
}

impl Letter {
    /// Returns the letter in plain words.
    pub fn plain(&self) -> String {
        let Self { greeting, paragraphs, action, url, footer, .. } = self;
        format!("{greeting}\n\n{}\n\n{action}:\n{url}\n\n-- \n{footer}\n", paragraphs.join("\n\n"))
    }
}

/// Replaces `until`, an instant in RFC 3339, by the day and time of the reader's zone.
fn localised(arguments: &Arguments, to: &Addressee<'_>) -> Arguments {
    let until = arguments.get("until").and_then(|text| text.parse::<Timestamp>().ok());
    let local = until.and_then(|until| jiff::Timestamp::from_microsecond(until.as_micros()).ok());
    match local {
        Some(instant) => {
            let zoned = instant.to_zoned(to.zone.clone());
            arguments.clone().with("until", &zoned.strftime("%Y-%m-%d %H:%M (%Z)"))
        }
        None => arguments.clone(),
    }
}
