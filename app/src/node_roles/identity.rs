//! The role `identity`: people, sign-in, sessions, tokens; and, for the gateway alone, who a cookie or a token is.

use anyhow::Result;
use futures_util::{FutureExt, future::BoxFuture};
use mesh::node::Route;

use crate::{parts::Parts, serving};

pub(super) fn start(parts: &Parts) -> BoxFuture<'_, Result<()>> {
    async move {
        let identity = parts.identity().await?;
        let db = parts.database("identity", identity::SCHEMA).await?;
        serving::message(parts, db, identity::consumers(identity)).await?;
        identity::start(identity, &parts.shutdown);
        let service = identity::service(identity.clone());
        let routes = service.prefixes.iter().map(Route::new).collect();
        // Its path is not among the routes: nobody reaches it through the gateway.
        let internal = identity::internal::router(identity.clone());
        serving::serve_beside(parts, service, routes, internal).await
    }
    .boxed()
}
