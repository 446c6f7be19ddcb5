//! The kit's own files: style sheet, script, drawing; each under an address that names its content.

use std::sync::LazyLock;

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use crypto::digest;
use http::header;

use crate::{Failure, markup::Markup};

mod icons;

struct Asset {
    name: &'static str,
    media: &'static str,
    content: &'static [u8],
}

/// The style sheet, in the order in which its parts override one another.
const CSS: &str = concat!(
    include_str!("../assets/css/tokens.css"),
    include_str!("../assets/css/ground.css"),
    include_str!("../assets/css/frame.css"),
    include_str!("../assets/css/messages.css"),
    include_str!("../assets/css/buttons.css"),
    include_str!("../assets/css/forms.css"),
    include_str!("../assets/css/surfaces.css"),
    include_str!("../assets/css/tables.css"),
    include_str!("../assets/css/figures.css"),
    include_str!("../assets/css/dialogs.css"),
    include_str!("../assets/css/narrow.css"),
    include_str!("../assets/css/media.css"),
);

static ASSETS: &[Asset] = &[
    Asset { name: "kit.css", media: "text/css; charset=utf-8", content: CSS.as_bytes() },
    Asset { name: "kit.js", media: "text/javascript; charset=utf-8", content: include_bytes!("../assets/kit.js") },
    Asset { name: "mark.svg", media: "image/svg+xml", content: include_bytes!("../assets/mark.svg") },
];

/// One digest over all: pages of one version ask for files of one version.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut digest = digest::Sha256::new();
    for asset in ASSETS {
        digest.update(asset.content);
    }
    digest::hex(digest.finish().first_chunk::<8>().map_or(&[][..], |bytes| bytes))
});

/// Returns the address of an asset.
pub(crate) fn address(name: &str) -> String {
    format!("/assets/{}/{name}", *VERSION)
}

/// Returns an icon as inline SVG, hidden from assistive technology: the text beside it says what it means.
pub(crate) fn icon(name: &str) -> Markup {
    Markup::trusted(format!(
        "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\" focusable=\"false\">{}</svg>",
        icons::drawing(name)
    ))
}

/// Returns the names of all icons.
pub(crate) fn icon_names() -> impl Iterator<Item = &'static str> {
    icons::names()
}

/// Returns the routes of the assets; public, and the same for everybody.
pub fn routes() -> Router {
    Router::new().route("/assets/{version}/{name}", get(serve))
}

/// An older version's address answers with what we have: better a new style sheet than none while nodes are exchanged.
async fn serve(Path((version, name)): Path<(String, String)>) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return Failure::not_found().into_response();
    };
    let keep = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-cache" };
    ([(header::CONTENT_TYPE, asset.media), (header::CACHE_CONTROL, keep)], asset.content).into_response()
}

#[cfg(test)]
mod tests;
