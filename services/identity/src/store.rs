//! SQL, and the only place with it.
//!
//! Owns the statements over identity's tables. Never decides anything.
//! Start reading at [`person`].

use storage::Statement;

pub(crate) mod api_token;
pub(crate) mod attempt;
pub(crate) mod ended;
pub(crate) mod link;
pub(crate) mod membership;
pub(crate) mod password;
pub(crate) mod person;
pub(crate) mod session;
pub(crate) mod unit;

/// Every statement, a list per file.
pub(crate) static CATALOGUE: &[&[&Statement]] = &[
    api_token::STATEMENTS,
    attempt::STATEMENTS,
    ended::STATEMENTS,
    link::STATEMENTS,
    membership::STATEMENTS,
    password::STATEMENTS,
    person::STATEMENTS,
    session::STATEMENTS,
    unit::STATEMENTS,
];
