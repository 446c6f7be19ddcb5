//! Who may do what here. What a grant opens was decided by the service that gave it.

use access::{Action, Policy, SIGNED_IN};

pub const UPLOAD: Action = Action::write("files.file.upload", SIGNED_IN);
pub const DOWNLOAD: Action = Action::read("files.file.download", SIGNED_IN);

/// Every action of this service.
pub static POLICY: Policy = Policy::new("files", &[UPLOAD, DOWNLOAD]);
