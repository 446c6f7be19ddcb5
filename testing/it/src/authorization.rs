//! The authorization walk: every operation and every page, as nobody, as the weakest who is signed in, as somebody who
//! holds every role in another university (INV-5), and with a token that was given nothing.

use testkit::{App, both_engines};

mod bodies;
mod campus;
pub(crate) mod routes;
mod things;
mod walks;

use self::campus::Campus;

both_engines! {
    async fn nothing_is_open_to_whom_it_is_closed(installation: Installation) {
        let campus = Campus::of(App::start(installation).await).await;
        let mut found = routes::differences(&campus).await;
        found.extend(walks::as_nobody(&campus).await);
        found.extend(walks::as_the_weakest(&campus).await);
        found.extend(walks::as_a_stranger(&campus).await);
        found.extend(walks::as_a_narrow_token(&campus).await);
        campus.app.stop().await;
        assert!(found.is_empty(), "{} surprises:\n{}", found.len(), found.join("\n"));
    }
}
