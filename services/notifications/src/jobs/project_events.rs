//! Tells the people of a project what became of it: one line per event.

use futures_util::FutureExt;
use messaging::Consumer;

use contracts::events::projects::{
    ChangesRequested, FinalSubmitted, MembershipDeclined, MilestoneApproved, MilestoneReturned, MilestoneSubmitted,
    ProposalApproved, ProposalRejected, ProposalSubmitted, TopicReturned,
};
use storage::Tx;

use crate::{
    Notifications, Result,
    actions::tell::{tell, tell_one},
    model::arguments::Arguments,
    model::kind::Kind,
};

/// Adds a handler for an event of a project: its kind, and the arguments of its text.
macro_rules! told {
    ($consumer:expr, $notifications:expr, $event:ty, $kind:ident $(, $name:literal = |$it:ident| $value:expr)*) => {{
        let notifications = $notifications.clone();
        $consumer.on(move |tx, event: $event| {
            notifications.wake_sender();
            let arguments = Arguments::default()$(.with($name, &{ let $it = &event; $value }))*;
            async move { tell(tx, Kind::$kind, &event.card, event.by, arguments).await }.boxed()
        })
    }};
}

pub(crate) fn consumer(name: &'static str, notifications: &Notifications) -> Consumer {
    let all = Consumer::new(name);
    let all = told!(all, notifications, ProposalSubmitted, ProposalSubmitted, "version" = |it| it.version);
    let all = told!(all, notifications, ChangesRequested, ChangesRequested, "count" = |it| it.items.len());
    let all = told!(all, notifications, ProposalApproved, ProposalApproved);
    let all = told!(all, notifications, ProposalRejected, ProposalRejected, "reason" = |it| &it.reason);
    let all = told!(all, notifications, MembershipDeclined, MembershipDeclined, "member" = |it| &it.member_name);
    let all = told!(
        all,
        notifications,
        MilestoneSubmitted,
        MilestoneSubmitted,
        "milestone" = |it| &it.milestone_title,
        "version" = |it| it.version
    );
    let all = told!(all, notifications, MilestoneApproved, MilestoneApproved, "milestone" = |it| &it.milestone_title);
    let all = told!(
        all,
        notifications,
        MilestoneReturned,
        MilestoneReturned,
        "milestone" = |it| &it.milestone_title,
        "reason" = |it| &it.reason
    );
    let (of_finals, of_topics) = (notifications.clone(), notifications.clone());
    let all = all.on(move |tx, event: FinalSubmitted| {
        of_finals.wake_sender();
        final_submitted(tx, event).boxed()
    });
    all.on(move |tx, event: TopicReturned| {
        of_topics.wake_sender();
        topic_returned(tx, event).boxed()
    })
}

/// The supervisors learn of the work; its members get a receipt.
async fn final_submitted(tx: &mut Tx, event: FinalSubmitted) -> Result<()> {
    let receipt = Arguments::default().with("receipt", &event.receipt).with("digest", &event.sha256);
    tell(tx, Kind::FinalReceived, &event.card, event.by, receipt).await?;
    tell(tx, Kind::FinalSubmitted, &event.card, event.by, Arguments::default()).await
}

/// The supervisor learns what is to change, unless they returned it themselves.
async fn topic_returned(tx: &mut Tx, event: TopicReturned) -> Result<()> {
    if event.by == Some(event.supervisor) {
        return Ok(());
    }
    let arguments = Arguments::default().with("title", &event.title).with("reason", &event.reason);
    tell_one(tx, event.supervisor, Kind::TopicReturned, &arguments, &format!("/topics/{}", event.topic)).await
}
