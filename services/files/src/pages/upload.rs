//! The upload of a form: takes the file, then sends the browser on with a ticket.

use axum::{
    extract::{Multipart, State},
    response::Response,
};
use http::HeaderMap;
use web::{
    Ctx,
    extract::{OnceKey, Signed},
};

use crate::{
    Error, Files,
    actions::receive::{admit, receive},
};

/// The form's field with the place to go on to.
const THEN_FIELD: &str = "then";
/// Most bytes of that place.
const THEN_BYTES_MAX: usize = 1_000;

/// Takes a file and goes on to the form's `then` with `ticket` added to it.
pub async fn submit(
    State(files): State<Files>,
    Signed(caller): Signed,
    ctx: Ctx,
    OnceKey(once): OnceKey,
    headers: HeaderMap,
    form: Multipart,
) -> web::Result<Response> {
    admit(&files, &headers)?;
    let Some(person) = caller.person_id() else { return Err(Error::NotFound.into()) };
    let form = receive(&files, &caller, once, form).await?;
    let then = place(form.field(THEN_FIELD)).ok_or(Error::WrongReturn)?;
    let now = files.db.ambient().now();
    let ticket = files.keys.ticket(&form.received.ticket(person), now).map_err(Error::Ticket)?;
    let joint = if then.contains('?') { '&' } else { '?' };
    Ok(ctx.redirect(&format!("{then}{joint}ticket={ticket}")))
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
