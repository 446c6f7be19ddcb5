//! People, their roles and their passwords.

use std::time::Duration;

use base::{Caller, Fault, PageRequest, PersonId};
use contracts::{events::identity::MailRequested, ids::MembershipId, passes::mail_link_context};
use futures_util::FutureExt;
use storage::params;

use super::{PASSWORD, World, once, university, user};
use crate::{
    Error, Result,
    actions::{
        memberships,
        passwords::{self, Choice, ResetRequest},
        people::{self, NewPerson, PeopleQuery, PersonChange, Sort},
        tenants,
    },
    model::{
        link::Purpose,
        membership::NewMembership,
        person::{ProfileInput, Status},
    },
};

storage::statements! {
    /// Reads the newest mail's event.
    NEWEST_MAIL: scan [outbox] = "SELECT data FROM outbox WHERE tenant_id = $1 AND event_type = 'identity.mail.requested' \
        ORDER BY sequence DESC LIMIT 1";
    /// Counts events of a type.
    COUNT_EVENTS: scan [outbox] = "SELECT COUNT(*) FROM outbox WHERE tenant_id = $1 AND event_type = $2";
    /// Counts audit records.
    COUNT_RECORDS: scan [audit_record] = "SELECT COUNT(*) FROM audit_record WHERE tenant_id = $1 AND action = $2 AND outcome = $3";
}

async fn count_records(world: &World, action: &'static str, outcome: &'static str) -> i64 {
    let row: Result<(i64,)> = world
        .identity
        .read(&world.nobody(), |tx| {
            async move { Ok(tx.fetch_one(&COUNT_RECORDS, params![action, outcome]).await?) }.boxed()
        })
        .await;
    row.unwrap().0
}

pub(super) async fn count_events(world: &World, event_type: &'static str) -> i64 {
    let row: Result<(i64,)> = world
        .identity
        .read(&world.nobody(), |tx| async move { Ok(tx.fetch_one(&COUNT_EVENTS, params![event_type]).await?) }.boxed())
        .await;
    row.unwrap().0
}

/// The token in the newest mail's link, and the page that it leads to.
async fn newest_link(world: &World) -> (String, String) {
    let row: Result<(String,)> = world
        .identity
        .read(&world.nobody(), |tx| async move { Ok(tx.fetch_one(&NEWEST_MAIL, params![]).await?) }.boxed())
        .await;
    let event: MailRequested = serde_json::from_str(&row.unwrap().0).unwrap();
    let context = mail_link_context(world.tenant, event.mail);
    let link = world.identity.links().open(&context, &event.sealed_link.unwrap()).unwrap();
    let (path, token) = link.expose().split_once("?token=").unwrap();
    (path.to_owned(), token.to_owned())
}

async fn choose(world: &World, token: &str, purpose: Purpose, password: &str, key: Option<&str>) -> Result<()> {
    let choice = Choice { token: token.into(), purpose, password: password.into() };
    passwords::choose_password(&world.identity, &world.nobody(), key.map(once), choice).await.map(|_| ())
}

async fn ask_reset(world: &World, email: &str) -> Result<()> {
    let request = ResetRequest { email: email.to_owned(), address: "192.0.2.9".to_owned() };
    passwords::request_reset(&world.identity, &world.nobody(), world.tenant, None, request).await
}

fn new_person(given: &str, email: &str) -> NewPerson {
    let profile = ProfileInput {
        family_name: "ວົງສະຫວັນ".to_owned(),
        given_name: given.to_owned(),
        email: email.to_owned(),
        language: "lo".to_owned(),
        ..ProfileInput::default()
    };
    NewPerson { profile, invite: !email.is_empty(), ..NewPerson::default() }
}

async fn create(world: &World, caller: &Caller, new: NewPerson) -> Result<people::Saved> {
    let links = world.identity.links();
    world.identity.write(caller, None, |tx| people::create_person(tx, links, new).boxed()).await
}

async fn change(
    world: &World,
    caller: &Caller,
    id: PersonId,
    version: i64,
    change: PersonChange,
) -> Result<people::Saved> {
    world.identity.write(caller, None, move |tx| people::change_person(tx, id, Some(version), change).boxed()).await
}

#[tokio::test]
async fn an_invited_person_chooses_a_password_once_and_signs_in() {
    let world = World::new().await;
    let ada = world.ada().await;
    create(&world, &ada, new_person("Thao", "thao@uni.example")).await.unwrap();
    let (path, token) = newest_link(&world).await;
    assert_eq!(path, "/invitation");
    world.sign_in("thao@uni.example", PASSWORD, None).await.unwrap_err();
    let weak = choose(&world, &token, Purpose::Invitation, "Thao2027!", None).await.unwrap_err();
    assert_eq!(weak.code().id, "IDN-003");
    let wrong = choose(&world, &token, Purpose::PasswordReset, PASSWORD, None).await.unwrap_err();
    assert!(matches!(wrong, Error::LinkEnded));
    choose(&world, &token, Purpose::Invitation, PASSWORD, Some("k")).await.unwrap();
    choose(&world, &token, Purpose::Invitation, PASSWORD, Some("k")).await.unwrap();
    assert!(matches!(choose(&world, &token, Purpose::Invitation, PASSWORD, None).await, Err(Error::LinkEnded)));
    world.sign_in("thao@uni.example", PASSWORD, None).await.unwrap();
}

#[tokio::test]
async fn a_reset_link_is_good_for_half_an_hour_and_ends_every_session() {
    let world = World::new().await;
    let cookie = world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap().credential.expose();
    ask_reset(&world, "ada@uni.example").await.unwrap();
    let (path, old) = newest_link(&world).await;
    assert_eq!(path, "/password/reset");
    ask_reset(&world, "Ada@Uni.Example").await.unwrap();
    let (_, token) = newest_link(&world).await;
    assert!(matches!(choose(&world, &old, Purpose::PasswordReset, PASSWORD, None).await, Err(Error::LinkEnded)));
    choose(&world, &token, Purpose::PasswordReset, "another good secret", None).await.unwrap();
    assert!(world.caller_of(&cookie).await.as_person().is_none());
    world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap_err();
    world.sign_in("ada@uni.example", "another good secret", None).await.unwrap();
    ask_reset(&world, "ada@uni.example").await.unwrap();
    let (_, late) = newest_link(&world).await;
    world.wait(Duration::from_mins(30));
    assert!(matches!(choose(&world, &late, Purpose::PasswordReset, PASSWORD, None).await, Err(Error::LinkEnded)));
}

#[tokio::test]
async fn asking_for_a_new_password_says_nothing_about_who_exists() {
    let world = World::new().await;
    ask_reset(&world, "nobody@uni.example").await.unwrap();
    assert_eq!(count_events(&world, "identity.mail.requested").await, 0);
    ask_reset(&world, "ada@uni.example").await.unwrap();
    assert_eq!(count_events(&world, "identity.mail.requested").await, 1);
}

#[tokio::test]
async fn changing_the_password_needs_the_present_one_and_ends_the_other_sessions() {
    let world = World::new().await;
    let other = world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap().credential.expose();
    let here = world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap().credential.expose();
    let caller = world.caller_of(&here).await;
    let change = |present: &str, chosen: &str| {
        passwords::change_password(&world.identity, &caller, None, present.into(), chosen.into())
    };
    assert_eq!(change("wrong", "another good secret").await.unwrap_err().fields()[0].field, "present");
    assert_eq!(change(PASSWORD, "password").await.unwrap_err().code().id, "IDN-003");
    change(PASSWORD, "another good secret").await.unwrap();
    assert!(world.caller_of(&here).await.as_person().is_some());
    assert!(world.caller_of(&other).await.as_person().is_none());
}

#[tokio::test]
async fn people_are_listed_by_name_page_by_page_and_found_by_what_is_typed() {
    let world = World::new().await;
    let ada = world.ada().await;
    for given in ["Bee", "Cee", "Dee"] {
        world.wait(Duration::from_secs(1));
        world.add(given, "student").await;
    }
    create(&world, &ada, new_person("100%", "")).await.unwrap();
    let list = async |query: PeopleQuery| {
        world.identity.read(&ada, |tx| people::list_people(tx, query).boxed()).await.unwrap()
    };
    let mut page = PageRequest::first(2);
    let mut names = Vec::new();
    loop {
        let found = list(PeopleQuery { page: page.clone(), ..PeopleQuery::default() }).await;
        names.extend(found.items.into_iter().map(|person| person.name.given));
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    assert_eq!(names, ["Bee", "Cee", "Dee", "Ada", "100%"]);
    let given = |page: base::Page<crate::model::person::Person>| {
        page.items.into_iter().map(|person| person.name.given).collect::<Vec<_>>()
    };
    let found = |text: &str| list(PeopleQuery { text: Some(text.to_owned()), ..PeopleQuery::default() });
    assert_eq!(given(found("CEE@uni").await), ["Cee"]);
    assert_eq!(given(found("%").await), ["100%"]);
    assert_eq!(given(found("ວົງ").await), ["100%"]);
    let students = PeopleQuery { role: Some("student".to_owned()), sort: Sort::CreatedDown, ..PeopleQuery::default() };
    assert_eq!(given(list(students).await), ["Dee", "Cee", "Bee"]);
    let backwards = PeopleQuery { sort: Sort::NameDown, page: PageRequest::first(2), ..PeopleQuery::default() };
    assert_eq!(given(list(backwards).await), ["100%", "Ada"]);
    let oldest = PeopleQuery { sort: Sort::Created, page: PageRequest::first(2), ..PeopleQuery::default() };
    assert_eq!(given(list(oldest).await), ["Ada", "Bee"]);
    let invited = PeopleQuery { status: Some(Status::Invited), ..PeopleQuery::default() };
    assert_eq!(given(list(invited).await), ["100%"]);
}

#[tokio::test]
async fn an_address_and_a_number_each_belong_to_one_person() {
    let world = World::new().await;
    let ada = world.ada().await;
    let taken = create(&world, &ada, new_person("Thao", "ADA@uni.example")).await.unwrap_err();
    assert_eq!(taken.fields(), [base::FieldError::new("email", "taken")]);
    let mut new = new_person("Thao", "");
    new.profile.numbers = vec!["2200003".to_owned()];
    create(&world, &ada, new.clone()).await.unwrap();
    new.profile.given_name = "Noy".to_owned();
    assert_eq!(create(&world, &ada, new).await.unwrap_err().fields()[0].field, "numbers");
}

#[tokio::test]
async fn a_change_needs_the_latest_version() {
    let world = World::new().await;
    let ada = world.ada().await;
    let saved = create(&world, &ada, new_person("Thao", "thao@uni.example")).await.unwrap();
    let renamed = PersonChange { given_name: Some("Noy".to_owned()), ..PersonChange::default() };
    let changed = change(&world, &ada, saved.id, saved.version, renamed.clone()).await.unwrap();
    assert_eq!(changed.version, 2);
    assert!(matches!(change(&world, &ada, saved.id, saved.version, renamed).await, Err(Error::Stale)));
    let details = world.identity.read(&ada, |tx| people::read_person(tx, saved.id).boxed()).await.unwrap();
    assert_eq!(details.person.name.full, "Noy ວົງສະຫວັນ");
}

#[tokio::test]
async fn a_disabled_person_is_signed_out_and_stays_out() {
    let world = World::new().await;
    let ada = world.ada().await;
    let bo = world.add("Bo", "student").await.person;
    let cookie = world.sign_in("bo@uni.example", PASSWORD, None).await.unwrap().credential.expose();
    let disable = PersonChange { enabled: Some(false), ..PersonChange::default() };
    let saved = change(&world, &ada, bo.id, bo.version, disable).await.unwrap();
    assert!(world.caller_of(&cookie).await.as_person().is_none());
    assert!(matches!(world.sign_in("bo@uni.example", PASSWORD, None).await, Err(Error::WrongCredentials)));
    let enable = PersonChange { enabled: Some(true), ..PersonChange::default() };
    change(&world, &ada, bo.id, saved.version, enable).await.unwrap();
    world.sign_in("bo@uni.example", PASSWORD, None).await.unwrap();
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let world = World::new().await;
    let ada = world.ada().await;
    let id = world.administrator.person.id;
    let held = world.identity.read(&ada, |tx| memberships::list_memberships(tx, id).boxed()).await.unwrap();
    let membership: MembershipId = held[0].id;
    let end = || world.identity.write(&ada, None, move |tx| memberships::end_membership(tx, id, membership).boxed());
    assert!(matches!(end().await, Err(Error::LastAdministrator)));
    let disable = PersonChange { enabled: Some(false), ..PersonChange::default() };
    assert!(matches!(change(&world, &ada, id, 1, disable).await, Err(Error::LastAdministrator)));
    world.add("Bo", "administrator").await;
    end().await.unwrap();
}

#[tokio::test]
async fn a_student_administers_nobody_and_the_refusal_is_recorded() {
    let world = World::new().await;
    let bo = world.add("Bo", "student").await.person.id;
    let cookie = world.sign_in("bo@uni.example", PASSWORD, None).await.unwrap().credential.expose();
    let caller = world.caller_of(&cookie).await;
    let denied = create(&world, &caller, new_person("Thao", "")).await.unwrap_err();
    assert_eq!(denied.code().id, "ACC-001");
    assert_eq!(count_records(&world, "identity.person.create", "denied").await, 1);
    let new = NewMembership::everywhere("administrator");
    let denied =
        world.identity.write(&caller, None, move |tx| memberships::grant_membership(tx, bo, new).boxed()).await;
    assert_eq!(denied.unwrap_err().code().id, "ACC-001");
    let ada = world.administrator.person.id;
    let denied = world.identity.read(&caller, |tx| people::read_person(tx, ada).boxed()).await;
    assert_eq!(denied.unwrap_err().code().id, "ACC-001");
    world.identity.read(&caller, |tx| people::read_person(tx, bo).boxed()).await.unwrap();
}

#[tokio::test]
async fn another_university_has_none_of_these_people() {
    let world = World::new().await;
    let ada = world.administrator.person.id;
    let new = user("Roe", "Ri", "ada@uni.example");
    let other = tenants::create_tenant(&world.identity, university("other"), new).await.unwrap();
    let caller = Caller::system(other.tenant.id, "test", world.request());
    let change = PersonChange { language: Some("lo".to_owned()), ..PersonChange::default() };
    let missing =
        world.identity.write(&caller, None, move |tx| people::change_person(tx, ada, None, change).boxed()).await;
    assert!(matches!(missing, Err(Error::NotFound("person"))));
}

#[tokio::test]
async fn an_operator_is_made_by_the_installation_alone_and_taken_over_by_no_administrator() {
    let world = World::new().await;
    let (ada, operator) = (world.ada().await, world.add("Olga", "external").await.person.id);
    let new = NewMembership::everywhere("operator");
    let given = world.identity.write(&ada, None, move |tx| {
        async move { memberships::grant_membership(tx, operator, new).await.map(|_| ()) }.boxed()
    });
    assert!(matches!(given.await, Err(Error::Fields(_))));
    tenants::make_operator(&world.identity, world.tenant, operator).await.unwrap();
    let change = PersonChange { email: Some("ada2@uni.example".to_owned()), ..PersonChange::default() };
    let outcome = world.identity.write(&ada, None, move |tx| people::change_person(tx, operator, None, change).boxed());
    assert!(matches!(outcome.await, Err(Error::Denied(_))));
    let olga = world.sign_in("olga@uni.example", PASSWORD, None).await.unwrap().credential.expose();
    let olga = world.caller_of(&olga).await;
    assert!(olga.as_person().unwrap().grants.iter().any(|grant| grant.role == "operator"));
}
