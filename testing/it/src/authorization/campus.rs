//! Two universities: the first with a faculty in the middle of its year, the second with somebody who is everything there.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use base::TenantId;
use contracts::roles::names;
use http::Method;
use identity::model::{membership::NewMembership, person::ProfileInput};
use serde_json::{Value, json};
use testkit::{Answer, App, Client};

use super::{bodies::Body, things};

/// Host name of the first university; it is how a request of nobody in particular belongs there.
pub(super) const HOST: &str = "first.example";

/// The two universities and who walks through them.
pub(super) struct Campus {
    pub(super) app: App,
    /// What a path parameter names in the first university.
    pub(super) ids: BTreeMap<&'static str, String>,
    /// The description of the API, as the gateway hands it out.
    pub(super) openapi: Value,
    pub(super) nobody: Visitor,
    /// Signed in at the first university, with no role that anything asks for.
    pub(super) weakest: Visitor,
    /// Holds every role of the second university.
    pub(super) stranger: Visitor,
    /// Administers the first university, but shows a token that was given nothing that there is.
    pub(super) narrow: Visitor,
    asked: AtomicU64,
}

/// Somebody's browser, and the API token that they use beside it.
pub(super) struct Visitor {
    client: Client,
    token: Option<String>,
    /// Proves an upload of theirs.
    pub(super) ticket: String,
}

impl Campus {
    pub(super) async fn of(app: App) -> Self {
        let first = app.tenant("first").await.id;
        let second = app.tenant("second").await.id;
        let projects = app.parts.database("projects", projects::schema()).await.unwrap();
        ::projects::demo::seed(&projects, first).await.unwrap();
        let resident = app.person(first, "resident@first.example", names::ADMINISTRATOR).await;
        app.person(first, "weakest@first.example", names::EXTERNAL).await;
        everything(&app, second, "stranger@second.example").await;
        let narrow = Visitor::signed_in(&app, "resident@first.example", "nothing.read").await;
        let weakest = Visitor::signed_in(&app, "weakest@first.example", "*").await;
        let stranger = Visitor::signed_in(&app, "stranger@second.example", "*").await;
        let nobody = Visitor { client: app.visitor(), token: None, ticket: "none".to_owned() };
        let ids = things::of(&app, first, resident).await;
        let openapi = nobody.client.get("/api/openapi.json").await.expect(200).json();
        Self { app, ids, openapi, nobody, weakest, stranger, narrow, asked: AtomicU64::new(0) }
    }

    /// Sends one request: to the API with the visitor's token, to a page with their cookie.
    pub(super) async fn ask(&self, visitor: &Visitor, method: &Method, path: &str, body: Body) -> Answer {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let mut request =
            visitor.client.request(method.clone(), path).header("idempotency-key", format!("walk-{number}"));
        request = match (&visitor.token, with_token(path)) {
            (Some(token), true) => request.bearer_auth(token),
            (Some(_), false) => request,
            (None, _) => request.header("host", HOST),
        };
        if method == Method::POST || method == Method::PUT || method == Method::PATCH {
            request = request.header("if-match", "\"v1\"");
        }
        visitor.client.send(body.into_request(request)).await
    }
}

impl Visitor {
    async fn signed_in(app: &App, email: &str, scope: &str) -> Self {
        let client = app.visitor();
        let university = email.split(['@', '.']).nth(1).unwrap();
        let fields = [("email", email), ("password", testkit::app::PASSWORD), ("university", university)];
        let _ = client.submit("/sign-in", &fields).await.expect(303);
        let new = json!({ "name": "walk", "scopes": [scope], "days": 30 });
        let made = client.post("/api/v1/tokens", &new).await.expect(201).json();
        let token = made["token"].as_str().unwrap().to_owned();
        let upload = Body::File.into_request(client.request(Method::POST, "/api/v1/files"));
        let uploaded = client.send(upload).await.expect(201).json();
        let ticket = uploaded["ticket"].as_str().unwrap().to_owned();
        Self { client, token: Some(token), ticket }
    }
}

/// Returns whether a request is made with the token: not one that only somebody who signed in may make.
pub(super) fn with_token(path: &str) -> bool {
    path.starts_with("/api/v1/") && !path.starts_with("/api/v1/session") && !path.starts_with("/api/v1/tokens")
}

/// Adds somebody who holds every role of a university.
async fn everything(app: &App, tenant: TenantId, email: &str) {
    use identity::actions::tenants::{NewUser, create_user, make_operator};
    let profile = ProfileInput {
        name: "Stranger".to_owned(),
        email: email.to_owned(),
        language: "en".to_owned(),
        ..ProfileInput::default()
    };
    let roles = contracts::roles::ROLES.iter().filter(|(role, _)| *role != names::OPERATOR);
    let roles = roles.map(|(role, _)| NewMembership::everywhere(role));
    let password = Some(crypto::Secret::new(testkit::app::PASSWORD));
    let new = NewUser { profile, memberships: roles.collect(), password };
    let identity = app.parts.identity().await.unwrap();
    let made = create_user(identity, tenant, new).await.unwrap();
    make_operator(identity, tenant, made.person.id).await.unwrap();
}
