//! What notifications does by itself: it hears events and sends mails.
//!
//! Owns the consumers and the sender. Never waits for anything within a unit of work.
//! Start reading at [`consumers`].

use futures_util::FutureExt;
use messaging::Consumer;

use contracts::events::{identity::MailRequested, people::PersonChanged};

use crate::Notifications;

mod mail_requested;
mod person_changed;
mod project_events;
pub mod send_mails;
#[cfg(test)]
pub(crate) mod tests;

/// Names of the consumers of this service.
pub const CONSUMERS: [&str; 3] = ["notifications.people", "notifications.mails", "notifications.projects"];

/// Returns the consumers of this service, in the order of [`CONSUMERS`].
pub fn consumers(notifications: &Notifications) -> Vec<Consumer> {
    let [people, mails, projects] = CONSUMERS;
    let asked = notifications.clone();
    vec![
        Consumer::new(people).on(|tx, event: PersonChanged| person_changed::keep(tx, event).boxed()),
        Consumer::new(mails).on(move |tx, event: MailRequested| {
            asked.wake_sender();
            mail_requested::queue(tx, asked.links().clone(), event).boxed()
        }),
        project_events::consumer(projects, notifications),
    ]
}
