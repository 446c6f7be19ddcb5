//! List people.

use axum::extract::State;
use futures_util::FutureExt;
use serde::Deserialize;
use utoipa::IntoParams;
use web::{
    List,
    extract::{Json, PageQuery, Paging, Query, Signed},
};

use crate::{
    Identity,
    actions::people::{self, PeopleQuery, Sort},
    api::PersonView,
};

/// Which people, in which order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeopleFilter {
    /// Part of a name, an address or a number.
    pub(crate) q: Option<String>,
    /// `invited`, `active` or `disabled`.
    pub(crate) status: Option<String>,
    /// A role held now, for example `student`.
    pub(crate) role: Option<String>,
    /// `name`, `-name`, `created` or `-created`; `name` when not given.
    #[param(value_type = Option<String>)]
    pub(crate) sort: Option<Sort>,
}

impl PeopleFilter {
    /// Returns the query; a status that is none matches nobody's list, so it is refused.
    pub(crate) fn query(self, paging: &PageQuery) -> web::Result<PeopleQuery> {
        let status = match self.status.as_deref().map(str::parse) {
            None => None,
            Some(Ok(status)) => Some(status),
            Some(Err(_)) => {
                let wrong = base::FieldError::new("status", "choice");
                return Err(web::Refusal::WrongQuery(vec![wrong]).into());
            }
        };
        let sort = self.sort.unwrap_or_default();
        Ok(PeopleQuery { text: self.q, status, role: self.role, sort, page: paging.request.clone() })
    }
}

/// List people.
#[utoipa::path(get, path = "/api/v1/people", tag = "people", params(PeopleFilter, Paging),
    responses((status = 200, body = List<PersonView>), (status = "default", body = web::Problem, content_type = "application/problem+json")))]
pub(crate) async fn list_people(
    State(identity): State<Identity>,
    Signed(caller): Signed,
    Query(filter): Query<PeopleFilter>,
    paging: PageQuery,
) -> web::Result<Json<List<PersonView>>> {
    let query = filter.query(&paging)?;
    let page = identity.read(&caller, |tx| people::list_people(tx, query).boxed()).await?;
    let page = page.map(|person| PersonView::new(person, None));
    Ok(Json(paging.seal(page).into()))
}
