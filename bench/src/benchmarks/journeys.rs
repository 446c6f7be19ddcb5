//! Placeholder.
pub(super) async fn run(_: Vec<String>) -> anyhow::Result<()> { Ok(()) }
