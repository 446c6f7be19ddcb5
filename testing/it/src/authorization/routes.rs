//! What there is to walk through: every method of every path, with its action.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use access::Action;
use base::PersonId;
use console::Console;
use files::{Blobs, Files};
use http::Method;
use notifications::{Folder, Notifications};
use testkit::App;

use super::campus::Campus;
use crate::policy::SERVICES;

/// One method of one path.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) action: Action,
}

impl Route {
    /// Returns whether it is of the API; the others are pages.
    pub(crate) fn is_api(&self) -> bool {
        self.path.starts_with("/api/v1/")
    }

    /// Returns method and path, as the lists of exceptions spell them.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Returns the path with its parameters given; `None` when it names no object of a university.
    pub(super) fn to(&self, ids: &BTreeMap<&'static str, String>) -> Option<String> {
        let filled = ids.iter().fold(self.path.clone(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id));
        (filled != self.path).then(|| with_words(&filled))
    }

    /// Returns the path with its parameters given, whether or not it has any.
    pub(crate) fn anyhow(&self, ids: &BTreeMap<&'static str, String>) -> String {
        self.to(ids).unwrap_or_else(|| with_words(&self.path))
    }
}

/// Gives the parameters that are words.
fn with_words(path: &str) -> String {
    path.replace("{action}", "withdraw").replace("{code}", "WEB-006")
}

/// Returns ids of the same names that nothing has.
pub(super) fn ids_of_nothing(ids: &BTreeMap<&'static str, String>) -> BTreeMap<&'static str, String> {
    let nothing = |number: usize| PersonId::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + number as u128);
    ids.keys().enumerate().map(|(number, name)| (*name, nothing(number).to_string())).collect()
}

/// Returns every route of every service.
pub(crate) async fn all(app: &App) -> Vec<Route> {
    let actions = SERVICES.iter().flat_map(|service| service.policy.actions).copied();
    let actions: BTreeMap<&str, Action> =
        actions.chain([web::reference::READ, web::reference::PREFER]).map(|action| (action.name, action)).collect();
    let operations = services(app).await.into_iter().flat_map(|service| service.operations);
    let route = |operation: web::Operation| Route {
        action: actions[operation.action],
        method: operation.method,
        path: operation
            .path
            .replace("/exports/{file}", "/exports/students.csv")
            .replace("/export/{file}", "/export/students.csv")
            .replace("/notifications/templates/{template}", "/notifications/templates/proposal-approved"),
    };
    operations.map(route).collect()
}

/// Returns what the description of the API tells and the services do not have, or the other way round.
pub(super) async fn differences(campus: &Campus) -> Vec<String> {
    let ours: BTreeSet<String> = services(&campus.app)
        .await
        .into_iter()
        .flat_map(|service| service.operations)
        .filter(|operation| operation.path.starts_with("/api/v1/"))
        .map(|operation| format!("{} {}", operation.method, operation.path))
        .collect();
    let methods = |(path, item): (&String, &serde_json::Value)| -> Vec<String> {
        let words = ["get", "put", "post", "patch", "delete"].into_iter().filter(|word| item.get(word).is_some());
        words.map(|word| format!("{} {path}", word.to_uppercase())).collect()
    };
    let told: BTreeSet<String> = campus.openapi["paths"].as_object().unwrap().iter().flat_map(methods).collect();
    ours.symmetric_difference(&told).map(|name| format!("{name}: served and described differ")).collect()
}

async fn services(app: &App) -> Vec<web::Service> {
    let parts = &app.parts;
    let database = async |name, schema| parts.database(name, schema).await.unwrap();
    let notifications_parts = notifications::Parts {
        keyring: parts.keyring.clone(),
        db: database("notifications", notifications::SCHEMA).await,
        transport: Arc::new(Folder::new(parts.folder("walk"))),
        settings: notifications::Settings {
            mail_folder: parts.folder("walk"),
            mail_from: "fpms@first.example".to_owned(),
            public_address: app.url.clone(),
        },
    };
    let console_parts = console::Parts {
        services: Vec::new(),
        bus: parts.bus().await.unwrap(),
        consumers: Vec::new(),
        nodes: Arc::new(Vec::new),
        mails: None,
    };
    let projects_parts =
        projects::Parts { db: database("projects", projects::schema()).await, keyring: parts.keyring.clone() };
    let files_db = database("files", files::SCHEMA).await;
    let blobs = Blobs::in_folder(&parts.folder("walk")).unwrap();
    let files = Files::new(files_db, blobs, &parts.keyring, files::Settings::default());
    let console = Console::new(console_parts);
    vec![
        identity::service(parts.identity().await.unwrap().clone()),
        projects::service(projects_parts),
        files::service(files),
        notifications::service(Notifications::new(notifications_parts).unwrap()),
        console::service_with_reference(console, &identity::openapi(), &[]),
    ]
}
