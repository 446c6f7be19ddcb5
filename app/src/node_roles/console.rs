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
    gateway::acme::CODES,
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
    web::manners::whole(whole, gateway::COOKIE_HTTPS)
}

fn parts_of_the_api() -> [OpenApi; 4] {
    [identity::openapi(), projects::openapi(), files::openapi(), notifications::openapi()]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;

    #[test]
    fn what_is_said_of_single_errors_is_about_codes_that_there_are() {
        assert_eq!(web::i18n::check::needless(CODES), Vec::<String>::new());
    }

    /// Texts of requests of which the model bounds no characters: words of a list, tickets, and what the size of a body bounds alone.
    const UNBOUNDED: [&str; 15] = [
        "FinalWork.declarations",
        "FinalWork.ticket",
        "HandIn.ticket",
        "ImportForm.mapping",
        "NewMembershipBody.role",
        "NewPersonBody.language",
        "NewProject.members",
        "NewRoleBody.role",
        "NewTokenBody.scopes",
        "PersonChangeBody.language",
        "ResetBody.email",
        "ResetBody.university",
        "SignInBody.email",
        "SignInBody.university",
        "StudentBody.gpa",
    ];

    #[test]
    fn every_number_and_text_of_a_request_has_its_limits_in_the_document() {
        let document = serde_json::to_value(openapi()).unwrap();
        let mut wanted: Vec<String> = Vec::new();
        let operations =
            document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
        for operation in operations.clone() {
            names(&operation["requestBody"], &mut wanted);
        }
        let (mut seen, mut unbounded) = (Vec::new(), Vec::new());
        while let Some(name) = wanted.pop() {
            if !seen.contains(&name) {
                let schema = &document["components"]["schemas"][&name];
                names(schema, &mut wanted);
                unlimited(&name, schema, &mut unbounded);
                seen.push(name);
            }
        }
        unbounded.sort();
        assert_eq!(unbounded, UNBOUNDED);
        let parameters = operations.filter_map(|operation| operation["parameters"].as_array()).flatten();
        for parameter in parameters.filter(|parameter| parameter["schema"]["type"] == "integer") {
            assert!(parameter["schema"]["maximum"].is_number(), "{parameter}");
        }
    }

    #[test]
    fn the_document_tells_of_keys_versions_and_credentials() {
        let document = serde_json::to_value(openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
        });
        let (mut open, mut versioned) = (Vec::new(), 0);
        for (name, operation) in operations {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let parameter = |wanted: &str| parameters.iter().find(|parameter| parameter["name"] == wanted);
            assert_eq!(parameter("Idempotency-Key").is_some(), name.starts_with("post "), "{name}");
            let told = !operation["responses"]["200"]["headers"]["ETag"]["schema"]["pattern"].is_null();
            let changes = name.starts_with("put ") || name.starts_with("patch ");
            let required = parameter("If-Match").is_some_and(|parameter| parameter["required"] == true);
            assert_eq!(required, told && changes, "{name}");
            versioned += usize::from(told);
            if operation["security"].as_array().is_some_and(Vec::is_empty) {
                open.push(name);
            }
        }
        assert!(versioned > 10, "{versioned}");
        open.sort();
        assert_eq!(
            open,
            [
                "delete /api/v1/session",
                "delete /api/v1/sessions/{session}",
                "post /api/v1/password-resets",
                "post /api/v1/password-resets/chosen",
                "post /api/v1/session",
            ]
        );
        let schemes = document["components"]["securitySchemes"].as_object().unwrap();
        for wanted in document["security"].as_array().unwrap() {
            assert!(wanted.as_object().unwrap().keys().all(|name| schemes.contains_key(name)), "{wanted}");
        }
    }

    /// Adds the names of the schemas that `value` refers to.
    fn names(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                let name = members.get("$ref").and_then(|to| to.as_str()?.rsplit('/').next());
                found.extend(name.map(str::to_owned));
                members.values().for_each(|member| names(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| names(item, found)),
            _ => {}
        }
    }

    /// Adds the members of a schema whose numbers or texts have no limits.
    fn unlimited(name: &str, schema: &Value, found: &mut Vec<String>) {
        for (member, schema) in schema["properties"].as_object().into_iter().flatten() {
            let of = if schema["items"].is_object() { &schema["items"] } else { schema };
            let is =
                |kind: &str| of["type"] == kind || of["type"].as_array().is_some_and(|all| all.contains(&kind.into()));
            let number = is("integer") && !(of["minimum"].is_number() && of["maximum"].is_number());
            let told = ["maxLength", "format", "enum"].iter().any(|limit| !of[limit].is_null());
            if number || is("string") && !told {
                found.push(format!("{name}.{member}"));
            }
        }
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
