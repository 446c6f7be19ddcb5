//! A private PostgreSQL cluster, run by a user other than root, which PostgreSQL refuses.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::{
    certificates, missing,
    server::{Recipe, Server, guarded},
};
use crate::process;

/// Debian keeps every version's programs out of `PATH`, in a folder named by it.
const DEBIAN: &str = "/usr/lib/postgresql";
const SUPERUSER: &str = "postgres";
/// What the tests connect as: no superuser, so that row-level security binds it; may make its own databases.
const ROLE: &str = "fpms";
/// What the tests of TLS connect as: only encrypted, by SCRAM. The password protects nothing.
const TLS_ROLE: &str = "fpms_tls";
const TLS_PASSWORD: &str = "only-for-tests";
const SETTINGS: [&str; 9] = [
    // With `server.crt` and `server.key` of its data folder.
    "ssl=on",
    "listen_addresses=127.0.0.1",
    // Only TCP is used, and the path of a socket may be too long for the system.
    "unix_socket_directories=",
    "max_connections=300",
    "shared_buffers=64MB",
    // The data does not outlive the tests. What must survive `kill -9` is tested on engines of its own.
    "fsync=off",
    "full_page_writes=off",
    "autovacuum=off",
    "timezone=UTC",
];

pub(super) struct Postgres {
    server: Server,
    binaries: PathBuf,
    account: Option<Account>,
    data: PathBuf,
    /// Where the certificates of the authorities are.
    authorities: PathBuf,
    _elsewhere: Option<TempDir>,
}

/// The user of the operating system who owns and runs the cluster.
struct Account {
    name: &'static str,
    user: u32,
    group: u32,
}

impl Postgres {
    /// Makes a cluster under `folder`, starts it and adds the role of the tests.
    pub(super) fn start(folder: &Path) -> Result<Self> {
        let binaries = binaries().context("PostgreSQL is not installed")?;
        let account = if missing::is_root() { Some(Account::find()?) } else { None };
        let authorities = folder.to_owned();
        let (folder, elsewhere) = reachable(folder, account.as_ref())?;
        let data = folder.join("data");
        initialise(&binaries, account.as_ref(), &data)?;
        secure(account.as_ref(), &data, &authorities)?;
        let server = Server::start(&Recipe {
            name: "PostgreSQL",
            log: &folder.join("log"),
            command: &|port| {
                let mut command = as_user(account.as_ref(), &binaries.join("postgres"));
                command.arg("-D").arg(&data).args(["-p", &port.to_string()]);
                command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
                Ok(command)
            },
            ready: &|address| query(&binaries, address.port(), "SELECT 1").is_ok(),
        })?;
        let postgres = Self { server, binaries, account, data, authorities, _elsewhere: elsewhere };
        query(&postgres.binaries, postgres.server.port(), &format!("CREATE ROLE {ROLE} LOGIN CREATEDB"))?;
        let role = format!("CREATE ROLE {TLS_ROLE} LOGIN PASSWORD '{TLS_PASSWORD}'");
        query(&postgres.binaries, postgres.server.port(), &role)?;
        Ok(postgres)
    }

    pub(super) fn url(&self) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/postgres", self.server.port())
    }

    /// By the name that is in its certificate.
    pub(super) fn tls_url(&self) -> String {
        format!("postgres://{TLS_ROLE}:{TLS_PASSWORD}@localhost:{}/postgres", self.server.port())
    }

    pub(super) fn authorities(&self) -> &Path {
        &self.authorities
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Killing the first process would leave its children to find out by themselves; this ends them all.
        let mut stop = as_user(self.account.as_ref(), &self.binaries.join("pg_ctl"));
        stop.arg("stop").arg("-D").arg(&self.data).args(["-m", "immediate", "-w"]);
        if process::output(stop).is_ok() {
            self.server.wait();
        }
    }
}

impl Account {
    /// Returns the user that Debian's package made, or else the one with the fewest rights.
    fn find() -> Result<Self> {
        let accounts = fs::read_to_string("/etc/passwd")?;
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| Self::parse(&accounts, name))
            .context("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`")
    }

    fn parse(accounts: &str, name: &'static str) -> Option<Self> {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2);
        Some(Self { name, user: numbers.next()?.parse().ok()?, group: numbers.next()?.parse().ok()? })
    }
}

/// Returns the folder with the programs of the newest PostgreSQL.
pub(super) fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir(DEBIAN).ok().into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| folder.join("initdb").is_file())
        .max();
    newest.map(|(_, folder)| folder).or_else(|| Some(process::find("initdb")?.parent()?.to_path_buf()))
}

/// Makes a folder for the cluster that its user can reach: below `folder`, or in the system's place for such when the
/// repository is somewhere private, as root's home is.
fn reachable(folder: &Path, account: Option<&Account>) -> Result<(PathBuf, Option<TempDir>)> {
    let own = folder.join("postgres");
    fs::create_dir(&own)?;
    let Some(account) = account else { return Ok((own, None)) };
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    give(&own, account)?;
    let mut probe = as_user(Some(account), Path::new("/usr/bin/test"));
    probe.arg("-w").arg(&own);
    if process::output(probe).is_ok() {
        return Ok((own, None));
    }
    let elsewhere = tempfile::Builder::new().prefix("fpms-postgres-").tempdir()?;
    give(elsewhere.path(), account)?;
    Ok((elsewhere.path().to_path_buf(), Some(elsewhere)))
}

fn give(folder: &Path, account: &Account) -> Result<()> {
    chown(folder, Some(account.user), Some(account.group))
        .with_context(|| format!("{} cannot be given to {}", folder.display(), account.name))
}

fn initialise(binaries: &Path, account: Option<&Account>, data: &Path) -> Result<()> {
    let mut command = as_user(account, &binaries.join("initdb"));
    command.arg("--pgdata").arg(data).args(["--username", SUPERUSER, "--auth", "trust", "--no-sync"]);
    command.args(["--encoding", "UTF8", "--locale", "C.UTF-8"]);
    process::output(command)?;
    Ok(())
}

/// Gives the cluster a certificate, and lets the role of the tests of TLS in by nothing else.
fn secure(account: Option<&Account>, data: &Path, authorities: &Path) -> Result<()> {
    let (certificate, key) = (data.join("server.crt"), data.join("server.key"));
    certificates::write(authorities, &certificate, &key)?;
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
    if let Some(account) = account {
        give(&certificate, account)?;
        give(&key, account)?;
    }
    let rules = data.join("pg_hba.conf");
    let first = format!(
        "hostssl all {TLS_ROLE} all scram-sha-256\nhostnossl all {TLS_ROLE} all reject\n{}",
        fs::read_to_string(&rules)?
    );
    Ok(fs::write(&rules, first)?)
}

fn query(binaries: &Path, port: u16, sql: &str) -> Result<String> {
    let mut command = Command::new(binaries.join("psql"));
    command.args(["--no-psqlrc", "--host", "127.0.0.1", "--port", &port.to_string(), "--username", SUPERUSER]);
    command.args(["--dbname", "postgres", "--command", sql]).current_dir("/");
    process::output(command)
}

fn as_user(account: Option<&Account>, program: &Path) -> Command {
    let mut command = match account {
        Some(account) => {
            let (user, group) = (account.user.to_string(), account.group.to_string());
            guarded(program, &["--reuid", &user, "--regid", &group, "--clear-groups"])
        }
        None => guarded(program, &[]),
    };
    // The user may not be allowed into the folder that this tool was called from.
    command.current_dir("/");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_from_the_system_s_list() {
        let accounts = "root:x:0:0:root:/root:/bin/bash\npostgres:x:106:112:,,,:/var/lib/postgresql:/bin/bash\n";
        let account = Account::parse(accounts, "postgres").unwrap();
        assert_eq!((account.user, account.group), (106, 112));
        assert!(Account::parse(accounts, "nobody").is_none());
    }
}
