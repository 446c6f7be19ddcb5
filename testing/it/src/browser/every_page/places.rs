//! Every address at which somebody sees a page, found by asking for every route as everybody.

use access::NOBODY;
use reqwest::{Method, StatusCode};

use super::faculty::{Faculty, Visitor};
use crate::authorization::routes::{self, Route};

/// Where more is seen than at the route's bare path.
const MORE: &[(&str, &str)] = &[
    ("student", "/topics?q=nothing+has+this+name"),
    ("student", "/projects?state=archived"),
    ("student", "/no-such-page"),
    ("coordinator", "/overview?cycle="),
    ("nobody", "/no-such-page"),
    ("student", "/design"),
];

/// A page as somebody sees it.
pub(super) struct Place {
    pub(super) path: String,
    pub(super) visitor: &'static str,
    /// Whether nobody before them sees it.
    pub(super) first: bool,
}

/// What a route gives to somebody.
#[derive(Debug, PartialEq, Eq)]
enum Given {
    Page,
    /// A file, or the way to one.
    Other,
    Nothing,
}

/// Returns every page as everybody who sees it, and the routes that nobody sees anything of.
pub(super) async fn places(faculty: &Faculty) -> (Vec<Place>, Vec<String>) {
    let (mut places, mut unseen) = (Vec::new(), Vec::new());
    let routes = routes::all(&faculty.app).await;
    for route in routes.iter().filter(|route| route.method == Method::GET && !route.is_api()) {
        let (mut seen, mut first) = (false, true);
        for visitor in &faculty.visitors {
            let path = address(faculty, visitor, route);
            let given = given(visitor, &path).await;
            seen |= given != Given::Nothing;
            // What is open to nobody in particular is the same page for everybody.
            if given == Given::Page && (first || !route.action.allow.meets(NOBODY)) {
                places.push(Place { path, visitor: visitor.name, first });
                first = false;
            }
        }
        if !seen {
            unseen.push(format!("{}: nobody of the faculty sees it", route.path));
        }
    }
    places.extend(MORE.iter().map(|(visitor, path)| Place { path: (*path).to_owned(), visitor, first: true }));
    (places, unseen)
}

fn address(faculty: &Faculty, visitor: &Visitor, route: &Route) -> String {
    faculty.addresses.get(route.path.as_str()).cloned().unwrap_or_else(|| route.anyhow(&visitor.ids))
}

async fn given(visitor: &Visitor, path: &str) -> Given {
    let answer = visitor.client.get(path).await;
    let html = answer.header("content-type").starts_with("text/html");
    match answer.status {
        StatusCode::OK if html => Given::Page,
        StatusCode::OK => Given::Other,
        StatusCode::SEE_OTHER if answer.location().starts_with("/files/") => Given::Other,
        _ => Given::Nothing,
    }
}
