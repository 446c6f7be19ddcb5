//! Every payload, held against the text that is already out there.

use std::fmt::Debug;

use base::{Event, PersonId, Scope, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    files::{FileClaimed, FileStored},
    identity::*,
    installation::*,
    people::*,
    projects::*,
};
use crate::ids::{
    CycleId, FileId, ImportId, MailId, MembershipId, MilestoneId, ProgrammeId, ProjectId, SubmissionId, TopicId,
};

const PERSON: PersonId = PersonId::from_u128(1);
const PERSON_TEXT: &str = "00000000-0000-0000-0000-000000000001";
const PROJECT_TEXT: &str = "00000000-0000-0000-0000-000000000002";
const CYCLE_TEXT: &str = "00000000-0000-0000-0000-000000000003";
const OTHER_TEXT: &str = "00000000-0000-0000-0000-000000000009";
const NOON_TEXT: &str = "2027-06-01T12:00:00Z";

fn noon() -> Timestamp {
    NOON_TEXT.parse().unwrap()
}

/// The event is written as `text` and read from it, under this type and key.
fn check<E: Event + PartialEq + Debug>(event: &E, name: &str, key: u128, text: Value) {
    assert_eq!(E::TYPE, name);
    assert_eq!(event.key(), Uuid::from_u128(key));
    assert_eq!(serde_json::to_value(event).unwrap(), text);
    assert_eq!(&serde_json::from_value::<E>(text).unwrap(), event);
}

#[test]
fn people_events_keep_their_form() {
    let card = PersonChanged {
        person: PERSON,
        version: 3,
        name: "Thao ວົງສະຫວັນ".to_owned(),
        family_name: "ວົງສະຫວັນ".to_owned(),
        given_name: "Thao".to_owned(),
        email: Some("thao@uni.example".to_owned()),
        language: "lo".to_owned(),
        status: PersonStatus::Invited,
        numbers: vec!["2200003".to_owned()],
        changed_at: noon(),
    };
    let text = json!({
        "person": PERSON_TEXT, "version": 3, "name": "Thao ວົງສະຫວັນ", "family_name": "ວົງສະຫວັນ", "given_name": "Thao",
        "email": "thao@uni.example", "language": "lo", "status": "invited", "numbers": ["2200003"], "changed_at": NOON_TEXT,
    });
    check(&card, "identity.person.changed", 1, text);
    let membership = MembershipChanged {
        membership: MembershipId::from_u128(9),
        person: PERSON,
        role: "coordinator".to_owned(),
        scope: Scope::Unit(Uuid::from_u128(2)),
        from: noon(),
        until: None,
        changed_at: noon(),
    };
    let text = json!({
        "membership": OTHER_TEXT, "person": PERSON_TEXT, "role": "coordinator", "scope": {"unit": PROJECT_TEXT},
        "from": NOON_TEXT, "until": null, "changed_at": NOON_TEXT,
    });
    check(&membership, "identity.membership.changed", 1, text);
}

#[test]
fn mail_requests_keep_their_form() {
    let mail = MailRequested {
        mail: MailId::from_u128(9),
        person: PERSON,
        kind: MailKind::PasswordReset,
        to_address: "thao@uni.example".to_owned(),
        to_name: "Thao".to_owned(),
        language: "lo".to_owned(),
        link: String::new(),
        sealed_link: Some("AQ".to_owned()),
        link_until: Some(noon()),
        requested_at: noon(),
    };
    let mut text = json!({
        "mail": OTHER_TEXT, "person": PERSON_TEXT, "kind": "password_reset", "to_address": "thao@uni.example",
        "to_name": "Thao", "language": "lo", "sealed_link": "AQ", "link_until": NOON_TEXT, "requested_at": NOON_TEXT,
    });
    check(&mail, "identity.mail.requested", 1, text.clone());
    let plain = MailRequested { link: "/password/forgot".to_owned(), sealed_link: None, ..mail };
    text.as_object_mut().unwrap().remove("sealed_link");
    text["link"] = json!("/password/forgot");
    check(&plain, "identity.mail.requested", 1, text);
    for (kind, name) in [(MailKind::Invitation, "invitation"), (MailKind::PasswordChanged, "password_changed")] {
        assert_eq!(serde_json::to_value(kind).unwrap(), json!(name));
    }
}

#[test]
fn file_events_keep_their_form() {
    let stored = FileStored {
        file: FileId::from_u128(9),
        name: "ບົດ.pdf".to_owned(),
        size_bytes: 7,
        sha256: "ab".repeat(32),
        media_type: "application/pdf".to_owned(),
        uploaded_by: PERSON,
        stored_at: noon(),
    };
    let text = json!({
        "file": OTHER_TEXT, "name": "ບົດ.pdf", "size_bytes": 7, "sha256": "ab".repeat(32),
        "media_type": "application/pdf", "uploaded_by": PERSON_TEXT, "stored_at": NOON_TEXT,
    });
    check(&stored, "files.file.stored", 9, text);
    let claimed =
        FileClaimed { file: FileId::from_u128(9), submission: SubmissionId::from_u128(2), claimed_at: noon() };
    let text = json!({ "file": OTHER_TEXT, "submission": PROJECT_TEXT, "claimed_at": NOON_TEXT });
    check(&claimed, "files.file.claimed", 9, text);
}

#[test]
fn rosters_and_cycles_keep_their_form() {
    let person = RosterPerson {
        person: PERSON,
        numbers: vec!["2200003".to_owned()],
        family_name: "de la Cruz".to_owned(),
        given_name: "Wei".to_owned(),
        email: None,
        language: None,
        role: "student".to_owned(),
        scope: Scope::Tenant,
    };
    let listed = json!({
        "person": PERSON_TEXT, "numbers": ["2200003"], "family_name": "de la Cruz", "given_name": "Wei",
        "email": null, "language": null, "role": "student", "scope": "tenant",
    });
    let people = vec![person.clone()];
    let roster = RosterImported { import: ImportId::from_u128(9), chunk: 0, people, imported_at: noon() };
    let text = json!({"import": OTHER_TEXT, "chunk": 0, "imported_at": NOON_TEXT, "people": [listed]});
    check(&roster, "projects.roster.imported", 9, text);
    let cycle = CycleId::from_u128(3);
    let enrolled = ParticipantEnrolled { cycle, participant: person, enrolled_by: Some(PERSON), enrolled_at: noon() };
    let text =
        json!({"cycle": CYCLE_TEXT, "participant": listed, "enrolled_by": PERSON_TEXT, "enrolled_at": NOON_TEXT});
    check(&enrolled, "projects.participant.enrolled", 1, text);
    let programme = ProgrammeChanged {
        programme: ProgrammeId::from_u128(9),
        code: "CS".to_owned(),
        title_en: "Computer science".to_owned(),
        title_local: String::new(),
        changed_at: noon(),
    };
    let text = json!({
        "programme": OTHER_TEXT, "code": "CS", "title_en": "Computer science", "title_local": "", "changed_at": NOON_TEXT,
    });
    check(&programme, "projects.programme.changed", 9, text);
    let opened =
        CycleOpened { cycle: CycleId::from_u128(3), title: "2026/27".to_owned(), opened_by: None, opened_at: noon() };
    let text = json!({"cycle": CYCLE_TEXT, "title": "2026/27", "opened_by": null, "opened_at": NOON_TEXT});
    check(&opened, "projects.cycle.opened", 3, text);
}

fn card() -> ProjectCard {
    ProjectCard {
        project: ProjectId::from_u128(2),
        cycle: CycleId::from_u128(3),
        title: "Rivers".to_owned(),
        members: vec![PERSON],
        supervisors: Vec::new(),
    }
}

/// The text of a project's event: what all have, and `more`.
fn step(more: Value) -> Value {
    let mut text = json!({
        "card": {"project": PROJECT_TEXT, "cycle": CYCLE_TEXT, "title": "Rivers", "members": [PERSON_TEXT], "supervisors": []},
        "by": PERSON_TEXT, "happened_at": NOON_TEXT,
    });
    let Value::Object(more) = more else { unreachable!("an object is given") };
    text.as_object_mut().unwrap().extend(more);
    text
}

#[test]
fn proposal_events_keep_their_form() {
    let (card, by, happened_at) = (card(), Some(PERSON), noon());
    let submitted = ProposalSubmitted { card: card.clone(), by, happened_at, version: 1 };
    check(&submitted, "projects.proposal.submitted", 2, step(json!({"version": 1})));
    let items = vec!["Say which sensors.".to_owned()];
    let changes = ChangesRequested { card: card.clone(), by, happened_at, version: 1, items };
    let text = step(json!({"version": 1, "items": ["Say which sensors."]}));
    check(&changes, "projects.changes.requested", 2, text);
    let approved = ProposalApproved { card: card.clone(), by, happened_at, version: 2 };
    check(&approved, "projects.proposal.approved", 2, step(json!({"version": 2})));
    let member_name = "Ben".to_owned();
    let declined = MembershipDeclined { card: card.clone(), by, happened_at, member_name };
    check(&declined, "projects.membership.declined", 2, step(json!({"member_name": "Ben"})));
    let rejected = ProposalRejected { card, by, happened_at, version: 2, reason: "Done before.".to_owned() };
    check(&rejected, "projects.proposal.rejected", 2, step(json!({"version": 2, "reason": "Done before."})));
}

#[test]
fn submission_events_keep_their_form() {
    let (card, by, happened_at) = (card(), Some(PERSON), noon());
    let (milestone, submission) = (MilestoneId::from_u128(9), SubmissionId::from_u128(9));
    let milestone_title = "Interim report".to_owned();
    let submitted = MilestoneSubmitted {
        card: card.clone(),
        by,
        happened_at,
        milestone,
        milestone_title: milestone_title.clone(),
        submission,
        version: 1,
    };
    let named = json!({"milestone": OTHER_TEXT, "milestone_title": "Interim report"});
    let text =
        json!({"milestone": OTHER_TEXT, "milestone_title": "Interim report", "submission": OTHER_TEXT, "version": 1});
    check(&submitted, "projects.milestone.submitted", 2, step(text));
    let approved =
        MilestoneApproved { card: card.clone(), by, happened_at, milestone, milestone_title: milestone_title.clone() };
    check(&approved, "projects.milestone.approved", 2, step(named));
    let reason = "No results yet.".to_owned();
    let returned = MilestoneReturned { card: card.clone(), by, happened_at, milestone, milestone_title, reason };
    let text = json!({"milestone": OTHER_TEXT, "milestone_title": "Interim report", "reason": "No results yet."});
    check(&returned, "projects.milestone.returned", 2, step(text));
    let receipt = "R-2027-000017".to_owned();
    let last = FinalSubmitted { card, by, happened_at, submission, receipt, sha256: "ab".repeat(32) };
    let text = json!({"submission": OTHER_TEXT, "receipt": "R-2027-000017", "sha256": "ab".repeat(32)});
    check(&last, "projects.final.submitted", 2, step(text));
}

#[test]
fn a_payload_of_an_older_version_still_loads() {
    let oldest = json!({
        "person": PERSON_TEXT, "version": 1, "name": "Wei", "family_name": "", "given_name": "Wei", "language": "en",
        "status": "disabled", "changed_at": NOON_TEXT, "added_later": true,
    });
    let card: PersonChanged = serde_json::from_value(oldest).unwrap();
    assert_eq!((card.email, card.numbers.len(), card.status), (None, 0, PersonStatus::Disabled));
}

#[test]
fn topic_events_keep_their_form() {
    let returned = TopicReturned {
        topic: TopicId::from_u128(9),
        cycle: CycleId::from_u128(3),
        title: "River levels".to_owned(),
        supervisor: PERSON,
        by: None,
        happened_at: noon(),
        reason: "Too wide".to_owned(),
    };
    let text = json!({
        "topic": OTHER_TEXT, "cycle": CYCLE_TEXT, "title": "River levels", "supervisor": PERSON_TEXT, "by": null,
        "happened_at": NOON_TEXT, "reason": "Too wide",
    });
    check(&returned, "projects.topic.returned", 9, text);
}

#[test]
fn a_mail_requested_before_links_were_sealed_still_loads() {
    let before = include_str!("../../fixtures/mail_requested_with_plain_link.json");
    let mail: MailRequested = serde_json::from_str(before).unwrap();
    assert_eq!((mail.link.as_str(), mail.sealed_link), ("/password/reset?token=x", None));
}

#[test]
fn installation_events_keep_their_form() {
    let changed = NodeChanged {
        change: "expired".to_owned(),
        service: Some("projects".to_owned()),
        node: Some(Uuid::from_u128(9)),
        seen_by: Uuid::from_u128(2),
        changed_at: noon(),
    };
    let text = json!({
        "change": "expired", "service": "projects", "node": OTHER_TEXT, "seen_by": PROJECT_TEXT, "changed_at": NOON_TEXT,
    });
    check(&changed, "installation.node.changed", 9, text);
    let decided = TrafficDecided {
        decision: "panic_began".to_owned(),
        service: "projects".to_owned(),
        node: None,
        count: 1,
        open_ms: None,
        decided_by: Uuid::from_u128(2),
        decided_at: noon(),
    };
    let text = json!({
        "decision": "panic_began", "service": "projects", "node": null, "count": 1, "open_ms": null,
        "decided_by": PROJECT_TEXT, "decided_at": NOON_TEXT,
    });
    check(&decided, "installation.traffic.decided", 0, text);
}
