//! The pages by which a coordinator makes a cycle and what it is planned by.

use http::StatusCode;

use super::over_http::Site;

#[tokio::test]
async fn a_refused_cycle_names_everything_that_is_wrong_at_once() {
    let site = Site::new().await;
    let form = "name=+&starts_at=&proposals_until_at=2027-01-01T00:00&final_due_at=2027-06-01T00:00\
                &ends_at=2027-07-01T00:00&approvals=supervisor&members_max=2&late_days=0";
    let refused = site.post_form(&site.house.coordinator, "/cycles/new", form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for wrong in ["f-name-wrong", "f-starts_at-wrong", ">Name: Fill this in</a>", ">Starts: Enter a date</a>"] {
        assert!(refused.body.contains(wrong), "{wrong}: {}", refused.body);
    }
}

#[tokio::test]
async fn a_template_is_made_by_its_page_and_copied() {
    let site = Site::new().await;
    let coordinator = &site.house.coordinator;
    let path = "/milestone-templates/new";
    // The milestone between the two is left empty, and the second is wrong.
    let first =
        "items.0.title_en=Outline&items.0.opens_days=0&items.0.due_days=14&items.0.mandatory=on&items.0.accepts=pdf";
    let second = "items.2.title_en=Report&items.2.title_local=&items.2.opens_days=40&items.2.accepts=pdf&items.2.accepts=archive";
    let refused =
        site.post_form(coordinator, path, &format!("name=Short&{first}&{second}&items.2.due_days=soon")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    for kept in
        ["f-items.1.due_days-wrong", "2. Due after days: ", "value=\"soon\"", "value=\"Short\"", "value=\"Outline\""]
    {
        assert!(refused.body.contains(kept), "{kept}: {}", refused.body);
    }
    let early = site.post_form(coordinator, path, &format!("name=+&{first}&{second}&items.2.due_days=30")).await;
    assert!(early.body.contains("f-items.1.due_days-wrong") && early.body.contains("f-name-wrong"), "{}", early.body);
    let empty = site.post_form(coordinator, path, "name=Nothing").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", empty.body);
    assert!(empty.body.contains(">Milestones: Fill this in</a>"), "{}", empty.body);
    let nobody = format!("{path}?from={}", uuid::Uuid::from_u128(7));
    assert_eq!(site.get(coordinator, &nobody, "en").await.status, StatusCode::NOT_FOUND);

    let made = site.post_form(coordinator, path, &format!("name=Short&{first}&{second}&items.2.due_days=60")).await;
    assert_eq!(made.location, "/milestone-templates", "{}", made.body);
    let list = site.get(coordinator, "/milestone-templates", "en").await.body;
    assert!(list.contains("<h2>Short</h2>") && list.contains("PDF, archives"), "{list}");
    let (_, id) = list.split_once("<h2>Short</h2>").unwrap().1.split_once("?from=").unwrap();
    let copy = site.get(coordinator, &format!("{path}?from={}", &id[..36]), "en").await.body;
    assert!(
        copy.contains("value=\"Report\"") && copy.contains("name=\"items.1.due_days\" type=\"number\" value=\"60\""),
        "{copy}"
    );
    let again = site.post_form(coordinator, path, &format!("name=Short&{first}")).await;
    assert!(again.body.contains("f-name-wrong"), "{}", again.body);
}

#[tokio::test]
async fn a_cycle_is_closed_by_the_button_of_its_overview() {
    let site = Site::new().await;
    let coordinator = &site.house.coordinator;
    let page = site.get(coordinator, "/overview", "en").await.body;
    let form = page.split("<form").find(|form| form.contains("Close the cycle")).unwrap();
    let value = |name: &str| form.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0.to_owned();
    let action = form.split_once("name=\"action\" value=\"").unwrap().1.split_once('"').unwrap().0;
    let closed = site.post_form(coordinator, &value("action"), &format!("action={action}")).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.body);
    assert!(site.get(coordinator, &closed.location, "en").await.body.contains("Closed"));
}

#[tokio::test]
async fn a_draft_is_changed_until_it_is_opened() {
    let site = Site::new().await;
    let coordinator = &site.house.coordinator;
    let dates = "starts_at=2027-01-01T00:00&proposals_until_at=2027-02-01T00:00&final_due_at=2027-06-01T00:00&ends_at=2027-07-01T00:00";
    let form = |name: &str| format!("name={name}&{dates}&approvals=supervisor&members_max=2&late_days=0");
    let overview = site.post_form(coordinator, "/cycles/new", &form("Draft")).await.location;
    let id = overview.split_once('=').unwrap().1.split('&').next().unwrap();
    let change = format!("/cycles/{id}/change");
    assert!(site.get(coordinator, &overview, "en").await.body.contains(&change), "the overview leads there");
    let page = site.get(coordinator, &change, "en").await.body;
    for kept in ["value=\"Draft\"", "value=\"2027-02-01T00:00\"", "name=\"version\" value=\"1\""] {
        assert!(page.contains(kept), "{kept}: {page}");
    }
    let refused = site.post_form(coordinator, &change, &format!("version=1&{}", form("+"))).await;
    assert!(refused.body.contains("f-name-wrong") && refused.body.contains("2027-02-01T00:00"), "{}", refused.body);
    let changed = site.post_form(coordinator, &change, &format!("version=1&{}", form("Changed"))).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.body);
    assert!(site.get(coordinator, &overview, "en").await.body.contains("Changed"));
    let stale = site.post_form(coordinator, &change, &format!("version=1&{}", form("Again"))).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED, "{}", stale.body);
    let student = site.house.student(1).await;
    assert_eq!(site.get(&student, &change, "en").await.status, StatusCode::FORBIDDEN);
    site.post_form(coordinator, &format!("/cycles/{id}/steps"), "action=open").await;
    let late = site.post_form(coordinator, &change, &format!("version=3&{}", form("Late"))).await;
    assert!(late.body.contains("The cycle was opened already"), "{}", late.body);
}
