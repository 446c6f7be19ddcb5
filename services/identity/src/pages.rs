//! HTML: one file per page, its template of the same stem in `templates/`.
//!
//! Owns what people see of identity. Never decides anything: each handler calls one action.
//! Start reading at [`sign_in`].

pub(crate) mod choose_password;
pub(crate) mod forgot_password;
pub(crate) mod new_person;
pub(crate) mod people;
pub(crate) mod person;
pub(crate) mod settings;
pub(crate) mod settings_password;
pub(crate) mod settings_sessions;
pub(crate) mod settings_tokens;
pub(crate) mod sign_in;
pub(crate) mod sign_out;

use access::Action;
use base::{Caller, FieldError, Id, Scope};
use contracts::roles::{OPERATOR, ROLES};
use web::{Choice, Ctx, Failure, Fields, Held, NavItem, Tab};

use crate::{
    Error, Identity,
    model::person::{LANGUAGES, Status},
    policy,
    store::unit::Unit,
};

/// Identity's entries in the navigation.
pub(crate) static NAV: &[NavItem] = &[
    nav("identity-nav-people", "/people", "people", 70, &policy::LIST_PEOPLE),
    nav("identity-nav-settings", "/settings", "settings", 90, &policy::READ_SETTINGS),
];

const fn nav(
    label: &'static str,
    href: &'static str,
    icon: &'static str,
    order: u16,
    action: &'static Action,
) -> NavItem {
    NavItem { label, href, icon, order, action, held: Held::Anywhere }
}

/// Takes an error up into the form when the person can mend it there, in words of their language; passes any other on.
fn mend(fields: Fields, error: Error) -> web::Result<Fields> {
    match error {
        Error::WrongCredentials => Ok(fields.wrong("email", "credentials")),
        Error::TooManyAttempts { .. } => Ok(fields.wrong("email", "too_many_attempts")),
        Error::LastAdministrator => Ok(fields.wrong("enabled", "last_administrator")),
        Error::UniversityWanted => Ok(fields.wrong("university", "university_wanted")),
        Error::UnknownUniversity => Ok(fields.wrong("university", "university_unknown")),
        other => fields.refused(Failure::from(other)),
    }
}

/// Shows the form again with what is wrong with its fields.
fn mark(fields: Fields, errors: Vec<FieldError>) -> web::Result<Fields> {
    fields.refused(Failure::fields(errors))
}

/// Returns the universities to choose from, when the request does not tell which it is for.
fn universities(identity: &Identity, ctx: &Ctx) -> Vec<Choice> {
    let directory = identity.db().directory();
    if directory.tenant(ctx.caller().tenant()).is_some() {
        return Vec::new();
    }
    directory.tenants().iter().map(|tenant| Choice::new(&tenant.slug, tenant.name_in(ctx.language()))).collect()
}

fn language_choices(ctx: &Ctx) -> Vec<Choice> {
    let known = ctx.languages().iter().filter(|(tag, _)| LANGUAGES.contains(tag));
    known.map(|(tag, name)| Choice::new(*tag, *name)).collect()
}

fn role_choices(ctx: &Ctx) -> Vec<Choice> {
    // An operator is made from the command line alone.
    let given = ROLES.iter().filter(|(_, role)| *role != OPERATOR);
    given.map(|(name, _)| Choice::new(*name, role_name(ctx, name))).collect()
}

fn status_choices(ctx: &Ctx) -> Vec<Choice> {
    let all = [Status::Active, Status::Invited, Status::Disabled];
    all.iter().map(|status| Choice::new(status.name(), ctx.tv("identity-status", status.name()))).collect()
}

fn role_name(ctx: &Ctx, role: &str) -> String {
    ctx.tv("identity-role", role)
}

/// The word of the form for the whole university.
const UNIVERSITY: &str = "university";

fn scope_name(ctx: &Ctx, units: &[Unit], scope: Scope) -> String {
    let Scope::Unit(id) = scope else { return ctx.t("identity-scope-university").to_owned() };
    let unit = units.iter().find(|unit| unit.id.uuid() == id);
    unit.map_or_else(|| ctx.t("identity-scope-programme").to_owned(), |unit| unit_name(ctx, unit))
}

fn unit_name(ctx: &Ctx, unit: &Unit) -> String {
    let local = ctx.language() != "en" && !unit.title_local.is_empty();
    format!("{} · {}", unit.code, if local { &unit.title_local } else { &unit.title_en })
}

/// Returns where a role can be given: in the whole university, or in one programme.
fn scope_choices(ctx: &Ctx, units: &[Unit]) -> Vec<Choice> {
    let university = Choice::new(UNIVERSITY, ctx.t("identity-scope-university"));
    std::iter::once(university).chain(units.iter().map(|unit| Choice::new(&unit.id, unit_name(ctx, unit)))).collect()
}

/// Reads a choice of [`scope_choices`].
fn chosen_scope(typed: &str) -> Result<Scope, Error> {
    match typed {
        UNIVERSITY => Ok(Scope::Tenant),
        unit => unit.parse().map(Scope::Unit).map_err(|_| Error::field("unit", "choice")),
    }
}

const fn status_tone(status: Status) -> &'static str {
    match status {
        Status::Active => "success",
        Status::Invited => "info",
        Status::Disabled => "neutral",
    }
}

/// Returns the tabs of the settings.
fn settings_tabs(ctx: &Ctx) -> Vec<Tab> {
    let tab = |key: &str, href: &str| Tab {
        label: ctx.t(key).to_owned(),
        href: href.to_owned(),
        count: None,
        current: ctx.path() == href
            || ctx.path().strip_prefix(href).is_some_and(|rest| href != "/settings" && rest.starts_with('/')),
    };
    vec![
        tab("identity-settings-profile", "/settings"),
        tab("identity-settings-password", "/settings/password"),
        tab("identity-settings-sessions", "/settings/sessions"),
        tab("identity-settings-tokens", "/settings/tokens"),
    ]
}

/// Returns true when the caller may do `action` to somebody: whether to show its form.
fn may(caller: &Caller, ctx: &Ctx, action: &Action) -> bool {
    let held = contracts::roles::VOCABULARY.held(caller, ctx.now(), None);
    access::permits(action, held, caller).allow
}
