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

/// Returns the consumers of this service.
pub fn consumers(notifications: &Notifications) -> Vec<Consumer> {
    let asked = notifications.clone();
    vec![
        Consumer::new("notifications.people").on(|tx, event: PersonChanged| person_changed::keep(tx, event).boxed()),
        Consumer::new("notifications.mails").on(move |tx, event: MailRequested| {
            asked.wake_sender();
            mail_requested::queue(tx, event).boxed()
        }),
        project_events::consumer(notifications),
    ]
}
