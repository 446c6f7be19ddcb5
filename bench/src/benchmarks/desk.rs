//! A connection to a server for everything that comes before a measurement and after it.

use ::http::StatusCode;
use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{
    http::{Ask, Connection},
    installation,
    server::{Person, Place, Server},
};

/// A connection, and what a browser would say of where its page came from.
pub(super) struct Desk {
    connection: Connection,
    origin: String,
}

impl Desk {
    /// Connects.
    pub(super) async fn open(place: &Place) -> Result<Self> {
        Ok(Self { connection: Connection::open(place.address).await?, origin: place.origin() })
    }

    /// Reads a document.
    pub(super) async fn get(&mut self, path: &str, token: &str) -> Result<Value> {
        let answer = self.connection.send(&Ask::get(path).by(token)).await?;
        answer.expect(StatusCode::OK).with_context(|| path.to_owned())?.json()
    }

    /// Sends a document as somebody who has not signed in.
    pub(super) async fn post(&mut self, path: &str, body: &Value, status: StatusCode) -> Result<()> {
        let ask = Ask::post(path, body).with("origin", &self.origin).with("idempotency-key", new_key());
        self.connection.send(&ask).await?.expect(status).with_context(|| path.to_owned()).map(|_| ())
    }

    /// Signs the coordinator in and makes a token for them.
    pub(super) async fn coordinator(&mut self, server: &Server) -> Result<String> {
        let person = server.people.iter().find(|person| person.role == "coordinator").context("no coordinator")?;
        self.token(person).await
    }

    /// Signs somebody in and makes a token for them.
    pub(super) async fn token(&mut self, person: &Person) -> Result<String> {
        let body = json!({ "email": person.email, "password": person.password });
        let ask = Ask::post("/api/v1/session", &body).with("origin", &self.origin).with("idempotency-key", new_key());
        let answer = self.connection.send(&ask).await?.expect(StatusCode::CREATED).context("sign-in")?;
        let cookie = answer.headers.get("set-cookie").context("no cookie")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let body = json!({ "name": "bench", "scopes": ["*"], "days": 1 });
        let ask = Ask::post("/api/v1/tokens", &body).with("cookie", cookie).with("origin", &self.origin);
        let answer = self.connection.send(&ask.with("idempotency-key", new_key())).await?;
        text(&answer.expect(StatusCode::CREATED).context("token")?.json()?, "token")
    }
}

/// Makes a key that no request had before.
pub(super) fn new_key() -> String {
    format!("{:032x}", u128::from_ne_bytes(installation::ambient().bytes()))
}

/// Returns the items of a page.
pub(super) fn items(page: &Value) -> &[Value] {
    list(page, "items")
}

/// Returns a list by its name; none is an empty one.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns a text by its name.
pub(super) fn text(value: &Value, name: &str) -> Result<String> {
    let text = value.get(name).and_then(Value::as_str);
    Ok(text.with_context(|| format!("the answer has no `{name}`"))?.to_owned())
}
