//! Imports and exports in JSON: one endpoint per file.

mod export_table;
mod list_imports;
mod list_refusals;
mod run_import;
mod show_import;

use web::{Intake, Routes};

pub(crate) use self::export_table::export;

use crate::{Projects, policy};

/// Most bytes of all files of one import together.
pub(crate) const FILES_BYTES_MAX: usize = 96 << 20;

/// Adds the routes of imports and exports.
pub(crate) fn routes(routes: Routes<Projects>) -> Routes<Projects> {
    routes
        .api_with(Intake::UpTo(FILES_BYTES_MAX), policy::IMPORT, web::routes!(run_import::run_import))
        .api(policy::IMPORT, web::routes!(list_imports::list_imports))
        .api(policy::IMPORT, web::routes!(show_import::show_import))
        .api(policy::IMPORT, web::routes!(list_refusals::list_refusals))
        .api(policy::EXPORT, web::routes!(export_table::export_table))
}
