//! Which page of a list is wanted, by a signed cursor that only continues the list it was made for.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use base::{
    FieldError, Page, PageRequest, TenantId, Timestamp,
    page::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX},
};
use crypto::{digest, token};
use http::{Uri, request::Parts};
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;

use super::{pairs, parse_query};
use crate::{Failure, Pager, Refusal, Result, address, entrance::Visit};

/// The parameters of paging, for `#[utoipa::path(params(..))]`.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Items wanted; 50 when not given.
    #[param(schema_with = limit)]
    limit: Option<u32>,
    /// The member `next` of the page before.
    after: Option<String>,
}

fn limit() -> ObjectBuilder {
    base::schema::whole(1, PAGE_ITEMS_MAX).default(Some(PAGE_ITEMS_DEFAULT.into()))
}

/// Which page is wanted.
#[derive(Debug, Clone)]
pub struct PageQuery {
    /// What to ask the store for.
    pub request: PageRequest,
    visit: Arc<Visit>,
    list: String,
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    tenant: TenantId,
    list: String,
    key: String,
}

impl PageQuery {
    /// Returns the page with its `next` signed, fit to be given out.
    pub fn seal<T>(&self, page: Page<T>) -> Page<T> {
        let next = page.next.and_then(|key| {
            let cursor = Cursor { tenant: self.visit.caller.tenant(), list: self.list.clone(), key };
            token::seal(&self.visit.kit.shared().cursor_key, &cursor, Timestamp::MAX).ok()
        });
        Page { items: page.items, next }
    }

    /// Returns the ways on from this page of a list, whose `next` is sealed.
    pub fn pager<T>(&self, page: &Page<T>) -> Pager {
        let here = &self.visit.address;
        let next = page.next.as_ref().map(|next| {
            let first = address::with(here, "after", None);
            let limit = address::parameter(here, "limit").map(|limit| format!("&limit={limit}")).unwrap_or_default();
            format!("{first}{}after={next}{limit}", if first.contains('?') { '&' } else { '?' })
        });
        Pager { first: self.is_later().then(|| address::with(here, "after", None)), next }
    }

    /// Returns true on a page that is not the first.
    pub fn is_later(&self) -> bool {
        self.request.after.is_some()
    }
}

impl<S: Sync> FromRequestParts<S> for PageQuery {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let visit = Visit::of(&parts.extensions)?;
        let pairs = parse_query(parts.uri.query().unwrap_or_default())?;
        let wrong = |errors| Failure::from(Refusal::WrongQuery(errors));
        let paging: Paging = pairs::read(&pairs).map_err(wrong)?;
        let limit = paging.limit.unwrap_or(PAGE_ITEMS_DEFAULT);
        if !(1..=PAGE_ITEMS_MAX).contains(&limit) {
            return Err(wrong(vec![FieldError::new("limit", "range")]));
        }
        let list = list(&parts.uri, pairs);
        let after = paging.after.map(|text| open(&visit, &list, &text)).transpose()?;
        Ok(Self { request: PageRequest { limit, after }, visit, list })
    }
}

fn open(visit: &Visit, list: &str, text: &str) -> Result<String> {
    let cursor: Option<Cursor> = token::open(&visit.kit.shared().cursor_key, text, visit.now).ok();
    let ours = cursor.filter(|cursor| cursor.tenant == visit.caller.tenant() && cursor.list == list);
    ours.map(|cursor| cursor.key).ok_or_else(|| Refusal::ForeignCursor.into())
}

/// Names the list: its path and its filters, whatever their order.
fn list(uri: &Uri, mut pairs: Vec<(String, String)>) -> String {
    pairs.retain(|(name, value)| name != "limit" && name != "after" && !value.is_empty());
    pairs.sort();
    let text = pairs.iter().fold(uri.path().to_owned(), |text, (name, value)| format!("{text}\n{name}={value}"));
    let digest = digest::sha256(text);
    digest::hex(digest.first_chunk::<8>().map_or(&[][..], |bytes| bytes))
}
