//! The kit: what is the same for all requests of a process, and the router with everything mounted.

use std::{fmt, sync::Arc};

use access::{Subjects, Vocabulary};
use axum::{Router, middleware};
use base::{Ambient, Caller, TenantId, Timestamp};
use crypto::{CallerTokens, Key, Keyring};
use jiff::tz::TimeZone;

use crate::{
    Ctx, Failure, Held, NavItem, Service, Site,
    callers::Callers,
    entrance::{self, Visit},
    flash,
    i18n::{Catalogue, Texts, Wrong},
};

/// What the installation decides about its pages.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of the product in titles and in the header.
    pub product: String,
    /// Where people who must sign in are sent.
    pub sign_in_path: String,
    /// Where one signs out, by POST.
    pub sign_out_path: String,
    /// One's own account.
    pub account_path: String,
    /// Language used when nothing else says one.
    pub language: String,
    /// Time zone of tenants that name none.
    pub zone: TimeZone,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            product: "fpms".to_owned(),
            sign_in_path: "/sign-in".to_owned(),
            sign_out_path: "/sign-out".to_owned(),
            account_path: "/account".to_owned(),
            language: "en".to_owned(),
            zone: TimeZone::UTC,
        }
    }
}

/// What pages show of a tenant.
#[derive(Debug, Clone)]
pub struct TenantCard {
    /// Its name, per language.
    pub names: Vec<(String, String)>,
    /// Its default language.
    pub language: String,
    /// Its time zone.
    pub zone: TimeZone,
}

/// Knows the tenants, from memory: it is asked at every request.
pub trait Tenants: Send + Sync {
    /// Returns the tenant's card, when known.
    fn card(&self, tenant: TenantId) -> Option<Arc<TenantCard>>;
}

/// A navigation entry with the vocabulary in which its action is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) item: NavItem,
    vocabulary: &'static Vocabulary,
}

impl Entry {
    /// Returns true when this caller might do the entry's action for some object, or for the whole tenant where it asks that.
    pub(crate) fn shown_to(&self, caller: &Caller, now: Timestamp) -> bool {
        let subjects: Subjects = match self.item.held {
            Held::Anywhere => self.vocabulary.imaginable(caller, now),
            Held::WholeTenant => self.vocabulary.held(caller, now, None),
        };
        access::permits(self.item.action, subjects, caller).allow
    }
}

/// Everything the kit shares between requests. Cloning is cheap.
#[derive(Clone)]
pub struct Kit(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) ambient: Ambient,
    pub(crate) callers: Callers,
    pub(crate) flash_key: Key,
    pub(crate) cursor_key: Key,
    pub(crate) tenants: Option<Arc<dyn Tenants>>,
    pub(crate) texts: Texts,
    pub(crate) nav: Vec<Entry>,
}

impl Kit {
    /// Puts the kit together for these sites; a text that is not valid Fluent is an error.
    pub fn new(settings: Settings, parts: KitParts<'_>, sites: &[&Site]) -> Result<Self, Wrong> {
        let mut catalogue = Catalogue::of_the_kit()?;
        let mut nav = Vec::new();
        for site in sites {
            for (language, text) in site.texts {
                catalogue.add(language, text)?;
            }
            nav.extend(site.nav.iter().map(|item| Entry { item: *item, vocabulary: site.vocabulary }));
        }
        nav.sort_by_key(|entry| entry.item.order);
        Ok(Self(Arc::new(Shared {
            settings,
            ambient: parts.ambient,
            callers: Callers::new(CallerTokens::new(parts.keyring)),
            flash_key: parts.keyring.key(flash::PURPOSE),
            cursor_key: parts.keyring.key("web-cursor"),
            tenants: parts.tenants,
            texts: catalogue.build(),
            nav,
        })))
    }

    /// Returns the service's router with the kit around it: what a node serves.
    pub fn mount(&self, service: Service) -> Router {
        self.mount_router(service.router)
    }

    /// Returns `router` with the kit around it.
    pub fn mount_router(&self, router: Router) -> Router {
        router
            .fallback(|| async { Failure::not_found() })
            .layer(middleware::from_fn_with_state(self.clone(), entrance::enter))
    }

    /// Returns the context of a page that no request asked for: a mail, a test of a template.
    pub fn ctx(&self, caller: Caller, language: &str, address: &str) -> Ctx {
        Ctx::new(Arc::new(Visit::without_request(self, caller, language, address)))
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }

    /// Returns the tenant's card, when known.
    pub(crate) fn tenant(&self, tenant: TenantId) -> Option<Arc<TenantCard>> {
        self.0.tenants.as_ref()?.card(tenant)
    }
}

/// The parts of the process that the kit uses.
#[derive(Clone)]
pub struct KitParts<'a> {
    /// Time and chance.
    pub ambient: Ambient,
    /// Opens caller tokens, signs cursors and messages.
    pub keyring: &'a Keyring,
    /// Knows the tenants' names, languages and zones.
    pub tenants: Option<Arc<dyn Tenants>>,
}

impl fmt::Debug for Kit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kit").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}
