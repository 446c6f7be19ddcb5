//! What every process knows of a service, running there or not: its navigation, its texts, its error codes.

use access::{Action, Vocabulary};
use base::Code;

/// A service as the rest of the house sees it. A static of each service; `app` hands all of them to the kit.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    /// The service's name.
    pub name: &'static str,
    /// The roles and relations that its actions speak of.
    pub vocabulary: &'static Vocabulary,
    /// Its entries in the navigation.
    pub nav: &'static [NavItem],
    /// Its Fluent catalogues: language and text.
    pub texts: &'static [(&'static str, &'static str)],
    /// Its public error codes.
    pub codes: &'static [&'static Code],
}

/// An entry of the navigation, shown to whoever might do its action.
#[derive(Debug, Clone, Copy)]
pub struct NavItem {
    /// Fluent key of its label.
    pub label: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Name of an icon of the kit.
    pub icon: &'static str,
    /// Place in the navigation; smaller comes first.
    pub order: u16,
    /// What one does there.
    pub action: &'static Action,
    /// Where a role must hold for the entry to show.
    pub held: Held,
}

/// Where a role must hold for an entry of the navigation to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// In the whole tenant or in any of its units: the page shows what lies within.
    Anywhere,
    /// In the whole tenant: the page refuses those whose role holds in a unit alone.
    WholeTenant,
}
