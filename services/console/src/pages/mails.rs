//! The mails of a demonstration: of the caller's own university, the newest first.

use std::{io, path::PathBuf};

use askama::Template;
use axum::{extract::State, response::Response};

use base::Caller;
use contracts::ids::MailId;
use web::{
    Ctx,
    extract::{Path, Signed},
};

use crate::{
    Console, Error, Result,
    model::letter::{Letter, Line},
    policy::{self, permit},
};

/// Mails shown in the list.
const SHOWN_MAX: usize = 100;
/// Files looked at; a demonstration has far fewer.
const FILES_MAX: usize = 20_000;

#[derive(Template)]
#[template(path = "mails.html")]
struct MailsPage {
    ctx: Ctx,
    mails: Vec<(MailId, Letter)>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    ctx: Ctx,
    letter: Letter,
}

pub(crate) async fn list(State(console): State<Console>, Signed(caller): Signed, ctx: Ctx) -> web::Result<Response> {
    permit(&policy::READ_MAILS, &caller, ctx.now())?;
    let folder = folder(&console, &caller)?;
    let mut mails = Vec::new();
    for id in newest(&folder).await? {
        mails.push((id, read(&folder, id).await?));
    }
    let ctx = ctx.title("console-mails").crumb("console-title", "/console");
    web::html(&MailsPage { ctx, mails })
}

pub(crate) async fn show(
    State(console): State<Console>,
    Signed(caller): Signed,
    ctx: Ctx,
    Path(id): Path<MailId>,
) -> web::Result<Response> {
    permit(&policy::READ_MAILS, &caller, ctx.now())?;
    let letter = read(&folder(&console, &caller)?, id).await?;
    let ctx = ctx.title_text(letter.subject.clone()).crumb("console-title", "/console");
    web::html(&MailPage { ctx: ctx.crumb("console-mails", "/console/mails"), letter })
}

fn folder(console: &Console, caller: &Caller) -> Result<PathBuf> {
    let folder = console.parts().mails.as_ref().ok_or(Error::UnknownMail)?;
    Ok(folder.join(&console.tenant(caller)?.slug))
}

/// Returns the newest mails; their ids sort by time.
async fn newest(folder: &std::path::Path) -> Result<Vec<MailId>> {
    let mut files = match tokio::fs::read_dir(folder).await {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::UnreadableMail(Box::new(error))),
    };
    let mut ids: Vec<MailId> = Vec::new();
    while let Some(file) = files.next_entry().await.map_err(|error| Error::UnreadableMail(Box::new(error)))? {
        let name = file.file_name();
        let id: Option<MailId> =
            name.to_str().and_then(|name| name.strip_suffix(".eml")).and_then(|id| id.parse().ok());
        ids.extend(id);
        if ids.len() == FILES_MAX {
            break;
        }
    }
    ids.sort_unstable_by(|one, two| two.cmp(one));
    ids.truncate(SHOWN_MAX);
    Ok(ids)
}

async fn read(folder: &std::path::Path, id: MailId) -> Result<Letter> {
    match tokio::fs::read(folder.join(format!("{id}.eml"))).await {
        Ok(bytes) => Letter::read(&bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::UnknownMail),
        Err(error) => Err(Error::UnreadableMail(Box::new(error))),
    }
}
