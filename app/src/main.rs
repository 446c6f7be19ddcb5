//! The binary `fpms`. Everything it does is in the library of the same name; start reading at `fpms::cli`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    fpms::cli::main()
}
