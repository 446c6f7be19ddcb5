//! Side-by-side benchmarks against peers, and the drivers of load and chaos: `cargo xtask bench NAME`.
//!
//! Owns how things are measured and printed. Never part of the product, and never a test: it reports, the reader judges.
//! Start reading at [`benchmarks`]; how contenders are compared is in [`harness`].

#![expect(clippy::print_stdout, reason = "a command line tool speaks on standard output")]

mod benchmarks;
mod cluster;
mod figures;
mod harness;
mod histogram;
mod hosts;
mod http;
mod installation;
mod ledger;
mod machine;
mod postgres;
mod server;

use std::process::ExitCode;

use runtime::{OnError, TaskKind};
use tokio::sync::oneshot;

/// The product's allocator, so that figures speak of the product.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BENCHMARK: TaskKind = TaskKind::new("benchmark", OnError::Log);

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        println!("{}", benchmarks::list());
        return ExitCode::SUCCESS;
    };
    match run(&name, arguments.collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(name: &str, arguments: Vec<String>) -> anyhow::Result<()> {
    let benchmark = benchmarks::find(name)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let (sender, outcome) = oneshot::channel();
        // On a worker and not on the thread that waits here, whose every wake-up would be counted.
        runtime::spawn(BENCHMARK, async move {
            let _ = sender.send((benchmark.run)(arguments).await);
        });
        outcome.await?
    })
}
