//! The same forms where the browser runs no script: what a script improves has its own way without it.

use fpms::demo::Demo;
use testkit::{App, Browser, Engine, Installation, Scripts};

use super::steps::{self, SUBMIT, shown_id, upload};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_works_where_no_script_runs() {
    let Some(browser) = Browser::open(1280, 900, Scripts::Blocked).await else { return };
    let (app, demo) = App::start_demo(Installation::on(Engine::Sqlite).await.unwrap()).await;
    no_script_runs(&browser).await;

    sign_in(&app, &browser, &demo, "student").await;
    filters_have_a_button(&app, &browser).await;
    a_form_sent_again_has_one_effect(&app, &browser).await;
    sign_in(&app, &browser, &demo, "supervisor").await;
    a_refusal_keeps_what_was_typed(&app, &browser).await;
    a_step_asks_on_a_page_of_its_own(&app, &browser).await;
    browser.close().await;
    app.stop().await;
}

async fn sign_in(app: &App, browser: &Browser, demo: &Demo, role: &str) {
    let person = demo.people.iter().find(|person| person.role == role).unwrap();
    steps::sign_in(app, browser, &person.email, person.password).await;
}

/// Makes sure of what this test is about: the browser was told to run none, and runs none.
async fn no_script_runs(browser: &Browser) {
    let page = "data:text/html,<title>before</title><script>document.title = 'after'</script>";
    browser.go(page).await;
    assert_eq!(browser.window.title().await.unwrap(), "before");
}

/// With scripts a filter applies itself; without them its button does.
async fn filters_have_a_button(app: &App, browser: &Browser) {
    browser.go(&format!("{}/topics", app.url)).await;
    let every = browser.texts("table tbody tr").await.len();
    let title = browser.texts("table tbody th a").await.first().unwrap().clone();
    browser.fill("q", &title).await;
    browser.click("form[data-filters] button[type=submit]").await;
    browser.sees(&title).await;
    let found = browser.texts("table tbody tr").await.len();
    assert!(found >= 1 && found < every, "{found} of {every} topics are left");
}

/// With scripts a form is sent once; without them the second press gets the first one's answer.
async fn a_form_sent_again_has_one_effect(app: &App, browser: &Browser) {
    browser.go(&format!("{}/", app.url)).await;
    browser.click("main a[href^='/milestones/']").await;
    let milestone = browser.window.current_url().await.unwrap();
    upload(app, browser, "report.pdf", b"%PDF-1.7\n% a report\n%%EOF\n").await;
    let form = browser.window.current_url().await.unwrap();
    browser.click("form[action$='/submit'] button[type=submit]").await;
    browser.sees("Receipt number").await;
    let receipt = shown_id(browser).await;
    browser.window.back().await.unwrap();
    assert_eq!(browser.window.current_url().await.unwrap(), form);
    browser.click("form[action$='/submit'] button[type=submit]").await;
    browser.sees("Receipt number").await;
    assert_eq!(shown_id(browser).await, receipt);
    browser.go(milestone.as_str()).await;
    let versions = browser.texts("table tbody th").await;
    assert_eq!(versions.iter().filter(|name| *name == "report.pdf").count(), 1, "{versions:?}");
}

/// With scripts the summary is focused; without them it names its fields and leads to each all the same.
async fn a_refusal_keeps_what_was_typed(app: &App, browser: &Browser) {
    browser.go(&format!("{}/topics/new", app.url)).await;
    browser.fill("title_en", "Bridges at night").await;
    browser.fill("capacity", "100000").await;
    browser.click(SUBMIT).await;
    browser.find(".error-summary a[href='#f-capacity']").await;
    let told = browser.texts(".error-summary a").await;
    assert!(told.iter().any(|text| text.starts_with("Capacity: ")), "{told:?}");
    browser.find("#f-capacity[aria-invalid=true]").await;
    let kept = browser.find("#f-title_en").await.prop("value").await.unwrap();
    assert_eq!(kept.as_deref(), Some("Bridges at night"));
}

/// With scripts a step asks in a dialog; without them its link opens a page, and so does what it needs to know.
async fn a_step_asks_on_a_page_of_its_own(app: &App, browser: &Browser) {
    browser.go(&format!("{}/supervision", app.url)).await;
    browser.click("#proposals tbody a").await;
    let project = shown_id(browser).await;
    browser.click("a[href$='/steps/reject']").await;
    browser.find("h1").await;
    assert_eq!(browser.window.current_url().await.unwrap().path(), format!("/projects/{project}/steps/reject"));
    browser.fill("reason", "The question is too wide for one year.").await;
    browser.click(SUBMIT).await;
    browser.sees("Rejected").await;
    browser.sees("The question is too wide for one year.").await;
}
