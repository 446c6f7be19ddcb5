//! The tree as the rules see it: crates, floors, sources and pages, read once. Rules only look.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand};
use walkdir::{DirEntry, WalkDir};

use super::source::Source;

/// Folders with sources of ours.
const PLACES: [&str; 7] = ["base", "platform", "services", "app", "testing", "bench", "xtask"];
/// Files that are read whole, beside sources and error pages.
const KEPT: [&str; 3] = ["Cargo.toml", "ARCHITECTURE.md", "xtask/tidy-exceptions.txt"];

#[derive(Default)]
pub(super) struct Tree {
    pub(super) members: Vec<Member>,
    /// `[workspace.metadata.floors]`: which of our crates a crate may use.
    pub(super) floors: BTreeMap<String, Vec<String>>,
    pub(super) sources: Vec<Source>,
    /// The pages of `docs/errors`, by path.
    pub(super) error_pages: BTreeMap<String, String>,
    /// Everything directly in a service's `src`, as path and name.
    pub(super) service_rooms: Vec<(String, String)>,
    /// The files of `KEPT`, by path.
    pub(super) kept: BTreeMap<String, String>,
}

/// A crate of ours.
#[derive(Default)]
pub(super) struct Member {
    pub(super) name: String,
    /// Path from the root, such as `platform/storage`.
    pub(super) folder: String,
    pub(super) manifest: String,
    pub(super) dependencies: Vec<Dependency>,
}

pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) for_tests: bool,
}

impl Tree {
    pub(super) fn load(root: &Path) -> Result<Self> {
        let mut tree = Self { members: members(root)?, ..Self::default() };
        for path in KEPT {
            tree.kept.insert(path.to_owned(), fs::read_to_string(root.join(path)).unwrap_or_default());
        }
        tree.floors = floors(tree.text("Cargo.toml"))?;
        for place in PLACES {
            for path in files(root, place, "rs")? {
                tree.sources.push(Source::new(&relative(root, &path), &fs::read_to_string(&path)?));
            }
        }
        for path in files(root, "docs/errors", "md")? {
            tree.error_pages.insert(relative(root, &path), fs::read_to_string(&path)?);
        }
        for member in tree.members.iter().filter(|member| member.is_service()) {
            for entry in fs::read_dir(root.join(&member.folder).join("src"))? {
                let name = entry?.file_name().to_string_lossy().into_owned();
                tree.service_rooms.push((format!("{}/src/{name}", member.folder), name));
            }
        }
        Ok(tree)
    }

    /// Returns a file of [`KEPT`], empty when it does not exist.
    pub(super) fn text(&self, path: &str) -> &str {
        self.kept.get(path).map_or("", String::as_str)
    }

    pub(super) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// Returns a tree of one source, for the tests of rules.
    #[cfg(test)]
    pub(super) fn of_source(path: &str, text: &str) -> Self {
        Self { sources: vec![Source::new(path, text)], ..Self::default() }
    }

    #[cfg(test)]
    pub(super) fn with_text(mut self, path: &str, text: &str) -> Self {
        self.kept.insert(path.to_owned(), text.to_owned());
        self
    }
}

impl Member {
    /// Returns whether this is a business area: `contracts` is what they share.
    pub(super) fn is_service(&self) -> bool {
        self.folder.starts_with("services/") && self.name != "contracts"
    }

    pub(super) fn is_in(&self, place: &str) -> bool {
        self.folder == place || self.folder.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'))
    }

    pub(super) fn manifest_path(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }

    /// Returns the manifest's line that names `dependency`.
    pub(super) fn line_of(&self, dependency: &str) -> usize {
        line_starting(&self.manifest, dependency)
    }
}

/// Returns the number of the first line that has `key` as its key, or 1.
pub(super) fn line_starting(text: &str, key: &str) -> usize {
    let has_key = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.starts_with([' ', '.', '=']));
    text.lines().position(has_key).map_or(1, |index| index + 1)
}

fn members(root: &Path) -> Result<Vec<Member>> {
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec()?;
    let mut members = Vec::new();
    for package in metadata.packages {
        let manifest_path = package.manifest_path.as_std_path();
        let folder = manifest_path.parent().context("a manifest has no folder")?;
        let dependencies = package.dependencies.iter().map(|dependency| Dependency {
            name: dependency.name.clone(),
            for_tests: dependency.kind == DependencyKind::Development,
        });
        members.push(Member {
            name: package.name.to_string(),
            folder: relative(root, folder),
            manifest: fs::read_to_string(manifest_path)?,
            dependencies: dependencies.collect(),
        });
    }
    Ok(members)
}

fn floors(manifest: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let manifest: toml::Table = manifest.parse()?;
    let table = manifest.get("workspace").and_then(|it| it.get("metadata")).and_then(|it| it.get("floors"));
    let table = table.context("the root Cargo.toml has no [workspace.metadata.floors]")?;
    Ok(table.clone().try_into()?)
}

fn files(root: &Path, place: &str, extension: &str) -> Result<Vec<PathBuf>> {
    let folder = root.join(place);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let hidden = |entry: &DirEntry| entry.file_name().to_str().is_some_and(|name| name.starts_with('.'));
    let mut found = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(|entry| !hidden(entry)) {
        let entry = entry?;
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|it| it == extension) {
            found.push(entry.into_path());
        }
    }
    Ok(found)
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}
