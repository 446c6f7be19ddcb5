//! Signing in, staying signed in, and being told to wait.

use std::time::Duration;

use base::{Caller, Fault, TenantId};
use futures_util::FutureExt;

use super::{PASSWORD, World, once, university, user};
use crate::{
    Error,
    actions::{identify::Asked, sessions, tenants, tokens},
    jobs::sweep,
    model::api_token::NewApiToken,
};

#[tokio::test]
async fn a_person_signs_in_and_is_known_by_the_cookie_until_they_sign_out() {
    let world = World::new().await;
    let signed_in = world.sign_in(" ADA@Uni.Example", PASSWORD, None).await.unwrap();
    let cookie = signed_in.credential.expose();
    let caller = world.caller_of(&cookie).await;
    let person = caller.as_person().unwrap();
    assert_eq!((person.id, person.name.as_str()), (world.administrator.person.id, "Ada Lovelace"));
    assert_eq!(person.grants.len(), 1);
    world.identity.write(&caller, None, |tx| sessions::sign_out(tx).boxed()).await.unwrap();
    assert_eq!(world.caller_of(&cookie).await.as_person(), None);
}

#[tokio::test]
async fn unknown_people_and_wrong_passwords_get_one_answer() {
    let world = World::new().await;
    for (email, password) in
        [("ada@uni.example", "wrong password"), ("eve@uni.example", PASSWORD), ("", ""), ("no", "x")]
    {
        let error = world.sign_in(email, password, None).await.unwrap_err();
        assert!(matches!(error, Error::WrongCredentials), "{email}: {error:?}");
        assert_eq!(error.code().id, "IDN-001");
    }
}

#[tokio::test]
async fn guessing_makes_wait_and_the_right_password_after_the_wait_ends_it() {
    let world = World::new().await;
    for _ in 0..6 {
        let error = world.sign_in("ada@uni.example", "wrong password", None).await.unwrap_err();
        assert!(matches!(error, Error::WrongCredentials));
    }
    let error = world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap_err();
    assert!(matches!(error, Error::TooManyAttempts { wait_seconds: 1..=11 }), "{error:?}");
    // Somebody who does not exist is made to wait in the same manner.
    for _ in 0..6 {
        world.sign_in("eve@uni.example", "wrong password", None).await.unwrap_err();
    }
    let error = world.sign_in("eve@uni.example", PASSWORD, None).await.unwrap_err();
    assert!(matches!(error, Error::TooManyAttempts { .. }), "{error:?}");
    world.wait(Duration::from_secs(11));
    world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap();
    world.sign_in("ada@uni.example", "wrong password", None).await.unwrap_err();
    world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap();
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_after_its_longest_life() {
    let world = World::new().await;
    let idle = world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap().credential.expose();
    world.wait(Duration::from_hours(8));
    assert!(world.caller_of(&idle).await.as_person().is_none());
    let used = world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap().credential.expose();
    for _ in 0..23 {
        world.wait(Duration::from_hours(7));
        assert!(world.caller_of(&used).await.as_person().is_some());
    }
    world.wait(Duration::from_hours(7));
    assert!(world.caller_of(&used).await.as_person().is_none());
}

#[tokio::test]
async fn a_repeated_sign_in_makes_one_session_and_gives_a_cookie_that_works() {
    let world = World::new().await;
    let first = world.sign_in("ada@uni.example", PASSWORD, Some(once("k"))).await.unwrap();
    let second = world.sign_in("ada@uni.example", PASSWORD, Some(once("k"))).await.unwrap();
    assert_eq!(first.session, second.session);
    assert!(world.caller_of(&first.credential.expose()).await.as_person().is_none());
    let caller = world.caller_of(&second.credential.expose()).await;
    let limits = world.identity.settings().session_limits();
    let sessions = world.identity.read(&caller, |tx| sessions::list_sessions(tx, limits).boxed()).await.unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0].device, "Firefox, Linux");
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session() {
    let world = World::new().await;
    let first = world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap().credential.expose();
    let second = world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap().credential.expose();
    let caller = world.caller_of(&second).await;
    world.identity.write(&caller, None, |tx| sessions::sign_out_everywhere(tx).boxed()).await.unwrap();
    for cookie in [first, second] {
        assert!(world.caller_of(&cookie).await.as_person().is_none());
    }
}

#[tokio::test]
async fn a_session_is_ended_by_its_owner_alone() {
    let world = World::new().await;
    world.add("Bo", "student").await;
    let ada = world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap();
    let bo = world.sign_in("bo@uni.example", PASSWORD, None).await.unwrap();
    let caller = world.caller_of(&bo.credential.expose()).await;
    let end = |id| world.identity.write(&caller, None, move |tx| sessions::end_session(tx, id).boxed());
    assert!(matches!(end(ada.session).await, Err(Error::NotFound("session"))));
    end(bo.session).await.unwrap();
    assert!(world.caller_of(&bo.credential.expose()).await.as_person().is_none());
    assert!(world.caller_of(&ada.credential.expose()).await.as_person().is_some());
}

#[tokio::test]
async fn the_university_is_told_by_credential_by_host_or_by_being_the_only_one() {
    let world = World::new().await;
    let asked = |host: &str| Asked { host: Some(host.to_owned()), ..Asked::default() };
    assert_eq!(world.asked(asked("anything")).await.tenant(), world.tenant);
    let other = tenants::create_tenant(&world.identity, university("other"), user("Roe", "Ri", "ri@other.example"));
    let other = other.await.unwrap().tenant.id;
    assert_eq!(world.asked(asked("anything")).await.tenant(), TenantId::from_u128(0));
    assert_eq!(world.asked(asked("OTHER.example:8080")).await.tenant(), other);
    let cookie = world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap().credential.expose();
    let shown = Asked { cookie: Some(cookie), host: Some("other.example".to_owned()), ..Asked::default() };
    assert_eq!(world.asked(shown).await.tenant(), world.tenant);
}

#[tokio::test]
async fn a_credential_of_one_university_is_nothing_in_another() {
    let world = World::new().await;
    let new = user("Roe", "Ri", "ri@other.example");
    let other = tenants::create_tenant(&world.identity, university("other"), new).await.unwrap().tenant.id;
    let cookie = world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap().credential.expose();
    let moved = cookie.replace(&world.tenant.to_string(), &other.to_string());
    let caller = world.caller_of(&moved).await;
    assert_eq!((caller.tenant(), caller.as_person()), (other, None));
}

#[tokio::test]
async fn an_api_token_does_what_its_scopes_say_until_it_is_revoked() {
    let world = World::new().await;
    let ada = world.ada().await;
    let new = NewApiToken::check("export", &["identity.read".to_owned()], 30).unwrap();
    let first = tokens::create_token(&world.identity, &ada, Some(once("t")), new.clone()).await.unwrap();
    let made = tokens::create_token(&world.identity, &ada, Some(once("t")), new.clone()).await.unwrap();
    assert_eq!((first.id, first.credential.expose()), (made.id, made.credential.expose()));
    let bearer = |text: String| world.asked(Asked { bearer: Some(text), ..Asked::default() });
    let program = bearer(made.credential.expose()).await;
    assert_eq!(program.as_person().unwrap().scopes, Some(vec!["identity.read".to_owned()]));
    let listed = world.identity.read(&program, |tx| tokens::list_tokens(tx).boxed()).await.unwrap();
    assert_eq!(listed.len(), 1);
    let refused = tokens::create_token(&world.identity, &program, None, new.clone()).await.unwrap_err();
    assert_eq!(refused.code().id, "ACC-003");
    let id = made.id;
    world.identity.write(&ada, None, move |tx| tokens::revoke_token(tx, id).boxed()).await.unwrap();
    assert!(bearer(made.credential.expose()).await.as_person().is_none());
    let expired = tokens::create_token(&world.identity, &ada, None, new).await.unwrap().credential.expose();
    world.wait(Duration::from_hours(24 * 30));
    assert!(bearer(expired).await.as_person().is_none());
}

#[tokio::test]
async fn a_token_with_every_scope_still_makes_no_other_token() {
    let world = World::new().await;
    let ada = world.ada().await;
    let new = NewApiToken::check("all", &["*".to_owned()], 30).unwrap();
    let made = tokens::create_token(&world.identity, &ada, None, new.clone()).await.unwrap();
    let program = world.asked(Asked { bearer: Some(made.credential.expose()), ..Asked::default() }).await;
    let refused = tokens::create_token(&world.identity, &program, None, new).await.unwrap_err();
    assert!(matches!(refused, Error::SessionNeeded), "{refused:?}");
    let nobody = Caller::nobody(world.tenant, world.request());
    let refused = world.identity.read(&nobody, |tx| tokens::list_tokens(tx).boxed()).await.unwrap_err();
    assert_eq!(refused.code().id, "ACC-002");
}

#[tokio::test]
async fn what_has_ended_is_forgotten_and_what_has_not_is_kept() {
    let world = World::new().await;
    world.sign_in("ada@uni.example", PASSWORD, None).await.unwrap();
    world.sign_in("ada@uni.example", "wrong password", None).await.unwrap_err();
    assert_eq!(sweep::sweep(&world.identity).await.unwrap(), 0);
    world.wait(Duration::from_hours(25));
    // The attempts against the account and against the address.
    assert_eq!(sweep::sweep(&world.identity).await.unwrap(), 2);
    world.wait(Duration::from_hours(24 * 37));
    assert_eq!(sweep::sweep(&world.identity).await.unwrap(), 1);
}

#[tokio::test]
async fn no_statement_walks_a_whole_table() {
    let world = World::new().await;
    for statement in crate::STATEMENTS.iter().copied().flatten() {
        let plan = world.identity.db().explain(0, statement).await.unwrap();
        assert!(!plan.full_scan, "{statement:?}: {}", plan.text);
    }
}
