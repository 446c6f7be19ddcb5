//! A real HTTP client with a cookie jar, as a browser without scripts is: it does not follow redirects by itself.

use reqwest::{Method, RequestBuilder, Response, StatusCode, header, redirect::Policy};
use serde_json::Value;

/// A client of one person.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: header::HeaderMap,
    /// The body.
    pub body: String,
}

impl Client {
    /// Returns a client with an empty jar.
    pub fn new(url: &str) -> Self {
        let http = reqwest::Client::builder().cookie_store(true).redirect(Policy::none()).build().expect("a client");
        Self { http, url: url.to_owned() }
    }

    /// Returns a client of the same person, with the same jar, at another gateway.
    #[must_use]
    pub fn at(&self, url: &str) -> Self {
        Self { http: self.http.clone(), url: url.to_owned() }
    }

    /// Returns a request of `path`; sent with [`Client::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        // What a browser says of its own forms and scripts.
        self.http.request(method, format!("{}{path}", self.url)).header("sec-fetch-site", "same-origin")
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response: Response = request.send().await.expect("the gateway answers");
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: response.text().await.expect("a whole body") }
    }

    /// Gets a page or a resource.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Gets a page or a resource until it has this status.
    pub async fn get_until(&self, path: &str, status: u16) -> Answer {
        for _ in 0..400 {
            let answer = self.get(path).await;
            if answer.status.as_u16() == status {
                return answer;
            }
            // Nobody says when it will be so: asking is the condition that is waited for.
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("{path} does not become {status}");
    }

    /// Posts a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Posts a JSON body and returns the status; `None` when no whole answer came.
    pub async fn try_post(&self, path: &str, body: &Value) -> Option<u16> {
        let answer = self.request(Method::POST, path).json(body).send().await.ok()?;
        let status = answer.status().as_u16();
        answer.bytes().await.ok()?;
        Some(status)
    }

    /// Posts a form.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.request(Method::POST, path).form(fields)).await
    }

    /// Signs in through the page.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.submit("/sign-in", &[("email", email), ("password", password)]).await
    }
}

impl Answer {
    /// Checks the status and returns the answer.
    #[expect(clippy::return_self_not_must_use, reason = "often only the status matters")]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}\n{}", self.status, self.body);
        self
    }

    /// Returns the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// Returns a header's text, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Returns where it redirects to.
    pub fn location(&self) -> &str {
        self.header("location")
    }
}
