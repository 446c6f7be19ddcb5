//! What can go wrong in the projects service, each with its code and its page in `docs/errors/`.

use std::fmt;

use base::{Code, Fault, FieldError};

use crate::model::{
    facts::Guard,
    machine::{Illegal, Reason},
    words::Spoken,
};

/// What the actions of this service return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

base::error_codes! {
    /// Nothing that the caller may know of.
    NOT_FOUND = "PRJ-001", NotFound;
    /// Fields are wrong.
    INVALID = "PRJ-002", Invalid;
    /// The state table has no such step now.
    ILLEGAL_STEP = "PRJ-003", Conflict;
    /// Somebody changed it since the version given.
    STALE = "PRJ-004", Conflict as 412;
    /// The supervisor's quota is used up.
    QUOTA_REACHED = "PRJ-005", Conflict;
    /// The topic takes no more projects.
    TOPIC_FULL = "PRJ-006", Conflict;
    /// A member has a project in this cycle.
    MEMBER_TAKEN = "PRJ-007", Conflict;
    /// The caller takes no part in this cycle.
    NOT_IN_CYCLE = "PRJ-008", Forbidden;
    /// The upload ticket is not good.
    TICKET_REFUSED = "PRJ-009", Invalid;
    /// The step is not for this caller.
    NOT_YOURS = "PRJ-010", Forbidden;
}

/// What can go wrong in the projects service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such {0}")]
    NotFound(&'static str),
    #[error("some fields are wrong")]
    Invalid(Vec<FieldError>),
    #[error("{}", .0.sentence())]
    Illegal(Box<IllegalStep>),
    #[error("it was changed in the meantime: the current version is {current}")]
    Stale { current: i64 },
    #[error("the supervisor takes no more projects in this cycle")]
    QuotaReached,
    #[error("the topic takes no more projects")]
    TopicFull,
    #[error("`{number}` belongs to another project of this cycle")]
    MemberTaken { number: String },
    #[error("you do not take part in this cycle")]
    NotInCycle,
    #[error("the upload ticket is not good")]
    Ticket(#[source] crypto::token::Error),
    #[error("the upload ticket was given to somebody else")]
    TicketOfAnother,
    #[error(transparent)]
    Denied(#[from] access::Denied),
    #[error("{}", told(.0))]
    Storage(#[from] storage::Error),
}

/// Returns both, or the faults of both at once; what is no fault of fields counts before them.
pub(crate) fn both<A, B>(one: Result<A>, other: Result<B>) -> Result<(A, B)> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(Error::Invalid(mut faults)), Err(Error::Invalid(more))) => {
            faults.extend(more);
            Err(Error::Invalid(faults))
        }
        (Err(Error::Invalid(_)) | Ok(_), Err(error)) | (Err(error), Ok(_) | Err(_)) => Err(error),
    }
}

/// Returns what may be told of a failure of the database: what the caller did, and nothing that the database says.
pub(crate) const fn told(error: &storage::Error) -> &'static str {
    match error {
        storage::Error::KeyReused => "the idempotency key was used for another request",
        _ => "the database failed",
    }
}

/// A step refused, in words that any of the state tables can fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IllegalStep {
    pub state: String,
    pub action: String,
    pub reason: Reason,
    /// What the caller could do instead.
    pub legal: Vec<String>,
    /// How the keys begin of the texts that say state, action, and what is legal.
    pub texts: [&'static str; 3],
}

impl Error {
    /// Returns the error of one wrong field.
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, reason)])
    }

    /// Returns the error, in which what `field` should have brought is that field's fault and not the state's: so it is when
    /// nothing but `guard` keeps the step from being taken.
    #[must_use]
    pub fn blaming(self, field: &str, guard: Guard) -> Self {
        match &self {
            Self::Illegal(step) if matches!(&step.reason, Reason::Guards(missing) if *missing == [guard]) => {
                Self::field(field, "required")
            }
            _ => self,
        }
    }
}

impl<S: fmt::Display + Spoken, A: fmt::Display + Spoken> From<Illegal<S, A>> for Error {
    fn from(illegal: Illegal<S, A>) -> Self {
        Self::Illegal(Box::new(IllegalStep {
            state: illegal.state.to_string(),
            action: illegal.action.to_string(),
            reason: illegal.reason,
            legal: illegal.legal.iter().map(ToString::to_string).collect(),
            texts: [S::TEXTS, A::TEXTS, A::TEXTS],
        }))
    }
}

impl From<Vec<FieldError>> for Error {
    fn from(fields: Vec<FieldError>) -> Self {
        Self::Invalid(fields)
    }
}

impl IllegalStep {
    /// Says what stands in the way, in the stable words.
    fn sentence(&self) -> String {
        let Self { action, state, .. } = self;
        match &self.reason {
            Reason::State => format!("`{action}` is not possible in state `{state}`"),
            Reason::Subject => format!("`{action}` is for somebody else"),
            Reason::Guards(_) => format!("`{action}` waits for `{}`", self.reasons().join("`, `")),
        }
    }

    /// Returns the stable words of why: `state`, `subject`, or the guards that do not hold.
    pub fn reasons(&self) -> Vec<String> {
        match &self.reason {
            Reason::State => vec!["state".to_owned()],
            Reason::Subject => vec!["subject".to_owned()],
            Reason::Guards(guards) => guards.iter().map(Guard::to_string).collect(),
        }
    }

    /// Returns the keys of the texts that say its members.
    fn words(&self) -> Vec<(&'static str, Vec<String>)> {
        let key = |texts: &str, word: &String| format!("{texts}-{word}");
        let [state, action, legal] = self.texts;
        vec![
            ("state", vec![key(state, &self.state)]),
            ("action", vec![key(action, &self.action)]),
            ("reason", self.reasons().iter().map(|word| key("projects-guard", word)).collect()),
            ("legal", self.legal.iter().map(|word| key(legal, word)).collect()),
        ]
    }
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::NotFound(_) => &NOT_FOUND,
            Self::Invalid(_) => &INVALID,
            Self::Illegal(step) if step.reason == Reason::Subject => &NOT_YOURS,
            Self::Illegal(_) => &ILLEGAL_STEP,
            Self::Stale { .. } => &STALE,
            Self::QuotaReached => &QUOTA_REACHED,
            Self::TopicFull => &TOPIC_FULL,
            Self::MemberTaken { .. } => &MEMBER_TAKEN,
            Self::NotInCycle => &NOT_IN_CYCLE,
            Self::Ticket(_) | Self::TicketOfAnother => &TICKET_REFUSED,
            Self::Denied(denied) => denied.code(),
            Self::Storage(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::Storage(error) => error.fields(),
            _ => Vec::new(),
        }
    }

    fn words(&self) -> Vec<(&'static str, Vec<String>)> {
        match self {
            Self::Illegal(step) => step.words(),
            _ => Vec::new(),
        }
    }

    fn members(&self) -> Vec<(&'static str, Vec<String>)> {
        match self {
            Self::Illegal(step) => vec![
                ("state", vec![step.state.clone()]),
                ("action", vec![step.action.clone()]),
                ("reason", step.reasons()),
                ("legal", step.legal.clone()),
            ],
            Self::Stale { current } => vec![("version", vec![current.to_string()])],
            Self::MemberTaken { number } => vec![("number", vec![number.clone()])],
            Self::Denied(denied) => denied.members(),
            _ => Vec::new(),
        }
    }
}
