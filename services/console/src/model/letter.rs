//! A mail as the console shows it.

use mailparse::{MailHeaderMap, ParsedMail};

use crate::{Error, Result};

/// A mail read from its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub from: String,
    pub to: String,
    pub date: String,
    /// The plain text, line by line.
    pub lines: Vec<Line>,
}

/// A line of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    Text(String),
    /// An address on a line of its own.
    Link(String),
}

impl Letter {
    /// Reads a mail; of one with alternatives, the plain text.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let wrong = |error: mailparse::MailParseError| Error::UnreadableMail(Box::new(error));
        let mail = mailparse::parse_mail(bytes).map_err(wrong)?;
        let header = |name: &str| mail.headers.get_first_value(name).unwrap_or_default();
        let text = plain(&mail).get_body().map_err(wrong)?;
        Ok(Self {
            subject: header("Subject"),
            from: header("From"),
            to: header("To"),
            date: header("Date"),
            lines: text.lines().map(line).collect(),
        })
    }
}

fn plain<'a>(mail: &'a ParsedMail<'a>) -> &'a ParsedMail<'a> {
    let mut parts = mail.subparts.iter();
    parts.find(|part| part.ctype.mimetype == "text/plain").unwrap_or(mail)
}

fn line(line: &str) -> Line {
    let is_link = (line.starts_with("http://") || line.starts_with("https://")) && !line.contains(' ');
    if is_link { Line::Link(line.to_owned()) } else { Line::Text(line.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_read_with_its_encoded_words_and_parts() {
        let mail = b"From: a@b\r\nTo: =?utf-8?b?4Lqu?= <c@d>\r\nSubject: =?utf-8?b?4Lqu?=\r\n\
            Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\nOpen:\r\nhttp://localhost/reset?token=3Dab=\r\nc\r\n--x\r\n\
            Content-Type: text/html\r\n\r\n<p>no</p>\r\n--x--\r\n";
        let letter = Letter::read(mail).unwrap();
        assert_eq!((letter.subject.as_str(), letter.to.as_str()), ("ຮ", "ຮ <c@d>"));
        let lines = [Line::Text("Open:".to_owned()), Line::Link("http://localhost/reset?token=abc".to_owned())];
        assert_eq!(letter.lines, lines);
    }
}
