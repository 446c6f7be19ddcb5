//! How far the imports are that this process is running. Pages served by another process show that one runs, and no number.

use std::{collections::HashMap, sync::LazyLock};

use contracts::ids::ImportId;
use parking_lot::Mutex;

/// Rows written and rows to write. One entry for each import that runs here, gone when it ends.
static RUNNING: LazyLock<Mutex<HashMap<ImportId, (usize, usize)>>> = LazyLock::new(Mutex::default);

/// An import that runs here; when it is dropped, the import does not.
pub(super) struct Running(ImportId);

impl Running {
    pub(super) fn start(id: ImportId) -> Self {
        RUNNING.lock().insert(id, (0, 0));
        Self(id)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.lock().remove(&self.0);
    }
}

/// Notes how far an import is.
pub(super) fn note(id: ImportId, done: usize, total: usize) {
    if let Some(progress) = RUNNING.lock().get_mut(&id) {
        *progress = (done, total);
    }
}

/// Returns how far an import is.
pub(super) fn of(id: ImportId) -> Option<(usize, usize)> {
    RUNNING.lock().get(&id).copied()
}
