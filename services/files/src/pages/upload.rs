//! The upload of a form: takes the file, then sends the browser on with a ticket, or back with what is wrong with the file.

use axum::{
    extract::{Multipart, State},
    response::Response,
};
use http::HeaderMap;
use serde::Deserialize;
use web::{
    Ctx,
    extract::{OnceKey, Query, Streamed},
};

use crate::{
    Error, Files,
    actions::receive::{admit, receive},
};

/// The form's field with the place to go on to.
const THEN_FIELD: &str = "then";
/// Most bytes of a refused form that are read and thrown away.
pub(crate) const DRAINED_BYTES_MAX: u64 = 1 << 30;
/// Most bytes of that place.
const THEN_BYTES_MAX: usize = 1_000;

/// Where to go on to, when the form's address says so: known before any of its body comes.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    then: Option<String>,
}

/// Takes a file and goes on to `then` with `ticket` added to it. A file that is refused goes back there with `refused` added,
/// so that the form that asked for it says what is wrong.
pub async fn submit(
    State(files): State<Files>,
    ctx: Ctx,
    Query(wanted): Query<Wanted>,
    OnceKey(once): OnceKey,
    headers: HeaderMap,
    Streamed(mut body): Streamed,
) -> web::Result<Response> {
    let caller = ctx.caller();
    let Some(person) = caller.person_id() else { return Err(Error::NotFound.into()) };
    let received = match admit(&files, &headers) {
        Ok(()) => receive(&files, caller, once, &mut body).await,
        Err(error) => Err(error),
    };
    let form = match received {
        Ok(form) => form,
        Err(error) => {
            let heard = drain(body).await;
            return back(&ctx, wanted.then.as_deref().filter(|_| heard), error);
        }
    };
    let then = place(wanted.then.as_deref().or_else(|| form.field(THEN_FIELD))).ok_or(Error::WrongReturn)?;
    let now = files.db.ambient().now();
    let ticket = files.keys.ticket(&form.received.ticket(person), now).map_err(Error::Ticket)?;
    Ok(ctx.redirect(&with(then, "ticket", &ticket)))
}

/// Goes back to the form with what is wrong with the file, when it is the file and not us.
fn back(ctx: &Ctx, then: Option<&str>, error: Error) -> web::Result<Response> {
    match (place(then), error.of_the_file()) {
        (Some(then), Some(reason)) => Ok(ctx.redirect(&with(then, "refused", reason))),
        _ => Err(error.into()),
    }
}

/// Reads what is still being sent, and returns whether that is all: a browser follows a redirect only after it has sent its form.
async fn drain(mut body: Multipart) -> bool {
    let mut bytes = 0_u64;
    while let Ok(Some(mut field)) = body.next_field().await {
        while let Ok(Some(chunk)) = field.chunk().await {
            bytes += chunk.len() as u64;
            if bytes > DRAINED_BYTES_MAX {
                return false;
            }
        }
    }
    true
}

fn with(then: &str, name: &str, value: &str) -> String {
    let joint = if then.contains('?') { '&' } else { '?' };
    format!("{then}{joint}{name}={value}")
}

/// Returns the place when it is a path of this site.
fn place(then: Option<&str>) -> Option<&str> {
    let then = then?;
    let fits = then.len() <= THEN_BYTES_MAX && !then.contains('#');
    (fits && then.starts_with('/') && web::local_path(then) == then).then_some(then)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_of_this_site_are_gone_on_to() {
        assert_eq!(place(Some("/projects/1/submit?step=2")), Some("/projects/1/submit?step=2"));
        for then in
            ["https://evil.example", "//evil.example", "/\\evil.example", "projects", "", "/a\r\nSet-Cookie: x", "/a#b"]
        {
            assert_eq!(place(Some(then)), None, "{then}");
        }
    }
}
