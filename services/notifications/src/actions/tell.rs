//! Tell the people concerned what became of a project or a topic.

use std::collections::BTreeSet;

use base::PersonId;
use contracts::{events::projects::ProjectCard, ids::MailId};
use storage::Tx;

use crate::{
    Result,
    model::{
        arguments::Arguments,
        kind::{Audience, Kind},
        template::Template,
    },
    store::{
        self,
        mail::{Draft, Link},
    },
};

/// Adds a notification, and a mail where the kind is mailed, for everybody whom the kind concerns.
pub async fn tell(
    tx: &mut Tx,
    kind: Kind,
    card: &ProjectCard,
    by: Option<PersonId>,
    arguments: Arguments,
) -> Result<()> {
    let link = format!("/projects/{}", card.project);
    let arguments = arguments.with("title", &card.title);
    for person in concerned(kind.audience(), card, by) {
        tell_one(tx, person, kind, &arguments, &link).await?;
    }
    Ok(())
}

/// Adds a notification for one person, and a mail where the kind is mailed.
pub async fn tell_one(tx: &mut Tx, person: PersonId, kind: Kind, arguments: &Arguments, link: &str) -> Result<()> {
    store::notification::insert(tx, person, kind, arguments, link).await?;
    if kind.is_mailed() {
        let id: MailId = tx.id();
        let draft = Draft {
            person,
            template: Template::Notice(kind),
            arguments: arguments.clone(),
            link: Link::Plain(link.to_owned()),
            address: None,
            name: None,
            language: None,
        };
        store::mail::queue(tx, id, &draft).await?;
    }
    Ok(())
}

fn concerned(audience: Audience, card: &ProjectCard, by: Option<PersonId>) -> BTreeSet<PersonId> {
    let people = match audience {
        Audience::Members | Audience::MembersAndActor => &card.members,
        Audience::Supervisors => &card.supervisors,
    };
    let is_told = |person: &PersonId| audience == Audience::MembersAndActor || Some(*person) != by;
    people.iter().copied().filter(is_told).collect()
}
