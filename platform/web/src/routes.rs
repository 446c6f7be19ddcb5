//! A service's routes as a table of contents: path, handler, and the action that each one is.

use access::{Action, Vocabulary};
use axum::{Router, body::Body, routing::MethodRouter};
use futures_util::FutureExt;
use http::{Method, Request, header};
use tower::ServiceExt;
use utoipa::openapi::{Components, Info, OpenApi, OpenApiBuilder, Paths};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::{
    gate::{self, Gate},
    manners,
    parameters::{self, Parameters},
};

/// Largest body that a route takes when it says nothing else.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// How a route takes its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// Whole, before the handler runs, and at most so many bytes.
    UpTo(usize),
    /// Not at all: the handler reads the stream, and bounds it.
    Stream,
}

impl Default for Intake {
    fn default() -> Self {
        Self::UpTo(BODY_BYTES_MAX)
    }
}

/// One method of one path, and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The HTTP method.
    pub method: Method,
    /// The path with its parameters in braces.
    pub path: String,
    /// The action's name.
    pub action: &'static str,
}

/// A service ready to mount.
pub struct Service {
    /// The service's name.
    pub name: &'static str,
    /// Its routes, each behind its gate.
    pub router: Router,
    /// Its API.
    pub openapi: OpenApi,
    /// The path prefixes under which its routes are; the gateway routes by them, the longest first.
    pub prefixes: Vec<String>,
    /// Every method of every path.
    pub operations: Vec<Operation>,
}

impl Service {
    /// Returns both services as one, under this one's name.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.openapi.merge(other.openapi);
        self.prefixes.extend(other.prefixes);
        self.operations.extend(other.operations);
        self
    }
}

/// Collects a service's routes.
pub struct Routes<S> {
    name: &'static str,
    vocabulary: &'static Vocabulary,
    router: Router<S>,
    pages: Vec<(String, MethodRouter<S>, &'static str)>,
    paths: Paths,
    components: Components,
    operations: Vec<Operation>,
    collisions: Vec<String>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Starts the routes of the service `name`, whose actions speak of `vocabulary`.
    pub fn new(name: &'static str, vocabulary: &'static Vocabulary) -> Self {
        Self {
            name,
            vocabulary,
            router: Router::new(),
            pages: Vec::new(),
            paths: Paths::new(),
            components: Components::new(),
            operations: Vec::new(),
            collisions: Vec::new(),
        }
    }

    /// Adds a page: every method of `handlers` does `action`. A path may be added again for its other methods.
    #[must_use]
    pub fn page(self, action: Action, path: &str, handlers: MethodRouter<S>) -> Self {
        self.page_with(Intake::default(), action, path, handlers)
    }

    /// Adds a page that takes its body as `intake` says.
    #[must_use]
    pub fn page_with(mut self, intake: Intake, action: Action, path: &str, handlers: MethodRouter<S>) -> Self {
        self.pages.push((path.to_owned(), handlers.clone(), action.name));
        let gate = self.gate(intake, action);
        self.router = self.router.route(path, behind(gate, handlers));
        self
    }

    /// Adds API operations, made by `routes!` of handlers with `#[utoipa::path]`.
    #[must_use]
    pub fn api(self, action: Action, routes: UtoipaMethodRouter<S>) -> Self {
        self.api_with(Intake::default(), action, routes)
    }

    /// Adds API operations that take their body as `intake` says.
    #[must_use]
    pub fn api_with(mut self, intake: Intake, action: Action, routes: UtoipaMethodRouter<S>) -> Self {
        let (schemas, paths, handlers) = routes;
        for (path, mut item) in paths.paths {
            manners::tell(&mut item, action);
            let operation = |(method, _)| Operation { method, path: path.clone(), action: action.name };
            self.operations.extend(parameters::operations(&item).map(operation));
            let gate = self.gate(intake, action).knowing(Parameters::of(&item));
            self.router = self.router.route(&path, behind(gate, handlers.clone()));
            match self.paths.paths.get_mut(&path) {
                Some(known) => known.merge_operations(item),
                None => {
                    self.paths.paths.insert(path, item);
                }
            }
        }
        for (name, schema) in schemas {
            if self.components.schemas.get(&name).is_some_and(|known| *known != schema) {
                self.collisions.push(name);
            } else {
                self.components.schemas.insert(name, schema);
            }
        }
        self
    }

    /// Returns the names under which two different schemas were described: in the document one of them would be lost. A test of
    /// each service holds this to be empty.
    pub fn collisions(&self) -> &[String] {
        &self.collisions
    }

    /// Returns the description of the API operations, which needs no state.
    pub fn openapi(&self) -> OpenApi {
        let info = Info::builder().title(self.name).version("1").build();
        let (paths, components) = (self.paths.clone(), self.components.clone());
        OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
    }

    /// Closes the table.
    pub fn with_state(mut self, state: S) -> Service {
        for (path, handlers, action) in std::mem::take(&mut self.pages) {
            let methods = page_methods(handlers.with_state(state.clone()));
            let operation = |method| Operation { method, path: path.clone(), action };
            self.operations.extend(methods.into_iter().map(operation));
        }
        let openapi = self.openapi();
        Service {
            name: self.name,
            router: self.router.with_state(state),
            openapi,
            prefixes: prefixes(&self.operations),
            operations: self.operations,
        }
    }

    fn gate(&self, intake: Intake, action: Action) -> Gate {
        Gate::new(action, self.vocabulary, intake)
    }
}

fn behind<S: Clone + Send + Sync + 'static>(gate: Gate, handlers: MethodRouter<S>) -> MethodRouter<S> {
    handlers.route_layer(axum::middleware::from_fn_with_state(gate, gate::pass))
}

/// Learns a page's methods from the `Allow` header with which it refuses one that it does not have.
fn page_methods(handlers: MethodRouter) -> Vec<Method> {
    let Ok(request) = Request::builder().method(Method::TRACE).uri("/").body(Body::empty()) else { return Vec::new() };
    let Some(Ok(response)) = handlers.oneshot(request).now_or_never() else { return Vec::new() };
    let allow = response.headers().get(header::ALLOW).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let methods = allow.split(',').filter_map(|name| name.trim().parse().ok());
    methods.filter(|method| *method != Method::HEAD).collect()
}

/// Returns the shortest literal beginnings of the paths that cover all of them.
fn prefixes(operations: &[Operation]) -> Vec<String> {
    let mut all: Vec<&str> = operations.iter().map(|operation| literal(&operation.path)).collect();
    all.sort_unstable();
    let mut kept: Vec<String> = Vec::new();
    for prefix in all {
        let covered = |shorter: &String| {
            shorter == prefix
                || (shorter != "/" && prefix.strip_prefix(shorter.as_str()).is_some_and(|rest| rest.starts_with('/')))
        };
        if !kept.iter().any(covered) {
            kept.push(prefix.to_owned());
        }
    }
    kept
}

fn literal(path: &str) -> &str {
    let end = path.find("/{").unwrap_or(path.len());
    let literal = path.get(..end).unwrap_or(path);
    if literal.is_empty() { "/" } else { literal }
}
