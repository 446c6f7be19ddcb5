//! The flags that say where an installation is, shared by every command that touches one.

use std::{env, fs, net::SocketAddr, path::PathBuf};

use crypto::keyring::ROOT_FILE;

use super::gateway::PUBLIC;
use crate::{
    parts::keys_folder,
    settings::{self, Flag, Loaded, Settings, Shard, Sources},
};

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

    /// Loads the settings of an installation that is there, for commands that make none.
    pub fn existing(&self) -> Result<Settings, settings::Error> {
        let loaded = self.load(None)?;
        require(&loaded.settings)?;
        Ok(as_served(loaded))
    }
}

/// Returns the settings with the public address of the node that serves here: a node may have been given it, or where to listen,
/// by a flag that no other process sees.
fn as_served(loaded: Loaded) -> Settings {
    let untold = ["public_address", "listen"].iter().all(|key| loaded.is_default(key));
    let mut settings = loaded.settings;
    if untold && let Ok(address) = fs::read_to_string(settings.data.join(PUBLIC)) {
        settings.public_address = address;
    }
    settings
}

/// Refuses a place without an installation: without the root secrets, or without the folder that databases would be in.
pub fn require(settings: &Settings) -> Result<(), settings::Error> {
    let lacks = |lack| Err(settings::Error::NoInstallation { data: settings.data.clone(), lack });
    let in_folder = |shard: &Shard| shard.url.expose().starts_with("sqlite:");
    let is_elsewhere = settings.keys.root.get().is_some() && !settings.storage.shards.iter().any(in_folder);
    if !settings.data.is_dir() && !is_elsewhere {
        return lacks("the folder does not exist");
    }
    if settings.keys.root.get().is_none() && !keys_folder(settings).join(ROOT_FILE).exists() {
        return lacks("it has no root secrets");
    }
    Ok(())
}

/// Returns the environment. The one place of the product that reads it. What is not Unicode cannot be a setting of ours.
fn environment() -> Vec<(String, String)> {
    env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}
