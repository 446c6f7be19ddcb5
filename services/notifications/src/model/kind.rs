//! The kinds of notification: a table of who is told and what is sent by mail too.

use std::str::FromStr;

use super::arguments::Arguments;

/// What a person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    ProposalSubmitted,
    ChangesRequested,
    ProposalApproved,
    ProposalRejected,
    MembershipDeclined,
    MilestoneSubmitted,
    MilestoneApproved,
    MilestoneReturned,
    FinalSubmitted,
    FinalReceived,
    TopicReturned,
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The project's members, except who did it.
    Members,
    /// The supervisors of the project or topic, except who did it.
    Supervisors,
    /// The project's members, whoever did it: a receipt.
    MembersAndActor,
}

struct Rule {
    kind: Kind,
    name: &'static str,
    audience: Audience,
    mailed: bool,
    sample: &'static [(&'static str, &'static str)],
}

/// Every kind. The name is also the name of its texts, `notice-NAME` and `mail-NAME-...`.
#[rustfmt::skip]
static RULES: &[Rule] = &[
    Rule { kind: Kind::ProposalSubmitted, name: "proposal-submitted", audience: Audience::Supervisors, mailed: true, sample: &[TITLE, ("version", "2")] },
    Rule { kind: Kind::ChangesRequested, name: "changes-requested", audience: Audience::Members, mailed: true, sample: &[TITLE, ("count", "3")] },
    Rule { kind: Kind::ProposalApproved, name: "proposal-approved", audience: Audience::Members, mailed: true, sample: &[TITLE] },
    Rule { kind: Kind::ProposalRejected, name: "proposal-rejected", audience: Audience::Members, mailed: true, sample: &[TITLE, REASON] },
    Rule { kind: Kind::MembershipDeclined, name: "membership-declined", audience: Audience::Members, mailed: true, sample: &[TITLE, ("member", "Noy Sisouk")] },
    Rule { kind: Kind::MilestoneSubmitted, name: "milestone-submitted", audience: Audience::Supervisors, mailed: true, sample: &[TITLE, MILESTONE, ("version", "1")] },
    Rule { kind: Kind::MilestoneApproved, name: "milestone-approved", audience: Audience::Members, mailed: false, sample: &[TITLE, MILESTONE] },
    Rule { kind: Kind::MilestoneReturned, name: "milestone-returned", audience: Audience::Members, mailed: true, sample: &[TITLE, MILESTONE, REASON] },
    Rule { kind: Kind::FinalSubmitted, name: "final-submitted", audience: Audience::Supervisors, mailed: true, sample: &[TITLE] },
    Rule { kind: Kind::FinalReceived, name: "final-received", audience: Audience::MembersAndActor, mailed: true, sample: &[TITLE, ("receipt", "R-2027-000042"), ("digest", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")] },
    Rule { kind: Kind::TopicReturned, name: "topic-returned", audience: Audience::Supervisors, mailed: true, sample: &[TITLE, REASON] },
];

const TITLE: (&str, &str) = ("title", "Water level warnings for the Nam Ngum");
const MILESTONE: (&str, &str) = ("milestone", "Literature review");
const REASON: (&str, &str) = ("reason", "The sources are missing");

impl Kind {
    /// Returns every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        RULES.iter().map(|rule| rule.kind)
    }

    /// Returns the stable name.
    pub fn name(self) -> &'static str {
        self.rule().map_or("", |rule| rule.name)
    }

    /// Returns who is told.
    pub fn audience(self) -> Audience {
        self.rule().map_or(Audience::Members, |rule| rule.audience)
    }

    /// Returns whether it is sent by mail too.
    pub fn is_mailed(self) -> bool {
        self.rule().is_some_and(|rule| rule.mailed)
    }

    /// Returns arguments for a preview.
    pub fn sample(self) -> Arguments {
        let pairs = self.rule().map_or(&[][..], |rule| rule.sample);
        pairs.iter().fold(Arguments::default(), |arguments, (name, value)| arguments.with(name, *value))
    }

    fn rule(self) -> Option<&'static Rule> {
        RULES.iter().find(|rule| rule.kind == self)
    }
}

/// The word is no kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownKind;

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        RULES.iter().find(|rule| rule.name == name).map(|rule| rule.kind).ok_or(UnknownKind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_rule_and_is_found_by_its_name() {
        let mut kinds: Vec<_> = Kind::all().collect();
        kinds.sort();
        kinds.dedup();
        assert_eq!(kinds.len(), RULES.len());
        assert_eq!(kinds.len(), Kind::TopicReturned as usize + 1);
        for kind in kinds {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
    }
}
