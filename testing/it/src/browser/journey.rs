//! A project's whole walk: from a faculty's spreadsheets to the receipt of the final work, by pages alone.

use std::{path::Path, time::Duration};

use testkit::{App, Browser, Engine, Installation, PASSWORD, Scripts};

use super::steps::{self, SUBMIT, shown_id, upload};

const COORDINATOR: &str = "coordinator@uni.example";
const SUMMARY: &str =
    "We count the motorbikes that cross three bridges each morning, and tell the city which lights to lengthen.";
/// Milestones of the cycle's template.
const MILESTONES: usize = 2;
/// What passes between two pieces of work, so that one is the newer; less than any session or token lasts.
const MOMENT: Duration = Duration::from_secs(1);
const THESIS: &[u8] = b"%PDF-1.7\n% the whole of it\n%%EOF\n";
/// The project's history as its page shows it: every step, the newest first.
const HISTORY: [&str; 10] = [
    "Hand in the final work → Submitted",
    "Interim report: Approve → Approved",
    "Interim report: Hand in → Handed in",
    "Literature: Approve → Approved",
    "Literature: Hand in → Handed in",
    "Start → Active",
    "Approve → Approved",
    "Answer and submit again → Proposed",
    "Ask for changes → Changes requested",
    "Submit proposal → Proposed",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_goes_from_the_spreadsheets_to_its_last_receipt() {
    let Some(browser) = Browser::open(1280, 900, Scripts::Run).await else { return };
    let app = App::start(Installation::on(Engine::Sqlite).await.unwrap()).await;
    let tenant = app.tenant("uni").await;
    app.person(tenant.id, COORDINATOR, "coordinator").await;
    let cycle = crate::walk::prepared_cycle(&app, COORDINATOR).await;

    sign_in(&app, &browser, COORDINATOR).await;
    import(&app, &browser).await;
    let cast = crate::walk::cast(&app, tenant.id, COORDINATOR, &cycle).await;

    sign_in(&app, &browser, &cast.student).await;
    let project = propose(&app, &browser, &cast.topic).await;
    sign_in(&app, &browser, &cast.supervisor).await;
    ask_for_a_change(&app, &browser, &project).await;
    sign_in(&app, &browser, &cast.student).await;
    answer_it(&app, &browser, &project).await;
    sign_in(&app, &browser, &cast.supervisor).await;
    approve_and_start(&app, &browser, &project).await;

    for milestone in 1..=MILESTONES {
        app.installation.clock.advance(MOMENT);
        sign_in(&app, &browser, &cast.student).await;
        hand_in(&app, &browser, &project, milestone).await;
        sign_in(&app, &browser, &cast.supervisor).await;
        approve_milestone(&browser).await;
    }
    app.installation.clock.advance(MOMENT);
    sign_in(&app, &browser, &cast.student).await;
    hand_in_the_final_work(&app, &browser, &project).await;
    reads_back(&app, &browser, &project).await;
    browser.close().await;
    app.stop().await;
}

async fn sign_in(app: &App, browser: &Browser, email: &str) {
    steps::sign_in(app, browser, email, PASSWORD).await;
}

/// Uploads the small cohort, sees what is wrong with it, and keeps the good rows.
async fn import(app: &App, browser: &Browser) {
    browser.go(&format!("{}/import", app.url)).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cohort/small").canonicalize().unwrap();
    let files = ["students", "supervisors", "topics", "preferences", "rankings", "rooms", "availability"];
    let paths: Vec<String> =
        files.iter().map(|file| folder.join(format!("{file}.csv")).display().to_string()).collect();
    browser.find("input[name=files]").await.send_keys(&paths.join("\n")).await.unwrap();
    browser.click(SUBMIT).await;
    browser.sees("What would happen").await;
    browser.sees("15 rows are wrong").await;
    browser.click("input[name=mode][value=good_rows]").await;
    browser.click("form[action$='/confirm'] button[type=submit]").await;
    browser.sees("imported").await;
    app.settle().await;
}

/// Proposes on a topic: first with too little, which keeps what was typed, then in full.
async fn propose(app: &App, browser: &Browser, topic: &str) -> String {
    browser.go(&format!("{}/propose?topic={topic}", app.url)).await;
    browser.fill("title_en", "Counting bridges").await;
    browser.fill("summary", "Too short.").await;
    browser.click(SUBMIT).await;
    browser.find("[aria-invalid=true]").await;
    let kept = browser.find("[name=title_en]").await.prop("value").await.unwrap();
    assert_eq!(kept.as_deref(), Some("Counting bridges"));
    browser.fill("summary", SUMMARY).await;
    browser.fill("methods", "Cameras, and patience.").await;
    browser.click(SUBMIT).await;
    browser.sees("Counting bridges").await;
    shown_id(browser).await
}

async fn ask_for_a_change(app: &App, browser: &Browser, project: &str) {
    browser.go(&format!("{}/projects/{project}/changes", app.url)).await;
    browser.fill("requests", "Name the three bridges.").await;
    browser.click(SUBMIT).await;
    browser.sees("Changes requested").await;
}

async fn answer_it(app: &App, browser: &Browser, project: &str) {
    browser.go(&format!("{}/projects/{project}/resubmit", app.url)).await;
    browser.click("input[name=done][value='1']").await;
    browser.click(SUBMIT).await;
    browser.sees("Proposed").await;
}

/// Approves, and starts the project in the dialog that opens for it.
async fn approve_and_start(app: &App, browser: &Browser, project: &str) {
    browser.go(&format!("{}/projects/{project}", app.url)).await;
    browser.click("form[action$='/approve'] button").await;
    browser.sees("Approved").await;
    browser.click("a[href$='/steps/start']").await;
    browser.click("dialog form button[type=submit]").await;
    browser.sees("Active").await;
}

/// Uploads a file for a milestone and hands it in; the page shows the receipt.
async fn hand_in(app: &App, browser: &Browser, project: &str, milestone: usize) {
    browser.go(&format!("{}/projects/{project}", app.url)).await;
    browser.click(&format!("#milestones tbody tr:nth-child({milestone}) a")).await;
    upload(app, browser, "report.pdf", b"%PDF-1.7\n% a report of one line\n%%EOF\n").await;
    browser.click("form[action$='/submit'] button[type=submit]").await;
    browser.sees("Receipt number").await;
}

/// Finds the one milestone that waits in the queue and approves it.
async fn approve_milestone(browser: &Browser) {
    browser.click("nav a[href='/supervision']").await;
    browser.click("#milestones tbody a").await;
    browser.click("button[name=action][value=approve]").await;
    browser.sees("Approved").await;
}

/// Uploads the final work and hands it in: without the declarations it is kept back, with them it gets a receipt.
async fn hand_in_the_final_work(app: &App, browser: &Browser, project: &str) {
    browser.go(&format!("{}/projects/{project}", app.url)).await;
    browser.click(&format!(".page-actions a[href='/projects/{project}/final']")).await;
    upload(app, browser, "thesis.pdf", THESIS).await;
    press_and_agree(browser).await;
    browser.find(".error-summary a[href='#f-declarations.own_work']").await;
    browser.find("input[value=sources_named][aria-invalid=true]").await;
    for declaration in ["own_work", "sources_named"] {
        browser.click(&format!("input[name=declarations][value={declaration}]")).await;
    }
    press_and_agree(browser).await;
    browser.sees("Receipt number").await;
    browser.sees(&crypto::digest::hex(&crypto::digest::sha256(THESIS))).await;
    browser.sees("This is our own work.").await;
}

/// Presses what asks first, and says yes.
async fn press_and_agree(browser: &Browser) {
    browser.click("main form button[data-confirm]").await;
    browser.click("dialog button[value=yes]").await;
}

/// The project's page tells every step, every file and every milestone; the final work comes back byte for byte.
async fn reads_back(app: &App, browser: &Browser, project: &str) {
    browser.go(&format!("{}/projects/{project}", app.url)).await;
    assert_eq!(browser.texts("#history + .timeline li b").await, HISTORY);
    assert_eq!(browser.texts("#milestones tbody .badge").await, ["Approved"; MILESTONES]);
    let files = browser.texts("#files tbody th a").await;
    assert_eq!(files, ["thesis.pdf", "report.pdf", "report.pdf"]);
    browser.click("#files tbody th a").await;
    assert_eq!(browser.downloaded("thesis.pdf").await, THESIS);
}
