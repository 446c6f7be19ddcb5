//! Messages: letters in the form that mail travels in (RFC 5322, RFC 2045, RFC 2047).

use std::time::{Duration, SystemTime};

use askama::Template as _;
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{Header, HeaderName, HeaderValue},
    },
};

use base::Timestamp;
use contracts::ids::MailId;

use crate::model::letter::Letter;

/// Says that no person wrote this, so that no program answers it (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

/// The language of the letter (RFC 3282).
#[derive(Clone)]
struct ContentLanguage(String);

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, storage::Source> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Header for ContentLanguage {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Language")
    }

    fn parse(text: &str) -> Result<Self, storage::Source> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// The letter in HTML.
#[derive(askama::Template)]
#[template(path = "mail.html")]
struct MailPage<'a> {
    letter: &'a Letter,
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recipient {
    pub(crate) name: String,
    pub(crate) address: String,
}

/// Returns the message. The same mail always becomes the same bytes, so that sending it twice is seen to be one mail.
pub(crate) fn message(
    id: MailId,
    from: &Mailbox,
    to: &Recipient,
    letter: &Letter,
    written_at: Timestamp,
) -> Result<Vec<u8>, storage::Source> {
    let address: Address = to.address.parse().map_err(Box::new)?;
    let name = Some(to.name.trim()).filter(|name| !name.is_empty()).map(ToOwned::to_owned);
    let since = Duration::from_micros(u64::try_from(written_at.as_micros()).unwrap_or(0));
    let body = MultiPart::alternative()
        .boundary(format!("fpms-{id}"))
        .singlepart(SinglePart::plain(letter.plain()))
        .singlepart(SinglePart::html(MailPage { letter }.render().map_err(Box::new)?));
    let message = Message::builder()
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .date(SystemTime::UNIX_EPOCH + since)
        .from(from.clone())
        .to(Mailbox::new(name, address))
        .subject(letter.subject.replace(char::is_control, " "))
        .header(ContentLanguage(letter.language.to_owned()))
        .header(AutoSubmitted)
        .multipart(body)
        .map_err(Box::new)?;
    Ok(message.formatted())
}
