//! What every state table here is made of: rows, and the four questions one can ask of them.
//!
//! A table is data. [`apply`] is the only way to a new state, and the explanations ([`legal`], [`options`]) read the very
//! same rows, so that what a page offers and what an action does cannot differ.

use access::Subjects;

use super::facts::{Facts, Guard};

/// One row: from this state, by this action, to that state, by these people, when all guards hold.
#[derive(Debug, Clone, Copy)]
pub struct Row<S: 'static, A: 'static> {
    pub from: S,
    pub action: A,
    pub to: S,
    pub who: Subjects,
    pub guards: &'static [Guard],
    pub effects: &'static [Effect],
    pub reversible: bool,
}

/// What a step does besides changing the state; carried out by the action in the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A new version of the proposal is kept beside the older ones.
    KeepProposal,
    /// The approver's consent to this version is kept.
    KeepEndorsement,
    /// One place of the topic and one of the supervisor's are taken.
    TakeCapacity,
    /// The places are given back.
    GiveCapacityBack,
    /// The members are free to join another project.
    FreeMembers,
    /// The members belong to this project again.
    ClaimMembers,
    /// Dated milestones are made from the cycle's template.
    PlanMilestones,
    /// Deadlines no longer run.
    StopClock,
    /// Every open deadline moves by as long as the clock stood.
    ShiftClock,
    /// The file handed in is kept, with a receipt.
    KeepSubmission,
    /// A new project is made from this one, with the attempt counted up.
    LinkAttempt,
    /// The grade record gets a new version; the old one stays.
    NewGradeVersion,
    /// Personal data is removed.
    RemovePersonalData,
}

impl Effect {
    /// Returns the effect that undoes this one, when something does.
    pub const fn inverse(self) -> Option<Self> {
        match self {
            Self::TakeCapacity => Some(Self::GiveCapacityBack),
            Self::GiveCapacityBack => Some(Self::TakeCapacity),
            Self::FreeMembers => Some(Self::ClaimMembers),
            Self::ClaimMembers => Some(Self::FreeMembers),
            Self::StopClock => Some(Self::ShiftClock),
            _ => None,
        }
    }
}

/// An action that somebody may take, or could but for what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice<A> {
    pub action: A,
    pub missing: Vec<Guard>,
}

impl<A> Choice<A> {
    /// Returns true when what is missing can come to be: see [`Row::is_fed`].
    pub fn is_fed(&self) -> bool {
        self.missing.iter().all(|guard| guard.is_fed())
    }
}

/// Why a step is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The table has no such row.
    State,
    /// The row is not for this caller.
    Subject,
    /// These guards do not hold.
    Guards(Vec<Guard>),
}

/// A step refused, with what the caller could do instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Illegal<S, A> {
    pub state: S,
    pub action: A,
    pub reason: Reason,
    pub legal: Vec<A>,
}

impl<S: Copy + PartialEq, A: Copy + PartialEq> Row<S, A> {
    /// Starts a row; guards and effects are added with [`Row::when`] and [`Row::then`].
    pub const fn new(from: S, action: A, to: S, who: Subjects) -> Self {
        Self { from, action, to, who, guards: &[], effects: &[], reversible: false }
    }

    /// Returns the row with these guards.
    #[must_use]
    pub const fn when(mut self, guards: &'static [Guard]) -> Self {
        self.guards = guards;
        self
    }

    /// Returns the row with these effects.
    #[must_use]
    pub const fn then(mut self, effects: &'static [Effect]) -> Self {
        self.effects = effects;
        self
    }

    /// Returns the row as one that a coordinator can take back, by appending the opposite.
    #[must_use]
    pub const fn reversible(mut self) -> Self {
        self.reversible = true;
        self
    }

    /// Returns true when every guard is answered by something, so that the step can be taken some day.
    pub fn is_fed(&self) -> bool {
        self.guards.iter().all(|guard| guard.is_fed())
    }

    fn missing(&self, facts: &Facts, offered: bool) -> Vec<Guard> {
        let counts = |guard: &Guard| !(offered && guard.comes_with_the_request());
        self.guards.iter().copied().filter(counts).filter(|guard| !facts.holds(*guard)).collect()
    }
}

/// Returns the row for this step, or why there is none.
pub fn apply<S, A>(
    table: &'static [Row<S, A>],
    state: S,
    action: A,
    facts: &Facts,
) -> Result<&'static Row<S, A>, Illegal<S, A>>
where
    S: Copy + PartialEq,
    A: Copy + PartialEq,
{
    let illegal = |reason| Illegal { state, action, reason, legal: legal(table, state, facts) };
    let Some(row) = table.iter().find(|row| row.from == state && row.action == action) else {
        return Err(illegal(Reason::State));
    };
    if !row.who.meets(facts.subjects) {
        return Err(illegal(Reason::Subject));
    }
    let missing = row.missing(facts, false);
    if missing.is_empty() { Ok(row) } else { Err(illegal(Reason::Guards(missing))) }
}

/// Returns the actions that the caller can take now. What the request itself brings (a reason, a file) counts as brought.
pub fn legal<S, A>(table: &'static [Row<S, A>], state: S, facts: &Facts) -> Vec<A>
where
    S: Copy + PartialEq,
    A: Copy + PartialEq,
{
    options(table, state, facts)
        .into_iter()
        .filter(|choice| choice.missing.is_empty())
        .map(|choice| choice.action)
        .collect()
}

/// Returns every action of the caller's in this state, with what is still missing for it.
pub fn options<S, A>(table: &'static [Row<S, A>], state: S, facts: &Facts) -> Vec<Choice<A>>
where
    S: Copy + PartialEq,
    A: Copy + PartialEq,
{
    let mine = table.iter().filter(|row| row.from == state && row.who.meets(facts.subjects));
    mine.map(|row| Choice { action: row.action, missing: row.missing(facts, true) }).collect()
}
