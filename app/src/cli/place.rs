//! The flags that say where an installation is, shared by every command that touches one.

use std::{env, net::SocketAddr, path::PathBuf};

use crate::settings::{self, Flag, Loaded, Sources};

/// Where the settings and the data are.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Place {
    /// Settings file in TOML
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of everything the installation keeps
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

impl Place {
    /// Loads the settings: file, environment, then these flags and `--listen`.
    pub fn load(&self, listen: Option<SocketAddr>) -> Result<Loaded, settings::Error> {
        let text = |value: &PathBuf| value.to_string_lossy().into_owned();
        let data = self.data.as_ref().map(|value| Flag { name: "--data", key: "data", value: text(value) });
        let listen = listen.map(|value| Flag { name: "--listen", key: "listen", value: value.to_string() });
        settings::load(&Sources {
            file: self.config.clone(),
            environment: environment(),
            flags: data.into_iter().chain(listen).collect(),
        })
    }
}

/// Returns the environment. The one place of the product that reads it. What is not Unicode cannot be a setting of ours.
fn environment() -> Vec<(String, String)> {
    env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}
