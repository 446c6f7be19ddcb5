//! A real browser: Debian's Chromium, driven by its own chromedriver.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

mod devtools;

pub use self::devtools::Screen;

/// Longest wait for something to appear.
const WAIT_MAX: Duration = Duration::from_secs(15);

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    Run,
    /// Blocked in the browser's settings, for every site.
    Blocked,
}

/// A browser window; the browser ends with it.
pub struct Browser {
    /// The window.
    pub window: Client,
    driver: Child,
    /// The browser's own folder; what it downloads goes there, too.
    profile: TempDir,
}

impl Browser {
    /// Opens a window of this size; `None` when there is no Chromium and none is required.
    pub async fn open(width: u32, height: u32, scripts: Scripts) -> Option<Self> {
        let program = crate::program("chromedriver")?;
        let port = crate::free_port();
        let driver = Command::new(program)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let profile = TempDir::new().expect("a profile");
        let window = connect(port, capabilities(profile.path(), (width, height), scripts)).await;
        Some(Self { window, driver, profile })
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

    /// Returns the texts of everything that the CSS selector finds now.
    pub async fn texts(&self, selector: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.window.find_all(Locator::Css(selector)).await.expect("a selector") {
            texts.push(element.text().await.expect("a text"));
        }
        texts
    }

    /// Waits until a file of this name was downloaded and returns its bytes.
    pub async fn downloaded(&self, name: &str) -> Vec<u8> {
        let path = downloads(self.profile.path()).join(name);
        for _ in 0..600 {
            // While bytes are missing the file has another name.
            if let Ok(bytes) = std::fs::read(&path) {
                return bytes;
            }
            // The browser says nothing when a download ends: looking again is the condition that is waited for.
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{name} was not downloaded");
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

fn downloads(profile: &Path) -> PathBuf {
    profile.join("downloads")
}

fn capabilities(profile: &Path, (width, height): (u32, u32), scripts: Scripts) -> Map<String, Value> {
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
    // What Chromium keeps of its page of settings; 1 allows and 2 blocks.
    let scripts = if scripts == Scripts::Run { 1 } else { 2 };
    let preferences = json!({
        "download.default_directory": downloads(profile),
        "profile.default_content_setting_values.javascript": scripts,
    });
    let options = json!({ "args": arguments, "prefs": preferences });
    Map::from_iter([("goog:chromeOptions".to_owned(), options)])
}

async fn connect(port: u16, capabilities: Map<String, Value>) -> Client {
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
