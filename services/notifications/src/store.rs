//! The tables: people, notifications, mails.
//!
//! Owns all SQL of this service. Never decides anything.
//! Start reading at [`notification`].

use storage::Statement;

pub(crate) mod mail;
pub(crate) mod notification;
pub(crate) mod person;

pub(crate) static CATALOGUE: &[&[&Statement]] = &[person::STATEMENTS, notification::STATEMENTS, mail::STATEMENTS];
