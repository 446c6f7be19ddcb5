//! `fpms tenant`: the universities of an installation.

use super::place::Place;

/// What `fpms tenant` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done with tenants.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add a university
    Create(Create),
}

/// What `fpms tenant create` is called with.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Short name by which commands know it: small letters, digits and hyphens
    #[arg(value_name = "TENANT")]
    pub slug: String,
    /// Full name, as pages show it
    #[arg(long)]
    pub name: String,
    /// Host name by which its people reach it
    #[arg(long, value_name = "HOST")]
    pub domain: Option<String>,
    /// Time zone in which its dates are shown
    #[arg(long, value_name = "ZONE", default_value = "Asia/Vientiane")]
    pub zone: String,
    /// Language of pages until a person chooses another
    #[arg(long, value_name = "TAG", default_value = "en")]
    pub language: String,
    #[command(flatten)]
    pub place: Place,
}
