//! Every statement of every catalogue prepares on both engines and walks no table that it did not say it would.

use ::storage::Kind;
use testkit::both_engines;

use super::*;

/// Prepares every statement of `database`; returns those whose plan walks a table without leave.
pub(crate) async fn unexpected_scans(database: &Database) -> Vec<String> {
    let mut found = Vec::new();
    for statement in database.statements() {
        let plan = database.explain(0, statement).await.unwrap_or_else(|error| panic!("{statement:?}: {error:?}"));
        // A sweep of the machine's own may walk; an insert reads nothing.
        if plan.full_scan && matches!(statement.kind, Kind::Read | Kind::Write) {
            found.push(format!("{statement:?}\n{}", plan.text));
        }
    }
    found
}

both_engines! {
    async fn storage_itself_walks_no_table(installation: Installation) {
        let (_, database) = open(&installation).await;
        let found = unexpected_scans(&database).await;
        assert!(found.is_empty(), "{}", found.join("\n\n"));
    }

    async fn a_walk_is_recognised(installation: Installation) {
        let (_, database) = open(&installation).await;
        assert!(database.explain(0, &WALK).await.unwrap().full_scan);
        assert!(!database.explain(0, &LIST).await.unwrap().full_scan);
    }
}
