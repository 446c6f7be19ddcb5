//! Placeholder.
pub(super) async fn run(_: Vec<String>) -> anyhow::Result<()> { Ok(()) }
pub(super) mod writer { pub(crate) async fn run(_: Vec<String>) -> anyhow::Result<()> { Ok(()) } }
