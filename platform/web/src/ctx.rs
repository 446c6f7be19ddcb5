//! The context of a page: the one value that every template has, under the name `ctx`.

use std::{fmt, iter, sync::Arc};

use axum::{extract::FromRequestParts, response::Response};
use base::{Ambient, Caller, Code, Timestamp};
use fluent_bundle::FluentArgs;
use http::request::Parts;
use jiff::tz::TimeZone;

use crate::{
    Failure, Fields, Result, address,
    arguments::{Argument, Instant},
    assets, cookies,
    entrance::Visit,
    flash,
    markup::Markup,
    problem, respond, times,
};

/// A step of the way from the front page to this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    /// What it is called.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// A link of the navigation as this caller sees it.
#[derive(Debug, Clone)]
pub struct NavLink {
    /// Fluent key of its label.
    pub label: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Name of its icon.
    pub icon: &'static str,
    /// True when this page belongs to it.
    pub current: bool,
}

/// What a page knows besides its own content: who asks, language, navigation, time.
#[derive(Clone)]
pub struct Ctx {
    visit: Arc<Visit>,
    title: String,
    crumbs: Vec<Crumb>,
}

impl<S: Sync> FromRequestParts<S> for Ctx {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(Self::new(Visit::of(&parts.extensions)?))
    }
}

impl Ctx {
    pub(crate) fn new(visit: Arc<Visit>) -> Self {
        Self { visit, title: String::new(), crumbs: Vec::new() }
    }

    /// Returns the context with the title of this Fluent key.
    #[must_use]
    pub fn title(self, key: &str) -> Self {
        let title = self.t(key).to_owned();
        self.title_text(title)
    }

    /// Returns the context with this title.
    #[must_use]
    pub fn title_text(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Returns the context with one more step before this page, named by a Fluent key.
    #[must_use]
    pub fn crumb(self, key: &str, href: impl Into<String>) -> Self {
        let label = self.t(key).to_owned();
        self.crumb_text(label, href)
    }

    /// Returns the context with one more step before this page.
    #[must_use]
    pub fn crumb_text(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push(Crumb { label: label.into(), href: href.into() });
        self
    }

    /// Returns the title of the page.
    pub fn page_title(&self) -> &str {
        &self.title
    }

    /// Returns the steps before this page.
    pub fn crumbs(&self) -> &[Crumb] {
        &self.crumbs
    }

    /// Returns who asks.
    pub fn caller(&self) -> &Caller {
        &self.visit.caller
    }

    /// Returns the name of the person signed in.
    pub fn person_name(&self) -> Option<&str> {
        self.visit.caller.as_person().map(|person| person.name.as_str())
    }

    /// Returns the moment of the request.
    pub fn now(&self) -> Timestamp {
        self.visit.now
    }

    /// Returns time and chance.
    pub fn ambient(&self) -> &Ambient {
        &self.visit.kit.shared().ambient
    }

    /// Returns the language of the page.
    pub fn language(&self) -> &'static str {
        self.visit.language
    }

    /// Returns the languages that can be chosen: tag and own name.
    pub fn languages(&self) -> &'static [(&'static str, &'static str)] {
        crate::i18n::LANGUAGES
    }

    /// Returns the colours chosen: `auto`, `light` or `dark`.
    pub fn theme(&self) -> &'static str {
        self.visit.theme.name()
    }

    /// Returns path and query of this page, for links and forms that come back to it.
    pub fn address(&self) -> &str {
        &self.visit.address
    }

    /// Returns the path of this page.
    pub fn path(&self) -> &str {
        self.visit.path()
    }

    /// Returns the colours that can be chosen: value and Fluent key.
    pub fn themes(&self) -> &'static [(&'static str, &'static str)] {
        &[("auto", "theme-auto"), ("light", "theme-light"), ("dark", "theme-dark")]
    }

    /// Returns the name of the product.
    pub fn product(&self) -> &str {
        &self.visit.kit.shared().settings.product
    }

    /// Returns the address of the sign-in page.
    pub fn sign_in_path(&self) -> &str {
        &self.visit.kit.shared().settings.sign_in_path
    }

    /// Returns where one signs out, by POST.
    pub fn sign_out_path(&self) -> &str {
        &self.visit.kit.shared().settings.sign_out_path
    }

    /// Returns the address of one's own account.
    pub fn account_path(&self) -> &str {
        &self.visit.kit.shared().settings.account_path
    }

    /// Returns the name of the tenant's time zone.
    pub fn zone_name(&self) -> &str {
        self.zone().iana_name().unwrap_or("UTC")
    }

    /// Returns the tenant's name in the page's language.
    pub fn tenant_name(&self) -> Option<&str> {
        let names = &self.visit.tenant.as_ref()?.names;
        let own = names.iter().find(|(language, _)| language == self.language());
        own.or_else(|| names.first()).map(|(_, name)| name.as_str())
    }

    /// Returns the tenant's time zone.
    pub fn zone(&self) -> &TimeZone {
        match &self.visit.tenant {
            Some(card) => &card.zone,
            None => &self.visit.kit.shared().settings.zone,
        }
    }

    /// Returns the navigation for this caller.
    pub fn nav(&self) -> Vec<NavLink> {
        let visit = &self.visit;
        let shown = visit.kit.shared().nav.iter().filter(|entry| entry.shown_to(&visit.caller, visit.now));
        let mut links: Vec<NavLink> = shown
            .map(|entry| entry.item)
            .map(|item| NavLink { label: item.label, href: item.href, icon: item.icon, current: false })
            .collect();
        // A page whose address lies below no entry belongs to the one that its trail leads through.
        let trail = self.crumbs.iter().rev().map(|crumb| crumb.href.as_str()).filter(|href| *href != "/");
        let entry = |path| links.iter().filter(|link| is_within(path, link.href)).max_by_key(|link| link.href.len());
        let here = iter::once(self.path()).chain(trail).find_map(entry).map(|link| link.href);
        for link in &mut links {
            link.current = Some(link.href) == here;
        }
        links
    }

    /// Returns the Fluent keys of the messages to show.
    pub fn toast(&self) -> Option<&str> {
        self.visit.toast.as_deref()
    }

    /// Returns the id of the request.
    pub fn request_id(&self) -> String {
        self.visit.caller.request().to_string()
    }

    /// Returns a fresh key for a form that must have one effect.
    pub fn once(&self) -> String {
        self.ambient().id::<base::RequestId>().to_string()
    }

    /// Returns the address of an asset of the kit.
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// Returns an icon of the kit.
    pub fn icon(&self, name: &str) -> Markup {
        assets::icon(name)
    }
}

/// The address.
impl Ctx {
    /// Returns the query parameter `name` of this page's address, when it says something.
    pub fn query(&self, name: &str) -> Option<String> {
        address::parameter(&self.visit.address, name)
    }

    /// Returns true when the query parameter `name` is `value`.
    pub fn query_is(&self, name: &str, value: &str) -> bool {
        self.query(name).is_some_and(|given| given == value)
    }

    /// Returns true when the list shown is filtered.
    pub fn is_filtered(&self) -> bool {
        address::is_filtered(&self.visit.address)
    }

    /// Returns this page's address with a parameter changed, at the first page of its list.
    pub fn address_with(&self, name: &str, value: &str) -> String {
        address::with(&self.visit.address, name, Some(value).filter(|value| !value.is_empty()))
    }

    /// Returns which way the list is sorted by the column `key`: `ascending`, `descending` or not at all.
    pub fn sort_direction(&self, key: &str, default: &str) -> Option<&'static str> {
        let sort = self.query("sort").unwrap_or_else(|| default.to_owned());
        match sort.strip_prefix('-') {
            Some(column) => (column == key).then_some("descending"),
            None => (sort == key).then_some("ascending"),
        }
    }

    /// Returns the address that sorts by the column `key`, the other way round when it already does.
    pub fn sort_address(&self, key: &str, default: &str) -> String {
        let descending = self.sort_direction(key, default) == Some("ascending");
        let value = if descending { format!("-{key}") } else { key.to_owned() };
        self.address_with("sort", &value)
    }
}

/// Texts.
impl Ctx {
    /// Returns the text of a Fluent key.
    pub fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.visit.kit.shared().texts.plain(self.visit.language, key)
    }

    /// Returns the text of a Fluent key with one argument.
    pub fn t1(&self, key: &str, name: &str, value: impl Argument) -> String {
        let mut args = FluentArgs::new();
        args.set(name, value.argument());
        self.t_args(key, &args)
    }

    /// Returns the text of a Fluent key with two arguments.
    pub fn t2(&self, key: &str, name: &str, value: impl Argument, other: &str, second: impl Argument) -> String {
        let mut args = FluentArgs::new();
        args.set(name, value.argument());
        args.set(other, second.argument());
        self.t_args(key, &args)
    }

    /// Returns the text of a Fluent key with arguments.
    pub fn t_args(&self, key: &str, args: &FluentArgs<'_>) -> String {
        self.visit.kit.shared().texts.format(self.visit.language, key, args)
    }

    /// Returns the text of `prefix` and `name` joined by a hyphen: `ctx.tv("note-state", state)`.
    pub fn tv(&self, prefix: &str, name: impl AsRef<str>) -> String {
        self.t(&format!("{prefix}-{}", name.as_ref())).to_owned()
    }

    /// Returns the text with a capital first letter and a full stop: how error texts become sentences.
    pub fn sentence(&self, text: &str) -> String {
        let mut letters = text.chars();
        let first = letters.next().map(char::to_uppercase).into_iter().flatten();
        let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
        first.chain(letters).chain(end.chars()).collect()
    }

    /// Returns what an error code is called in the reader's language.
    pub fn error_title(&self, code: &Code) -> String {
        code.title_in(self.language()).to_owned()
    }

    /// Returns the refusal of a form as a whole, as a sentence in the reader's language.
    pub fn form_failure(&self, form: &Fields) -> Option<String> {
        form.failure().map(|failure| {
            let said = problem::said(&self.visit, failure.fault());
            let sentences = [Some(said.detail), said.hint].into_iter().flatten().map(|text| self.sentence(&text));
            sentences.collect::<Vec<_>>().join(" ")
        })
    }

    /// Returns what is wrong with a field, in words.
    pub fn field_error(&self, reason: &str) -> String {
        let key = format!("field-{reason}");
        let text = self.t(&key);
        if text == key { self.t("field-invalid").to_owned() } else { text.to_owned() }
    }
}

/// Times, in the tenant's zone.
impl Ctx {
    /// Returns the day: `23 Nov 2026`.
    pub fn date(&self, instant: impl Instant) -> Markup {
        let instant = instant.instant();
        times::element(self, instant, &times::date(self, instant))
    }

    /// Returns day and time: `23 Nov 2026, 14:05`.
    pub fn datetime(&self, instant: impl Instant) -> Markup {
        let instant = instant.instant();
        times::element(self, instant, &times::datetime(self, instant))
    }

    /// Returns how far away the moment is: `in 3 days`, `2 hours ago`.
    pub fn away(&self, instant: impl Instant) -> Markup {
        let instant = instant.instant();
        times::element(self, instant, &times::away(self, instant))
    }

    /// Returns the value of an `<input type="date">`.
    pub fn date_value(&self, instant: impl Instant) -> String {
        times::date_value(self, instant.instant())
    }

    /// Returns the value of an `<input type="datetime-local">`.
    pub fn datetime_value(&self, instant: impl Instant) -> String {
        times::datetime_value(self, instant.instant())
    }

    /// Returns the moment that a `datetime-local` or `date` field says in the tenant's zone; a day means its last second.
    pub fn read_time(&self, text: &str) -> Option<Timestamp> {
        times::read(text, self.zone())
    }
}

/// Answers.
impl Ctx {
    /// Sends the browser to `location` with GET.
    pub fn redirect(&self, location: &str) -> Response {
        respond::see_other(location)
    }

    /// Sends the browser to `location`, where the text of this Fluent key is shown once.
    pub fn redirect_toast(&self, location: &str, key: &str) -> Response {
        let mut response = respond::see_other(location);
        let line = flash::seal(&self.visit.kit.shared().flash_key, key, self.now())
            .and_then(|value| cookies::write(cookies::FLASH, &value, flash::FLASH_SECONDS));
        if let Some(line) = line {
            response.headers_mut().append(http::header::SET_COOKIE, line);
        }
        response
    }
}

fn is_within(path: &str, href: &str) -> bool {
    path == href || (href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
}

impl fmt::Debug for Ctx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx").field("title", &self.title).finish_non_exhaustive()
    }
}
