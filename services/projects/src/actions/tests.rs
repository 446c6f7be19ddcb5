//! The verbs against a real database: the walk of a project, and what must hold when many act at once.

mod cycle_pages;
mod demo;
mod enrolling;
mod histories;
mod house;
mod membership;
mod over_http;
mod people;
mod quotas;
mod refusals;
mod templates;
mod texts;
mod topics;
mod walk;
