//! Every page that there is, as everybody who may see it, on a phone and on a desk, light and dark, in every language: nothing
//! is too small, too pale, nameless, or wider than the screen.
//!
//! The pages are those of the routes, so that a new one cannot be forgotten: it is looked at, or the test says that nobody sees it.

use serde_json::{Value, json};
use testkit::{App, Browser, Engine, Installation, Screen, Scripts};

use self::{
    faculty::Faculty,
    places::{Place, places},
};

mod faculty;
mod places;

/// Returns what is wrong with the page as it is shown, given its language and whether to go through it with the keyboard.
const LOOK: &str = include_str!("every_page/look.js");
const LANGUAGES: [&str; 2] = ["en", "lo"];
const SCREENS: [Screen; 4] = [screen(PHONE, false), screen(PHONE, true), screen(DESK, true), screen(DESK, false)];
/// Widths in CSS pixels.
const PHONE: u32 = 390;
const DESK: u32 = 1280;

const fn screen(width: u32, dark: bool) -> Screen {
    Screen { width, height: 900, dark }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_fits_can_be_read_and_can_be_reached() {
    let Some(browser) = Browser::open(1280, 900, Scripts::Run).await else { return };
    let faculty = Faculty::of(Installation::on(Engine::Sqlite).await.unwrap()).await;
    let (places, mut found) = places(&faculty).await;
    for language in LANGUAGES {
        for visitor in &faculty.visitors {
            let chosen = ("fpms_language".to_owned(), language.to_owned());
            browser.carry(&faculty.app.url, &[visitor.cookies.as_slice(), &[chosen]].concat()).await;
            let theirs = places.iter().filter(|place| place.visitor == visitor.name);
            // The words of a page are the same for all who see it: another language is looked at once.
            for place in theirs.filter(|place| place.first || language == LANGUAGES[0]) {
                found.extend(wrong_with(&faculty.app, &browser, place, language).await);
            }
            browser.window.delete_all_cookies().await.unwrap();
        }
    }
    browser.close().await;
    faculty.app.stop().await;
    assert!(found.is_empty(), "{} of {} pages' faults:\n{}", found.len(), places.len(), found.join("\n"));
}

/// Looks at one page on every screen.
async fn wrong_with(app: &App, browser: &Browser, place: &Place, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    browser.go(&format!("{}{}", app.url, place.path)).await;
    // Who sees more of a page than others did gets no other style sheet: two screens tell.
    for screen in SCREENS.into_iter().step_by(if place.first { 1 } else { 2 }) {
        browser.show_on(screen).await;
        let wrong = browser.window.execute(LOOK, vec![json!(language), json!(screen.width > PHONE)]).await.unwrap();
        let wrong: Vec<Value> = wrong.as_array().unwrap().clone();
        let tone = if screen.dark { "dark" } else { "light" };
        let at = format!("{} as {} ({language}, {}, {tone})", place.path, place.visitor, screen.width);
        found.extend(wrong.iter().map(|one| format!("{at}: {}", one.as_str().unwrap())));
    }
    found
}
