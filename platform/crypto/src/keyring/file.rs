//! The file with the root secrets: made by whoever needs it first, changed by an operator's commands, whole at every instant.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use base::Random;
use zeroize::Zeroizing;

use super::{
    Error, KeyId, Keyring,
    root::{PRIMARY_MARK, ROOTS_MAX, Root, Roots, unmarked, words},
};
use crate::{Secret, base64url};

/// Name of the file with the root secrets: one a line, the oldest first.
pub const ROOT_FILE: &str = "root.key";

impl Keyring {
    /// Opens the keyring whose root secrets are in `directory`, and makes one when there is none.
    ///
    /// Processes that start at the same moment agree on one secret.
    pub fn open(directory: &Path, random: &dyn Random) -> Result<Self, Error> {
        let path = directory.join(ROOT_FILE);
        let failed = |source| Error::File { path: path.clone(), source };
        if !path.try_exists().map_err(failed)? {
            create_root(directory, &path, random).map_err(failed)?;
        }
        Self::from_secret(&Secret::new(read(&path)?.as_str()))
    }
}

/// Adds a new root, which reads and does not yet make anything; returns its id.
pub fn add(directory: &Path, random: &dyn Random) -> Result<KeyId, Error> {
    change(directory, |lines| {
        if lines.len() >= ROOTS_MAX {
            return Err(Error::TooMany);
        }
        // Without a mark the first line is the primary; it stays so whatever is added.
        let fresh = fresh_root(random);
        let id = Root::parse(&fresh)?.id;
        lines.push(Line { word: fresh, id, primary: false });
        Ok(id)
    })
}

/// Makes the root `id` the primary.
pub fn promote(directory: &Path, id: KeyId) -> Result<(), Error> {
    change(directory, |lines| {
        if !lines.iter().any(|line| line.id == id) {
            return Err(Error::Unknown(id));
        }
        for line in lines.iter_mut() {
            line.primary = line.id == id;
        }
        Ok(())
    })
}

/// Removes the root `id`: what it made is worth nothing from now on.
pub fn retire(directory: &Path, id: KeyId) -> Result<(), Error> {
    change(directory, |lines| {
        let line = lines.iter().find(|line| line.id == id).ok_or(Error::Unknown(id))?;
        if line.primary {
            return Err(Error::Primary(id));
        }
        lines.retain(|line| line.id != id);
        Ok(())
    })
}

/// A line of the file.
struct Line {
    word: Zeroizing<String>,
    id: KeyId,
    primary: bool,
}

/// Changes the lines of the file, one command at a time.
fn change<T>(directory: &Path, work: impl FnOnce(&mut Vec<Line>) -> Result<T, Error>) -> Result<T, Error> {
    let path = directory.join(ROOT_FILE);
    let failed = |source| Error::File { path: path.clone(), source };
    let held = lock(directory).map_err(failed)?;
    let mut lines = lines(&read(&path)?)?;
    let outcome = work(&mut lines)?;
    let mut text = Zeroizing::new(String::new());
    for line in &lines {
        if line.primary {
            text.push(PRIMARY_MARK);
        }
        text.push_str(&line.word);
        text.push('\n');
    }
    let draft = directory.join(format!("{ROOT_FILE}.new"));
    // Left by a command that was killed; nobody else writes it while the lock is held.
    let _ = fs::remove_file(&draft);
    write_private(&draft, text.as_bytes()).and_then(|()| fs::rename(&draft, &path)).map_err(failed)?;
    sync_directory(directory).map_err(failed)?;
    drop(held);
    Ok(outcome)
}

fn lines(text: &str) -> Result<Vec<Line>, Error> {
    let primary = Roots::parse(text)?.primary().id;
    let line = |word| {
        let word = unmarked(word).0;
        let id = Root::parse(word)?.id;
        Ok(Line { word: Zeroizing::new(word.to_owned()), id, primary: id == primary })
    };
    words(text).map(line).collect()
}

fn read(path: &Path) -> Result<Zeroizing<String>, Error> {
    refuse_exposed(path)?;
    fs::read_to_string(path).map(Zeroizing::new).map_err(|source| Error::File { path: path.to_owned(), source })
}

fn fresh_root(random: &dyn Random) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 32]);
    random.fill(bytes.as_mut_slice());
    Zeroizing::new(base64url::encode(bytes.as_slice()))
}

/// Makes the first root: whole under another name, then linked to its own, so that no process ever reads half of it and the
/// first of several wins.
fn create_root(directory: &Path, path: &Path, random: &dyn Random) -> io::Result<()> {
    create_private_directory(directory)?;
    let mut suffix = [0; 8];
    random.fill(&mut suffix);
    let draft = directory.join(format!("{ROOT_FILE}.{}", base64url::encode(suffix)));
    let mut line = fresh_root(random);
    line.push('\n');
    let outcome = write_private(&draft, line.as_bytes()).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    });
    let removed = fs::remove_file(&draft);
    outcome.and(removed)?;
    sync_directory(directory)
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn create_private_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// A new name survives a power cut only when its directory was written, too.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(directory)?.sync_all() } else { Ok(()) }
}

#[cfg(unix)]
fn refuse_exposed(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;

    let metadata = fs::metadata(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(Error::Exposed { path: path.to_owned() });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_exposed(_path: &Path) -> Result<(), Error> {
    Ok(())
}

/// Keeps other commands away until the file returned is dropped.
#[cfg(unix)]
fn lock(directory: &Path) -> io::Result<fs::File> {
    let directory = fs::File::open(directory)?;
    directory.lock()?;
    Ok(directory)
}

#[cfg(not(unix))]
fn lock(_directory: &Path) -> io::Result<()> {
    Ok(())
}
