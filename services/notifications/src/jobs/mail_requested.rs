//! Queues the mails that identity asks for.

use contracts::events::identity::MailRequested;
use storage::Tx;

use crate::{
    Result,
    model::{arguments::Arguments, template::Template},
    store::mail::{self, Draft},
};

pub(crate) async fn queue(tx: &mut Tx, event: MailRequested) -> Result<()> {
    let arguments = Arguments::default();
    let arguments = match event.link_until {
        Some(until) => arguments.with("until", &until),
        None => arguments,
    };
    let draft = Draft {
        person: event.person,
        template: Template::from(event.kind),
        arguments,
        link: event.link,
        address: Some(event.to_address),
        name: Some(event.to_name),
        language: Some(event.language),
    };
    Ok(mail::queue(tx, event.mail, &draft).await?)
}
