//! The form that uploads a file, on the pages where one is handed in: what it takes, and what became of the last try.
//!
//! The form posts to the files service, which comes back with a ticket, or with why the file cannot be taken.

use contracts::file_kind::FileKind;
use serde::Deserialize;
use web::{Ctx, Fields};

use crate::{
    Projects,
    error::Result,
    model::{accepted::Accepted, ticket::Ticket},
};

/// The form's field with the file.
const FIELD: &str = "file";

/// What the upload answered with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    ticket: Option<String>,
    /// Why the file was refused.
    refused: Option<String>,
}

/// What such a page shows of the file.
pub(super) struct Upload {
    /// Where the form posts to.
    pub(super) action: String,
    /// What is taken, in words.
    pub(super) hint: String,
    /// The same for a chooser of files.
    pub(super) accept: String,
    /// What is wrong with the file tried last.
    pub(super) form: Fields,
    /// A file that waits to be handed in.
    pub(super) waiting: Option<Waiting>,
}

pub(super) struct Waiting {
    pub(super) ticket: String,
    pub(super) name: String,
    pub(super) sha256: String,
}

impl Wanted {
    /// Returns what a form that was refused speaks of.
    pub(super) fn again(ticket: String) -> Self {
        Self { ticket: Some(ticket), refused: None }
    }

    /// Returns the upload of the page at `path`, which takes files of these kinds.
    pub(super) fn upload(self, projects: &Projects, ctx: &Ctx, path: &str, accepted: Accepted) -> Result<Upload> {
        let mut form = Fields::default();
        if let Some(reason) = self.refused.filter(|reason| is_word(reason)) {
            form = form.wrong(FIELD, &reason);
        }
        let waiting = match self.ticket {
            None => None,
            Some(text) => {
                let Ticket { name, sha256, kind, .. } = projects.keys.open(&text, ctx.caller(), ctx.now())?;
                if accepted.takes(kind) {
                    Some(Waiting { ticket: text, name, sha256: crypto::digest::hex(&sha256) })
                } else {
                    form = form.wrong(FIELD, "file_type");
                    None
                }
            }
        };
        let kinds: Vec<String> =
            accepted.kinds().map(|kind: FileKind| ctx.tv("projects-file-kind", kind.word())).collect();
        Ok(Upload {
            action: format!("/files?then={path}"),
            hint: ctx.t1("projects-file-kinds", "kinds", kinds.join(", ")),
            accept: accepted.endings(),
            form,
            waiting,
        })
    }
}

/// Returns whether the text can be one of our reasons; anybody can write into an address.
fn is_word(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}
