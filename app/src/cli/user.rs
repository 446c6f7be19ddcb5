//! `fpms user`: the people of a university.

use super::place::Place;

/// What `fpms user` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done with people.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add a person; the password is read from standard input, or an invitation is sent
    Create(Create),
}

/// What `fpms user create` is called with.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Address for mail, by which the person signs in
    #[arg(value_name = "EMAIL")]
    pub email: String,
    /// University the person belongs to
    #[arg(long)]
    pub tenant: String,
    /// Name, as pages show it
    #[arg(long)]
    pub name: String,
    /// Role in the whole university; may be given again
    #[arg(long, value_name = "ROLE")]
    pub role: Vec<String>,
    /// Send an invitation by mail instead of reading a password
    #[arg(long)]
    pub invite: bool,
    #[command(flatten)]
    pub place: Place,
}
