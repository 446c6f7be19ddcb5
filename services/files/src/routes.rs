//! The table of contents: every path, what answers it, and the action that it is.

use axum::routing::{get, post};
use contracts::roles::VOCABULARY;
use utoipa::openapi::OpenApi;
use web::Intake;

use crate::{Files, api, error, pages, policy};

/// What every process knows of this service.
pub static SITE: web::Site = web::Site {
    name: "files",
    vocabulary: &VOCABULARY,
    nav: &[],
    texts: &[("en", include_str!("../texts/en.ftl")), ("lo", include_str!("../texts/lo.ftl"))],
    codes: error::CODES,
};

/// Returns the service with its routes.
pub fn service(files: Files) -> web::Service {
    routes().with_state(files)
}

/// Returns the description of the service's API.
pub fn openapi() -> OpenApi {
    routes().openapi()
}

fn routes() -> web::Routes<Files> {
    web::Routes::new("files", &VOCABULARY)
        .page_with(Intake::Stream, policy::UPLOAD, "/files", post(pages::upload::submit))
        .page(policy::DOWNLOAD, "/files/{file}", get(pages::download::show))
        .api_with(Intake::Stream, policy::UPLOAD, web::routes!(api::upload_file::upload_file))
        .api(policy::DOWNLOAD, web::routes!(api::show_file::show_file))
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_schemas_share_a_name() {
        assert_eq!(super::routes().collisions(), [""; 0]);
    }
}
