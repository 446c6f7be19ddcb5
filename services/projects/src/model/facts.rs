//! Facts: who the caller is to the object, and which guards hold. Gathered by actions, weighed by the tables.

use access::Subjects;

use super::words::words;

words! {
    /// A condition of a row. Its word is the reason that users and programs see when it does not hold.
    Guard {
        /// The cycle takes proposals now.
        ProposalsOpen = "proposals_open",
        /// The proposal has all that the cycle's policy asks for.
        ProposalComplete = "proposal_complete",
        /// At least one change is asked for.
        ChangesListed = "changes_listed",
        /// Every change asked for is ticked or answered.
        ChangesAnswered = "changes_answered",
        /// A reason is given.
        ReasonGiven = "reason_given",
        /// The cycle's policy wants a consent before the approval, and this version has none yet.
        EndorsementWanted = "endorsement_wanted",
        /// All required approvers agree.
        ApproversComplete = "approvers_complete",
        /// The topic has a place left.
        TopicHasPlace = "topic_has_place",
        /// The supervisor's quota has a place left.
        SupervisorHasPlace = "supervisor_has_place",
        /// Every member has confirmed.
        MembersConfirmed = "members_confirmed",
        /// The caller has confirmed, or is no member who has to.
        WordGiven = "word_given",
        /// The cycle runs.
        CycleOpen = "cycle_open",
        /// Every mandatory milestone is approved or waived.
        DeliverablesComplete = "deliverables_complete",
        /// A file comes with a valid ticket.
        FileGiven = "file_given",
        /// The file is not one that was handed in before.
        FileNew = "file_new",
        /// Every declaration is made.
        DeclarationsMade = "declarations_made",
        /// The deadline, with its grace, is over.
        DeadlinePassed = "deadline_passed",
        /// The cycle's policy lets projects lapse.
        LapseByPolicy = "lapse_by_policy",
        /// The deadline is not over, or the policy takes late work.
        InTime = "in_time",
        /// The window in which it can be handed in has begun.
        WindowOpen = "window_open",
        /// The similarity check is cleared.
        SimilarityCleared = "similarity_cleared",
        /// The committee is complete.
        CommitteeComplete = "committee_complete",
        /// The cycle's policy wants a defence.
        DefenceWanted = "defence_wanted",
        /// The cycle's policy does without a defence.
        DefenceSkipped = "defence_skipped",
        /// Day, time and room are set.
        SlotGiven = "slot_given",
        /// The minutes are written.
        MinutesWritten = "minutes_written",
        /// Enough examiners were there.
        QuorumMet = "quorum_met",
        /// The corrections have a date.
        CorrectionsDated = "corrections_dated",
        /// Every mark sheet is in, and they agree.
        MarksAgreed = "marks_agreed",
        /// The consent to publish and the embargo are settled.
        ConsentSettled = "consent_settled",
        /// The time to keep it is over.
        RetentionExpired = "retention_expired",
        /// No further attempt was made from this one.
        NoFurtherAttempt = "no_further_attempt",
        /// Nobody has taken a place yet.
        Untaken = "untaken",
        /// Every place is taken.
        Exhausted = "exhausted",
        /// The dates are in order.
        DatesInOrder = "dates_in_order",
    }
}

impl Guard {
    /// Returns true for what a request brings with it; such a guard never hides an action from those who could take it.
    pub const fn comes_with_the_request(self) -> bool {
        matches!(
            self,
            Self::ReasonGiven
                | Self::ChangesListed
                | Self::ChangesAnswered
                | Self::FileGiven
                | Self::FileNew
                | Self::DeclarationsMade
                | Self::SlotGiven
                | Self::MinutesWritten
                | Self::CorrectionsDated
                | Self::ProposalComplete
        )
    }

    /// Returns true when something tells whether it holds. The rest waits for committees, marks and the archive, which
    /// nothing keeps yet: a row with such a guard stays in the table, and nobody can take it.
    pub const fn is_fed(self) -> bool {
        !matches!(
            self,
            Self::SimilarityCleared
                | Self::CommitteeComplete
                | Self::SlotGiven
                | Self::MinutesWritten
                | Self::QuorumMet
                | Self::CorrectionsDated
                | Self::MarksAgreed
                | Self::ConsentSettled
                | Self::RetentionExpired
        )
    }

    const fn bit(self) -> u64 {
        1 << self as u32
    }
}

/// What is known when a step is weighed. What is not known does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// What the caller is to the object: roles and relations.
    pub subjects: Subjects,
    holding: u64,
}

impl Facts {
    /// Returns the facts of a caller of whom nothing else is known.
    pub const fn of(subjects: Subjects) -> Self {
        Self { subjects, holding: 0 }
    }

    /// Returns the facts with `guard` known to hold or not.
    #[must_use]
    pub const fn with(mut self, guard: Guard, holds: bool) -> Self {
        self.holding = if holds { self.holding | guard.bit() } else { self.holding & !guard.bit() };
        self
    }

    /// Returns whether `guard` is known to hold.
    pub const fn holds(&self, guard: Guard) -> bool {
        self.holding & guard.bit() != 0
    }

    /// Returns the facts under which every guard holds; for tables walked in tests and documents.
    pub fn all_holding(subjects: Subjects) -> Self {
        Guard::ALL.iter().fold(Self::of(subjects), |facts, guard| facts.with(*guard, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_do_not_share_bits() {
        for guard in Guard::ALL {
            let facts = Facts::of(Subjects::NONE).with(*guard, true);
            let holding: Vec<_> = Guard::ALL.iter().filter(|other| facts.holds(**other)).collect();
            assert_eq!(holding, [guard]);
        }
    }
}
