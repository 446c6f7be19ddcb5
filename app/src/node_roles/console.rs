//! The role `console`: the operator's pages, error pages, the reference of the API.

use std::sync::Arc;

use anyhow::Result;
use base::Code;
use console::{Console, NodeCard};
use futures_util::{FutureExt, future::BoxFuture};
use utoipa::openapi::OpenApi;

use crate::{parts::Parts, services, serving};

/// The errors of everything that can refuse a request.
static CODES: &[&[&Code]] = &[
    web::error::CODES,
    gateway::CODES,
    gateway::listeners::CODES,
    crypto::keyring::CODES,
    mesh::CODES,
    access::CODES,
    storage::CODES,
    messaging::CODES,
    identity::CODES,
    projects::CODES,
    projects::IMPORT_CODES,
    files::CODES,
    notifications::CODES,
    console::CODES,
    crate::settings::CODES,
];

pub(super) fn start(parts: &Parts) -> BoxFuture<'_, Result<()>> {
    async move {
        let discovery = parts.discovery().await;
        let mail = &parts.settings.mail;
        let console = Console::new(console::Parts {
            services: services::databases_of_services(parts).await?,
            bus: parts.bus().await?,
            consumers: services::consumer_names(),
            nodes: Arc::new(move || NodeCard::all(&discovery)),
            mails: parts.demo.then(|| parts.folder(&mail.folder)),
        });
        let mut service = console::service_with_reference(console, &openapi(), CODES);
        if parts.demo {
            service.router = service.router.merge(web::gallery::routes());
            service.prefixes.push("/design".to_owned());
        }
        serving::serve(parts, service).await
    }
    .boxed()
}

/// Returns the description of the whole API, for the reference page and for `docs/reference`.
pub(crate) fn openapi() -> OpenApi {
    let mut parts = parts_of_the_api().into_iter();
    let mut whole = parts.next().unwrap_or_default();
    parts.for_each(|part| whole.merge(part));
    "Final Project Management System".clone_into(&mut whole.info.title);
    env!("CARGO_PKG_VERSION").clone_into(&mut whole.info.version);
    whole
}

fn parts_of_the_api() -> [OpenApi; 4] {
    [identity::openapi(), projects::openapi(), files::openapi(), notifications::openapi()]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_is_said_of_single_errors_is_about_codes_that_there_are() {
        assert_eq!(web::i18n::check::needless(CODES), Vec::<String>::new());
    }

    #[test]
    fn services_give_one_name_to_one_schema() {
        let mut known = BTreeMap::new();
        for part in parts_of_the_api() {
            for (name, schema) in part.components.unwrap().schemas {
                let other = known.insert(name.clone(), schema.clone());
                assert!(other.is_none_or(|other| other == schema), "`{name}` is described twice");
            }
        }
    }
}
