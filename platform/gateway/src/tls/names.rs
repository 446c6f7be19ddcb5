//! Which certificate is shown for which name.

use std::{collections::HashMap, sync::Arc};

use rustls::{SignatureScheme, sign::CertifiedKey};

use super::pair::Loaded;

/// Certificates by the names they hold. For a name with several, such as one of each kind of key, the first is shown
/// whose key the client understands.
#[derive(Debug, Default)]
pub(super) struct Names {
    exact: HashMap<String, Vec<Arc<CertifiedKey>>>,
    /// By what follows `*.`.
    below: HashMap<String, Vec<Arc<CertifiedKey>>>,
    /// For clients that ask for no name, or for one that nobody has.
    default: Vec<Arc<CertifiedKey>>,
}

impl Names {
    /// Returns the names of all of these; the first is the default.
    pub(super) fn of<'a>(certificates: impl Iterator<Item = &'a Loaded>) -> Self {
        let mut names = Self::default();
        for certificate in certificates {
            for name in &certificate.names {
                let holders = match name.strip_prefix("*.") {
                    Some(parent) => names.below.entry(parent.to_owned()),
                    None => names.exact.entry(name.clone()),
                };
                holders.or_default().push(Arc::clone(&certificate.key));
            }
            names.default.push(Arc::clone(&certificate.key));
        }
        names
    }

    /// Returns the certificate for `name`. An exact name goes before a wildcard, which stands for one label.
    pub(super) fn find(&self, name: Option<&str>, schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let name = name.map(str::to_ascii_lowercase).unwrap_or_default();
        let below = || self.below.get(name.split_once('.')?.1);
        let holders = self.exact.get(&name).or_else(below).unwrap_or(&self.default);
        let understood = |holder: &&Arc<CertifiedKey>| holder.key.choose_scheme(schemes).is_some();
        holders.iter().find(understood).or_else(|| holders.first()).cloned()
    }
}
