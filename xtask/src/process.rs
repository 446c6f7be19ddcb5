//! Running other programs: to their end, with what is needed to stop them when somebody presses Ctrl-C.

use std::{
    env,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

const POLL: Duration = Duration::from_millis(20);
const GRACE: Duration = Duration::from_secs(5);

/// Runs `command` to its end; a status other than success is an error.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let name = name(&command);
    let status = command.status().with_context(|| format!("`{name}` cannot be started"))?;
    success(&name, status)
}

/// Runs `command` and returns what it printed; on failure the error carries its messages.
pub(crate) fn output(mut command: Command) -> Result<String> {
    let name = name(&command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("`{name}` cannot be started"))?;
    if !output.status.success() {
        bail!("`{name}` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs `command` to its end, or until `interrupt` is raised; then gives it some seconds to end by itself.
pub(crate) fn run_until(mut command: Command, interrupt: &Interrupt) -> Result<()> {
    let name = name(&command);
    let mut child = command.spawn().with_context(|| format!("`{name}` cannot be started"))?;
    loop {
        if let Some(status) = child.try_wait()? {
            return success(&name, status);
        }
        if interrupt.raised() {
            end(&mut child)?;
            bail!("`{name}` was interrupted");
        }
        pause(POLL);
    }
}

/// Waits a while. The one place that sleeps: this tool has no runtime whose clock a test could hold.
#[expect(clippy::disallowed_methods, reason = "a command line tool without a runtime polls its children")]
pub(crate) fn pause(duration: Duration) {
    std::thread::sleep(duration);
}

/// Finds a program in `PATH` and the folders of system programs, which a user's `PATH` may lack.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin"].map(PathBuf::from);
    env::split_paths(&path).chain(system).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

/// Whether somebody asked this process to stop.
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Starts to listen for Ctrl-C, hang-up and termination, which from now on only raise the flag.
    pub(crate) fn listen() -> Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&flag))?;
        }
        Ok(Self(flag))
    }

    pub(crate) fn raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

fn end(child: &mut Child) -> Result<()> {
    let mut waited = Duration::ZERO;
    while waited < GRACE {
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        pause(POLL);
        waited += POLL;
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

fn success(name: &str, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{name}` failed ({status})");
    }
    Ok(())
}

fn name(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let mut name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for argument in command.get_args().take(3) {
        name.push(' ');
        name.push_str(&argument.to_string_lossy());
    }
    name
}
