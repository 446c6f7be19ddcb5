//! A real browser: Debian's Chromium, driven by its own chromedriver.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;
use tempfile::TempDir;

/// Longest wait for something to appear.
const WAIT_MAX: Duration = Duration::from_secs(15);

/// A browser window; the browser ends with it.
pub struct Browser {
    /// The window.
    pub window: Client,
    driver: Child,
    _profile: TempDir,
}

impl Browser {
    /// Opens a window of this size; `None` when there is no Chromium and none is required.
    pub async fn open(width: u32, height: u32) -> Option<Self> {
        if !Path::new("/usr/bin/chromedriver").exists() {
            assert!(!crate::engine::required(), "chromedriver is missing: run the tests with `cargo xtask test`");
            return None;
        }
        let port = free_port();
        let driver = Command::new("/usr/bin/chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let profile = TempDir::new().expect("a profile");
        let window = connect(port, profile.path(), width, height).await;
        Some(Self { window, driver, _profile: profile })
    }

    /// Goes to `url`.
    pub async fn go(&self, url: &str) {
        self.window.goto(url).await.expect("the page loads");
    }

    /// Types `text` into the field of this name.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.find(&format!("[name='{name}']")).await;
        field.clear().await.expect("an empty field");
        field.send_keys(text).await.expect("typing");
    }

    /// Clicks what the CSS selector finds.
    pub async fn click(&self, selector: &str) {
        self.find(selector).await.click().await.expect("a click");
    }

    /// Waits until the page shows `text`.
    pub async fn sees(&self, text: &str) {
        let shown = format!("//body[contains(normalize-space(.), {})]", json!(text));
        let found = self.window.wait().at_most(WAIT_MAX).for_element(Locator::XPath(&shown)).await;
        if found.is_err() {
            let url = self.window.current_url().await.map(|url| url.to_string()).unwrap_or_default();
            let body = self.find("body").await.text().await.unwrap_or_default();
            panic!("{url} does not show `{text}` but:\n{body}");
        }
    }

    /// Waits for what the CSS selector finds.
    pub async fn find(&self, selector: &str) -> fantoccini::elements::Element {
        let found = self.window.wait().at_most(WAIT_MAX).for_element(Locator::Css(selector)).await;
        found.unwrap_or_else(|error| panic!("nothing on the page is `{selector}`: {error}"))
    }

    /// Closes the window.
    pub async fn close(mut self) {
        // The driver ends right after, and the window with it.
        let _ = self.window.clone().close().await;
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

async fn connect(port: u16, profile: &Path, width: u32, height: u32) -> Client {
    let arguments = [
        "--headless".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        format!("--user-data-dir={}", profile.display()),
        format!("--window-size={width},{height}"),
    ];
    let mut capabilities = serde_json::Map::new();
    capabilities.insert("goog:chromeOptions".to_owned(), json!({ "args": arguments }));
    let address = format!("http://127.0.0.1:{port}");
    for _ in 0..100 {
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        if let Ok(window) = builder.capabilities(capabilities.clone()).connect(&address).await {
            return window;
        }
        // The driver does not say when it listens: asking is the condition that is waited for.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("chromedriver does not answer on {address}");
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
