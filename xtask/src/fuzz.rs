//! `cargo xtask fuzz TARGET`: feeds a parser of outside bytes with what libFuzzer finds, on the stable compiler.
//!
//! The coverage that libFuzzer steers by comes from a pass of LLVM that the stable compiler can be told to run, so neither
//! a nightly compiler nor cargo-fuzz is needed; only a C++ compiler, for libFuzzer itself. No sanitizer runs along:
//! the code under test is safe Rust, whose mistakes are panics.

use std::{fs, time::Duration};

use anyhow::{Result, bail};

use crate::{process, workspace};

/// Flags of the compiler: count what runs, and tell libFuzzer what is compared with what.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1 \
     -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
     -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
     -Clink-arg=-Wl,-z,nostart-stop-gc";
/// Largest input, in bytes.
const INPUT_BYTES_MAX: u32 = 8_192;
/// Longest that one input may take.
const INPUT_TIME_MAX: Duration = Duration::from_secs(10);
const MEMORY_MIB_MAX: u32 = 2_048;

/// Runs the target for so long, from the seeds in the repository and from what earlier runs have found.
pub(crate) fn run(target: &str, seconds: u32) -> Result<()> {
    let folder = workspace::root()?.join("fuzz");
    let seeds = folder.join("seeds").join(target);
    if !seeds.is_dir() {
        bail!("`{target}` is no target; those are the files of fuzz/fuzz_targets");
    }
    let found = workspace::target()?.join("fuzz-corpus").join(target);
    let broken = workspace::target()?.join("fuzz-artifacts").join(target);
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&broken)?;
    let mut command = workspace::cargo()?;
    // A named platform keeps the flags away from build scripts, which are not to be measured.
    command.args(["run", "--quiet", "--target", &host()?, "--bin", target, "--manifest-path"]);
    command.arg(folder.join("Cargo.toml")).arg("--target-dir").arg(workspace::target()?.join("fuzz")).arg("--");
    command.arg(found).arg(seeds).arg(format!("-artifact_prefix={}/", broken.display()));
    command.args([
        format!("-max_total_time={seconds}"),
        format!("-max_len={INPUT_BYTES_MAX}"),
        format!("-timeout={}", INPUT_TIME_MAX.as_secs()),
        format!("-rss_limit_mb={MEMORY_MIB_MAX}"),
    ]);
    command.arg("-print_final_stats=1").env("RUSTFLAGS", FLAGS);
    process::run(command)
}

/// Returns the platform that the compiler runs on.
fn host() -> Result<String> {
    let mut command = std::process::Command::new("rustc");
    command.arg("--print=host-tuple");
    Ok(process::output(command)?.trim().to_owned())
}
