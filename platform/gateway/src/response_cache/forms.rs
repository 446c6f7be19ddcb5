//! The coded forms of one body, each made once.

use std::sync::OnceLock;

use bytes::Bytes;
use parking_lot::{Mutex, MutexGuard};

use crate::compression::Coding;

/// The forms there are. A form that is known to gain nothing is none.
#[derive(Debug, Default)]
pub(super) struct Forms {
    zstd: OnceLock<Option<Bytes>>,
    brotli: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
    making: Mutex<()>,
}

impl Forms {
    /// Returns the form of a coding, once it was made.
    pub(super) fn get(&self, coding: Coding) -> Option<&Option<Bytes>> {
        self.of(coding).get()
    }

    /// Waits until nobody makes a form: what two ask for at the same time is made by one.
    pub(super) fn making(&self) -> MutexGuard<'_, ()> {
        self.making.lock()
    }

    /// Adds a form. A second of the same coding changes nothing.
    pub(super) fn add(&self, coding: Coding, form: Option<Bytes>) {
        let _ = self.of(coding).set(form);
    }

    /// Returns how much all of them take.
    pub(super) fn bytes(&self) -> u64 {
        Coding::ALL.into_iter().filter_map(|coding| self.get(coding)?.as_ref()).map(|form| form.len() as u64).sum()
    }

    fn of(&self, coding: Coding) -> &OnceLock<Option<Bytes>> {
        match coding {
            Coding::Zstd => &self.zstd,
            Coding::Brotli => &self.brotli,
            Coding::Gzip => &self.gzip,
        }
    }
}
