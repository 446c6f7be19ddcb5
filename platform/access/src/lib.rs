//! Who may do what: a kernel that decides with one bitwise AND, and denies whatever it was not told to allow.
//!
//! Owns subjects (roles and relations as bits), actions, the vocabulary that turns grants into subjects, token scopes and
//! the decision. Never does I/O, never reads a clock, never knows which roles a product has.
//! Start reading at [`permits`], then [`Vocabulary`].
//!
//! A service declares its actions as constants, lists them in a [`Policy`], and asks in two steps:
//!
//! ```
//! use access::{Action, Subjects, SIGNED_IN};
//!
//! const OWNER: Subjects = Subjects::bit(32);
//! const READ_NOTE: Action = Action::read("notes.note.read", OWNER);
//!
//! fn authorize(caller: &base::Caller, owns_it: bool) -> Result<(), access::Denied> {
//!     let mut subjects = SIGNED_IN;
//!     if owns_it {
//!         subjects = subjects.or(OWNER);
//!     }
//!     access::require(&READ_NOTE, subjects, caller)
//! }
//! ```

#![warn(missing_docs)]

pub mod action;
pub mod denied;
pub mod kernel;
pub mod scope;
pub mod subjects;
pub mod vocabulary;

pub use self::{
    action::{Action, Policy},
    denied::{CODES, Denied},
    kernel::{Decision, Reason, permits, require},
    subjects::{ANYONE, NOBODY, SIGNED_IN, SYSTEM, Subjects},
    vocabulary::Vocabulary,
};
