//! How a node stands in the catalogue: what its checks, its callers and the operator say of it.
//!
//! Owns who of a service's nodes gets traffic, as far as the registry decides it. Start reading at [`Standing::admission`].

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::checks::Health;
use crate::Node;

/// Most characters of an operator's reason, or of a zone.
pub const REASON_CHARS_MAX: usize = 256;
/// Greatest weight that an operator can give.
pub const WEIGHT_MAX: u32 = 65_535;

/// A node and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// What it says of itself.
    pub node: Arc<Node>,
    /// How it stands.
    #[serde(default, skip_serializing_if = "Standing::is_plain")]
    pub standing: Standing,
}

/// How a node stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Standing {
    /// What its checks say, the worst of them.
    pub health: Health,
    /// Whether enough of those who called it say that it fails.
    pub convicted: bool,
    /// Whether it came and went too often lately.
    pub damped: bool,
    /// What the operator wants of it.
    pub order: Order,
}

/// What the operator wants of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Order {
    /// Whether it is to get traffic.
    pub mode: Mode,
    /// Why, in the operator's words.
    pub reason: String,
    /// The weight that counts instead of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    /// The zone that counts instead of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// Whether the operator wants a node to get traffic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// As well as it can.
    #[default]
    Serving,
    /// No new request, while what is under way ends; the node is about to go.
    Draining,
    /// No request at all; it is being worked on, and its failures are no news.
    Maintenance,
}

/// Whether a node gets requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Admission {
    /// Like any other.
    Taken,
    /// When there is none that is better: something ill may still answer, nothing cannot.
    LastResort,
    /// Never: somebody decided so.
    Never,
}

/// Why an order is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Reason or zone are too long.
    #[error("a reason and a zone have at most 256 characters")]
    Long,
    /// The weight cannot be.
    #[error("a weight is 1 to 65535")]
    Weight,
}

impl Member {
    /// Returns the weight that counts: the operator's, else the metadata's `weight`, else 1.
    pub fn weight(&self) -> u32 {
        let own = || self.node.metadata.get("weight").and_then(|weight| weight.parse().ok());
        self.standing.order.weight.or_else(own).filter(|weight| *weight > 0).unwrap_or(1)
    }

    /// Returns the zone that counts: the operator's, else the metadata's `zone`.
    pub fn zone(&self) -> Option<&str> {
        self.standing.order.zone.as_deref().or_else(|| self.node.metadata.get("zone").map(String::as_str))
    }
}

impl From<Node> for Member {
    fn from(node: Node) -> Self {
        Self { node: Arc::new(node), standing: Standing::default() }
    }
}

impl Standing {
    /// Returns whether there is nothing to say.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// Returns whether the node gets requests.
    pub fn admission(&self) -> Admission {
        let ill = self.health == Health::Critical || self.convicted || self.damped;
        match self.order.mode {
            Mode::Draining | Mode::Maintenance => Admission::Never,
            Mode::Serving if ill => Admission::LastResort,
            Mode::Serving => Admission::Taken,
        }
    }
}

impl Order {
    /// Checks the bounds of every part.
    pub fn check(&self) -> Result<(), Refused> {
        let long = |text: &str| text.chars().count() > REASON_CHARS_MAX;
        if long(&self.reason) || self.zone.as_deref().is_some_and(long) {
            return Err(Refused::Long);
        }
        if self.weight.is_some_and(|weight| !(1..=WEIGHT_MAX).contains(&weight)) {
            return Err(Refused::Weight);
        }
        Ok(())
    }
}

impl Mode {
    /// Returns its name in commands and metadata.
    pub fn name(self) -> &'static str {
        match self {
            Self::Serving => "serving",
            Self::Draining => "draining",
            Self::Maintenance => "maintenance",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_requests_is_decided_by_the_operator_before_health() {
        let modes = [Mode::Serving, Mode::Draining, Mode::Maintenance];
        let healths = [Health::Passing, Health::Warning, Health::Critical];
        for (mode, health) in modes.into_iter().flat_map(|mode| healths.map(|health| (mode, health))) {
            for (convicted, damped) in [(false, false), (true, false), (false, true), (true, true)] {
                let standing = Standing { health, convicted, damped, order: Order { mode, ..Order::default() } };
                let wanted = match (mode, health, convicted || damped) {
                    (Mode::Draining | Mode::Maintenance, ..) => Admission::Never,
                    (_, Health::Critical, _) | (_, _, true) => Admission::LastResort,
                    _ => Admission::Taken,
                };
                assert_eq!(standing.admission(), wanted, "{standing:?}");
            }
        }
    }

    #[test]
    fn orders_have_bounds() {
        assert_eq!(Order { weight: Some(0), ..Order::default() }.check(), Err(Refused::Weight));
        assert_eq!(Order { reason: "x".repeat(257), ..Order::default() }.check(), Err(Refused::Long));
        assert_eq!(Order { zone: Some("z".repeat(257)), ..Order::default() }.check(), Err(Refused::Long));
        assert_eq!(Order { weight: Some(1), reason: "x".repeat(256), ..Order::default() }.check(), Ok(()));
    }
}
