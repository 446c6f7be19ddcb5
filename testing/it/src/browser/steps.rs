//! What every walk in a browser does the same way.

use testkit::{App, Browser};

/// The button of the page's one form.
pub(super) const SUBMIT: &str = "main form button[type=submit]";

/// Signs in as somebody, whoever was signed in before.
pub(super) async fn sign_in(app: &App, browser: &Browser, email: &str, password: &str) {
    browser.window.delete_all_cookies().await.unwrap();
    browser.go(&format!("{}/sign-in", app.url)).await;
    browser.fill("email", email).await;
    browser.fill("password", password).await;
    browser.click(SUBMIT).await;
    browser.sees("My tasks").await;
}

/// Uploads a file by the page's form; the next page shows its name.
pub(super) async fn upload(app: &App, browser: &Browser, name: &str, content: &[u8]) {
    let file = app.installation.folder.join(name);
    std::fs::write(&file, content).unwrap();
    browser.find("input[name=file]").await.send_keys(&file.display().to_string()).await.unwrap();
    browser.click(SUBMIT).await;
    browser.sees(name).await;
}

/// Returns the last part of the window's address: the id of what a page shows.
pub(super) async fn shown_id(browser: &Browser) -> String {
    let url = browser.window.current_url().await.unwrap();
    url.path().rsplit('/').next().unwrap().to_owned()
}
