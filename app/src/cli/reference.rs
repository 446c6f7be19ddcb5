//! `fpms reference`: the generated pages of docs/reference.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use contracts::schemas::{
    EVENT_TYPES,
    history::{self, Problem, Problems},
};
use serde_json::Value;

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
    write(&folder.join("openapi.json"), &format!("{openapi}\n"))?;
    event_types(&folder.join("events"))
}

/// Writes a page per type of event, in place of the one that is there, when nobody would be left behind by what changed.
fn event_types(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("folder `{}` cannot be made", folder.display()))?;
    let mut kept = pages(folder)?;
    let (mut written, mut problems) = (Vec::new(), Vec::new());
    for event_type in EVENT_TYPES {
        match history::next(event_type, kept.remove(event_type.name).as_ref()) {
            Ok(page) => written.push((event_type.name, page)),
            Err(found) => problems.extend(found),
        }
    }
    problems.extend(kept.into_keys().map(Problem::Gone));
    if !problems.is_empty() {
        return Err(Problems(problems).into());
    }
    for (name, page) in written {
        let page = serde_json::to_string_pretty(&page).context("writing a schema as JSON")?;
        write(&folder.join(format!("{name}.json")), &format!("{page}\n"))?;
    }
    Ok(())
}

/// Returns the pages that are kept, by their type.
fn pages(folder: &Path) -> Result<BTreeMap<String, Value>> {
    let mut pages = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("folder `{}` is unreadable", folder.display()))? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".json")) else { continue };
        let text = fs::read_to_string(&path).with_context(|| format!("`{}` is unreadable", path.display()))?;
        let page = serde_json::from_str(&text).with_context(|| format!("`{}` is no JSON", path.display()))?;
        pages.insert(name.to_owned(), page);
    }
    Ok(pages)
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("`{}` cannot be written", path.display()))
}
