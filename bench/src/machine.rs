//! What the operating system says of processes and of the machine.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result};
use rustix::{
    process::Pid,
    thread::{CpuSet, sched_setaffinity},
    time::{ClockId, clock_gettime},
};

/// Returns the CPU time that this process has used, all threads together, user and system.
pub(crate) fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Returns the CPU time that the first threads of these processes have used; a process that is not here counts nothing.
pub(crate) fn cpu_of(pids: &[i32]) -> Duration {
    let nanos = pids.iter().filter_map(|pid| {
        let text = fs::read_to_string(format!("/proc/{pid}/schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

/// Keeps all threads of a process, and those that they start, on one core; on a machine with one core this changes nothing.
///
/// Left alone, the kernel puts a client and its server now on one core and now on two, where waking the other costs twice
/// as much: what is measured then is its choice.
pub(crate) fn pin(pid: u32, core: usize) -> Result<()> {
    if std::thread::available_parallelism().is_ok_and(|cores| cores.get() <= core) {
        return Ok(());
    }
    let mut cores = CpuSet::new();
    cores.set(core);
    for thread in fs::read_dir(format!("/proc/{pid}/task")).with_context(|| format!("process {pid}"))? {
        let thread = thread?.file_name().to_string_lossy().parse()?;
        sched_setaffinity(Pid::from_raw(thread), &cores).with_context(|| format!("pinning {thread} to core {core}"))?;
    }
    Ok(())
}

/// Returns the CPU time of a process, all its threads together, those that have ended too; to a hundredth of a second.
pub(crate) fn cpu_of_process(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name is in parentheses and may hold spaces; the 12th and 13th fields after it are ticks in user and system mode.
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let ticks: u64 = fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Returns a process's resident memory in MiB, now and at its peak.
pub(crate) fn resident_mib(pid: u32) -> Option<(f64, f64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let mib = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
    };
    Some((mib("VmRSS:")?, mib("VmHWM:")?))
}

/// Returns one line about the machine and how busy it is, because a busy one makes every wall-clock figure worse.
pub(crate) fn summary() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    format!("machine: {cores} cores, load average {load}")
}

/// Returns the kind and the options of the file system that holds `path`.
pub(crate) fn file_system(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let holders = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ');
        let (device, point, kind, options) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        path.starts_with(point).then(|| (point.len(), format!("{kind} on {device} ({options})")))
    });
    holders.max().map_or_else(|| "unknown".to_owned(), |(_, text)| text)
}
