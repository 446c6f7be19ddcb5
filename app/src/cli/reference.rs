//! `fpms reference`: the generated pages of docs/reference.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{node_roles::console, settings};

/// What `fpms reference` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Folder to write into; made when missing
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// Writes every page; what else is in the folder stays.
pub fn run(arguments: &Arguments) -> Result<()> {
    let folder = &arguments.folder;
    fs::create_dir_all(folder).with_context(|| format!("folder `{}` cannot be made", folder.display()))?;
    write(&folder.join("settings.md"), &settings::reference())?;
    let openapi = serde_json::to_string_pretty(&console::openapi()).context("writing the API's description as JSON")?;
    write(&folder.join("openapi.json"), &format!("{openapi}\n"))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("`{}` cannot be written", path.display()))
}
