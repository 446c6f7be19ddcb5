//! What the installation decides about notifications.

use std::path::PathBuf;

use serde::Deserialize;

/// Settings of notifications.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Folder into which mails are written as `.eml` files, a folder per university in it; relative to the data folder.
    /// Since v0.1.
    pub mail_folder: PathBuf,
    /// Whom mails are from: an address, with or without a name before it. Since v0.1.
    pub mail_from: String,
    /// Where people reach the product: what is put before a path to make the address of a page. Since v0.1.
    pub public_address: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mail_folder: PathBuf::from("mails"),
            mail_from: "Final projects <no-reply@localhost.localdomain>".to_owned(),
            public_address: "http://localhost:8080".to_owned(),
        }
    }
}
