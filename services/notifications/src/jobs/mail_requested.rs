//! Queues the mails that identity asks for.

use contracts::{events::identity::MailRequested, passes::mail_link_context};
use crypto::{SealKey, Secret};
use storage::Tx;

use crate::{
    Result,
    model::{arguments::Arguments, template::Template},
    store::mail::{self, Draft, Link},
};

pub(crate) async fn queue(tx: &mut Tx, links: SealKey, event: MailRequested) -> Result<()> {
    let sealed = match event.sealed_link {
        Some(sealed) => sealed,
        // Asked for by a former version, or no secret: here at least it does not lie open.
        None => {
            links.seal(tx.ambient(), &mail_link_context(tx.tenant(), event.mail), &Secret::from(event.link.as_str()))?
        }
    };
    let arguments = Arguments::default();
    let arguments = match event.link_until {
        Some(until) => arguments.with("until", &until),
        None => arguments,
    };
    let draft = Draft {
        person: event.person,
        template: Template::from(event.kind),
        arguments,
        link: Link::Sealed(sealed),
        address: Some(event.to_address),
        name: Some(event.to_name),
        language: Some(event.language),
    };
    Ok(mail::queue(tx, event.mail, &draft).await?)
}
