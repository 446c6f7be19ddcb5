//! Import a folder: what `fpms import DIR` does. The files are read first, and the database is asked once.

use std::{collections::BTreeMap, path::Path};

use base::{Caller, Code, Fault, FieldError, TenantId};
use futures_util::FutureExt;
use storage::Database;

use super::import_cohort::{
    Error, ImportCohort, OnProgress, Report, error::UNREADABLE, import_cohort, preview_import, zone_of,
};
use crate::model::{
    ids::CycleId,
    import::{FILE_BYTES_MAX, Mode, Problem, TABLES_MAX},
};

/// How a folder is imported.
#[derive(Clone)]
pub struct ImportDir {
    pub tenant: TenantId,
    /// Without one, the newest cycle that is not over; when there is none, a draft is made.
    pub cycle: Option<CycleId>,
    pub mode: Mode,
    pub dry_run: bool,
    pub progress: Option<OnProgress>,
}

/// A folder cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum DirError {
    #[error("`{path}` cannot be read")]
    Unreadable {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error(transparent)]
    Import(#[from] Error),
}

impl Fault for DirError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Unreadable { .. } => &UNREADABLE,
            Self::Import(error) => error.code(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } => Some("check the path, and that its files may be read".to_owned()),
            Self::Import(error) => error.hint(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Unreadable { path, .. } => vec![FieldError::new(path, "unreadable")],
            Self::Import(error) => error.fields(),
        }
    }

    fn members(&self) -> Vec<(&'static str, Vec<String>)> {
        match self {
            Self::Unreadable { .. } => Vec::new(),
            Self::Import(error) => error.members(),
        }
    }
}

/// Imports the CSV and XLSX files of a folder as the installation itself.
pub async fn import_dir(db: &Database, folder: &Path, how: ImportDir) -> Result<Report, DirError> {
    let files = read(folder).await?;
    let command = ImportCohort {
        tables: ImportCohort::read(&files, &BTreeMap::new())?,
        cycle: how.cycle,
        mode: how.mode,
        zone: zone_of(db, how.tenant),
        run: None,
        progress: how.progress,
    };
    let caller = Caller::system(how.tenant, "import", db.ambient().id());
    let report: Result<Report, Error> = if how.dry_run {
        db.read(&caller, |tx| async move { preview_import(tx, &command).await }.boxed()).await
    } else {
        db.write(&caller, move |tx| async move { import_cohort(tx, &command).await }.boxed()).await
    };
    Ok(report?)
}

/// Reads the files by name; a file too large is not read but named.
async fn read(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, DirError> {
    let unreadable = |path: &Path| {
        let path = path.display().to_string();
        |source| DirError::Unreadable { path, source }
    };
    let mut entries = tokio::fs::read_dir(folder).await.map_err(unreadable(folder))?;
    let mut paths = Vec::new();
    while let Some(entry) = entries.next_entry().await.map_err(unreadable(folder))? {
        let path = entry.path();
        if is_table(&path) && entry.metadata().await.map_err(unreadable(&path))?.is_file() {
            paths.push(path);
        }
        if paths.len() > TABLES_MAX {
            return Err(Error::Problems(vec![Problem::TooManyTables { tables_max: TABLES_MAX }]).into());
        }
    }
    paths.sort();
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let size_bytes = tokio::fs::metadata(&path).await.map_err(unreadable(&path))?.len();
        if size_bytes > FILE_BYTES_MAX as u64 {
            let problem = Problem::TooLarge { file: name, size_bytes_max: FILE_BYTES_MAX };
            return Err(Error::Problems(vec![problem]).into());
        }
        files.push((name, tokio::fs::read(&path).await.map_err(unreadable(&path))?));
    }
    Ok(files)
}

/// Returns true for the names of tables. Hidden files, and those by which Excel locks an open workbook, are none.
fn is_table(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    matches!(ending.as_str(), "csv" | "tsv" | "xlsx" | "xls") && !name.starts_with('.') && !name.starts_with("~$")
}
