//! `fpms serve`: a node in the roles it is given, until it is asked to stop.

use std::net::SocketAddr;

use super::place::Place;

/// What `fpms serve` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Roles of this node, separated by commas; `all` on one machine
    #[arg(long, value_name = "ROLE", value_delimiter = ',', default_value = "all")]
    pub role: Vec<String>,
    /// Fill an empty installation with a faculty, its people and a running cycle, and print how to sign in
    #[arg(long)]
    pub demo: bool,
    #[command(flatten)]
    pub place: Place,
    /// Address and port to serve on
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
}
