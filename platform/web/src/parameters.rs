//! The names that the query string of an API operation may have: those of its own description.

use std::sync::Arc;

use base::FieldError;
use http::Method;
use utoipa::openapi::{
    RefOr,
    path::{Operation, ParameterIn, PathItem},
};

use crate::{Refusal, Result, extract::parse_query};

/// Below this likeness a suggestion would be a guess.
const LIKENESS_MIN: f64 = 0.5;
/// Most unknown names that an answer lists.
const TOLD_MAX: usize = 20;

/// The names that each method of a path knows.
#[derive(Debug, Clone)]
pub(crate) struct Parameters(Arc<[(Method, Vec<String>)]>);

impl Parameters {
    /// Returns those that the description of a path names.
    pub(crate) fn of(item: &PathItem) -> Self {
        Self(operations(item).map(|(method, operation)| (method, names(operation))).collect())
    }

    /// Refuses a query string with a name that `method` does not know: passed over in silence, it would look obeyed.
    pub(crate) fn check(&self, method: &Method, query: Option<&str>) -> Result<()> {
        let Some(query) = query.filter(|query| !query.is_empty()) else { return Ok(()) };
        // HEAD is answered by what answers GET.
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        let Some((_, known)) = self.0.iter().find(|(of, _)| of == method) else { return Ok(()) };
        let mut unknown: Vec<String> = Vec::new();
        for (name, _) in parse_query(query)? {
            if unknown.len() < TOLD_MAX && !known.contains(&name) && !unknown.contains(&name) {
                unknown.push(name);
            }
        }
        let Some(first) = unknown.first() else { return Ok(()) };
        let nearest = nearest(first, known);
        let fields = unknown.iter().map(|name| FieldError::new(name, "unknown")).collect();
        Err(Refusal::UnknownParameter { fields, nearest, known: known.clone() }.into())
    }
}

/// Returns the methods that a path's description has, with what it says of each.
pub(crate) fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    let all = [
        (Method::GET, &item.get),
        (Method::PUT, &item.put),
        (Method::POST, &item.post),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}

fn names(operation: &Operation) -> Vec<String> {
    let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    let of_query = parameters.filter(|parameter| parameter.parameter_in == ParameterIn::Query);
    of_query.map(|parameter| parameter.name.clone()).collect()
}

fn nearest(name: &str, known: &[String]) -> Option<String> {
    let likeness = |known: &String| strsim::normalized_damerau_levenshtein(name, known);
    let best = known.iter().map(|known| (likeness(known), known)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= LIKENESS_MIN).then(|| best.1.clone())
}
