//! What browsers ask for: the form's upload, and downloads.
//!
//! Owns redirects and the headers of downloads. Never holds a rule.
//! Start reading at [`upload`].

pub mod download;
#[cfg(test)]
mod tests;
pub mod upload;
