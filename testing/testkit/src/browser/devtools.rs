//! What WebDriver has no word for: Chromium's DevTools protocol, through chromedriver.

use std::str::FromStr;

use fantoccini::wd::WebDriverCompatibleCommand;
use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::Browser;

/// What a page is shown on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// Whether the reader prefers dark pages.
    pub dark: bool,
}

#[derive(Debug)]
struct Command {
    name: &'static str,
    parameters: Value,
}

impl Browser {
    /// Shows the page as on another screen, without loading it again. Nothing moves, so that nothing is seen half-way.
    pub async fn show_on(&self, screen: Screen) {
        let Screen { width, height, dark } = screen;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = json!({ "name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" } });
        let still = json!({ "name": "prefers-reduced-motion", "value": "reduce" });
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [scheme, still] })).await;
    }

    /// Takes these cookies along to `url` from now on.
    pub async fn carry(&self, url: &str, cookies: &[(String, String)]) {
        for (name, value) in cookies {
            self.devtools("Network.setCookie", json!({ "url": url, "name": name, "value": value })).await;
        }
    }

    async fn devtools(&self, name: &'static str, parameters: Value) -> Value {
        let answer = self.window.issue_cmd(Command { name, parameters }).await;
        answer.unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.name, "params": self.parameters }).to_string()))
    }
}
