//! The HTTP and HTML kit: what every service needs to answer a browser or a program, in one manner.
//!
//! Owns routes with their actions, extractors, problem details, forms, the page layout, components, languages and assets.
//! Never knows a business object, never touches a database, never decides what only an object's relations can decide.
//! Start reading at [`Routes`], then [`Kit`], then `extract/`.
//!
//! A request passes [`Kit::mount`]'s entrance (caller, language, answer headers, rendering of failures), then the gate of its
//! route (action, cross-site check, body bound), then its handler.

#![warn(missing_docs)]

mod address;
mod arguments;
pub mod assets;
mod callers;
mod components;
mod cookies;
mod ctx;
mod entrance;
pub mod error;
pub mod extract;
mod flash;
pub mod gallery;
mod gate;
pub mod i18n;
mod kit;
pub mod manners;
mod markup;
mod metrics;
mod parameters;
mod problem;
pub mod reference;
mod respond;
mod routes;
mod site;
mod strict_json;
mod times;

#[cfg(test)]
mod tests;

pub use utoipa_axum::routes;

#[cfg(fuzzing)]
#[doc(hidden)]
pub use self::extract::fuzzing;
pub use self::{
    arguments::{Argument, Instant},
    components::{Choice, Moment, Pager, Step, StepState, Tab},
    ctx::{Crumb, Ctx},
    error::{CODES, Failure, Refusal, Result},
    extract::{Fields, FormFile, NamedError},
    kit::{Kit, KitParts, Settings, TenantCard, Tenants},
    markup::Markup,
    problem::Problem,
    respond::{ETag, List, created, download, html, html_with, local_path, no_content},
    routes::{BODY_BYTES_MAX, Intake, Operation, Routes, Service},
    site::{Held, NavItem, Site},
};
