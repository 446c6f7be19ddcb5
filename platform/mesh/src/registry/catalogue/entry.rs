//! One node of the catalogue, and its lease.

use std::sync::Arc;

use tokio::time::Instant;

use super::{Care, Member};

pub(super) struct Entry {
    pub(super) member: Arc<Member>,
    pub(super) since: u64,
    pub(super) expires: Instant,
    pub(super) care: Care,
    /// Which registration it is, for the agenda.
    pub(super) round: u64,
    /// Whether it is known from a snapshot only, and has not been heard of since.
    pub(super) restored: bool,
}

impl Entry {
    pub(super) fn is_leased(&self) -> bool {
        self.member.node.tenure.is_lease()
    }

    pub(super) fn renew(&mut self, expires: Instant) {
        self.expires = expires;
        self.restored = false;
    }
}
