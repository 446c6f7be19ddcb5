//! What can be set of the files service.

use serde::Deserialize;

/// Settings of the files service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Largest file that is taken, in MiB.
    pub upload_mib_max: u64,
    /// Most that one person may upload in a day without handing it in, in MiB.
    pub unclaimed_mib_max: u64,
    /// Days after which an upload that nobody handed in is removed; at least 2, for a ticket is good for one.
    pub unclaimed_days: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self { upload_mib_max: 200, unclaimed_mib_max: 2_048, unclaimed_days: 14 }
    }
}

impl Settings {
    /// Returns the largest file that is taken.
    pub fn upload_bytes_max(&self) -> u64 {
        self.upload_mib_max.saturating_mul(1 << 20)
    }
}
