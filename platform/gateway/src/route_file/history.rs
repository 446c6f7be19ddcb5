//! The route files that were in force: the last of them, each as a file of its own, so that one can be brought back.
//!
//! Owns the folder of former files. Never touches the file in force, except when asked to by [`roll_back`].

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Error, read};

/// How many files are kept.
pub const KEPT: usize = 20;
const SUFFIX: &str = ".toml";

/// A route file that was in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// Its number; the largest came last.
    pub number: u64,
    /// Where it is kept.
    pub path: PathBuf,
}

/// Returns the former files in `folder`, the last first; none when there is no folder.
pub fn list(folder: &Path) -> io::Result<Vec<Former>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut formers = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let number = path.file_name().and_then(|name| name.to_str()?.strip_suffix(SUFFIX)?.parse().ok());
        formers.extend(number.map(|number| Former { number, path }));
    }
    formers.sort_by_key(|former| std::cmp::Reverse(former.number));
    Ok(formers)
}

/// Keeps the text of a file that comes into force, unless it is that of the last one, and drops what is too old.
pub(super) fn keep(folder: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let formers = list(folder)?;
    if let Some(last) = formers.first()
        && fs::read_to_string(&last.path)? == text
    {
        return Ok(());
    }
    let number = formers.first().map_or(1, |last| last.number + 1);
    replace(&folder.join(format!("{number:06}{SUFFIX}")), text)?;
    for old in formers.iter().skip(KEPT - 1) {
        fs::remove_file(&old.path)?;
    }
    Ok(())
}

/// Puts a former file in the place of `path`: the one of this number, or the last that is different. Returns its number.
pub fn roll_back(path: &Path, folder: &Path, number: Option<u64>) -> Result<u64, Error> {
    let unreadable = |source| Error::Unreadable { path: folder.to_path_buf(), source };
    let current = fs::read_to_string(path).unwrap_or_default();
    for former in list(folder).map_err(unreadable)? {
        let text = fs::read_to_string(&former.path).map_err(unreadable)?;
        if number.map_or(text != current, |number| number == former.number) {
            // A newer version may refuse what an older one took.
            read(&former.path)?;
            replace(path, &text).map_err(|source| Error::Unwritable { path: path.to_path_buf(), source })?;
            return Ok(former.number);
        }
    }
    Err(Error::NoFormer { folder: folder.to_path_buf() })
}

/// Writes beside and renames, so that nobody ever reads half of a file.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, text)?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(status: u16) -> String {
        format!("[[route]]\nname = 'r'\nredirect = {{ path = '/x', status = {status} }}\n")
    }

    #[test]
    fn the_last_files_are_kept_and_can_be_brought_back() {
        let folder = tempfile::tempdir().unwrap();
        let (path, history) = (folder.path().join("routes.toml"), folder.path().join("history"));
        assert!(matches!(roll_back(&path, &history, None), Err(Error::NoFormer { .. })));
        for status in [301, 302, 302, 307] {
            fs::write(&path, file(status)).unwrap();
            keep(&history, &file(status)).unwrap();
        }
        assert_eq!(list(&history).unwrap().iter().map(|former| former.number).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!(roll_back(&path, &history, None).unwrap(), 2);
        assert_eq!(fs::read_to_string(&path).unwrap(), file(302));
        assert_eq!(roll_back(&path, &history, Some(1)).unwrap(), 1);
        assert_eq!(fs::read_to_string(&path).unwrap(), file(301));
        for number in 0..50 {
            keep(&history, &format!("{}# {number}\n", file(301))).unwrap();
        }
        assert_eq!(list(&history).unwrap().len(), KEPT);
    }
}
