//! Tenant -> one of 960 buckets -> shard, in a versioned map; every write carries the map's epoch (see the crate's page).

use std::collections::HashMap;

use base::{Id, TenantId};

use crate::{Error, Result};

/// Slices of tenants; each moves as one. 960 divides evenly by 2, 3, 4, 5, 6, 8, 10, 12, 15, 16 and 20 shards.
pub const BUCKETS: u16 = 960;

/// Where every bucket lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map {
    /// Grows with every change.
    pub version: i64,
    owners: Vec<Owner>,
}

/// Where one bucket lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// Index of the shard in the settings.
    pub shard: usize,
    /// Grows each time the bucket moves.
    pub epoch: i64,
}

/// Where one tenant's rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) bucket: u16,
    pub(crate) owner: Owner,
}

impl Map {
    /// Builds the map from `(bucket, shard, epoch)` rows; every bucket must be there and every shard must be known.
    pub(crate) fn new(version: i64, rows: &[(u16, String, i64)], shards: &[String]) -> Result<Self> {
        let index: HashMap<&str, usize> =
            shards.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
        let mut owners: Vec<Option<Owner>> = vec![None; usize::from(BUCKETS)];
        for (bucket, shard, epoch) in rows {
            let Some(&shard) = index.get(shard.as_str()) else {
                return Err(Error::Settings(format!(
                    "bucket {bucket} lives on shard `{shard}`, which is not in the settings"
                )));
            };
            if let Some(owner) = owners.get_mut(usize::from(*bucket)) {
                *owner = Some(Owner { shard, epoch: *epoch });
            }
        }
        let owners: Option<Vec<Owner>> = owners.into_iter().collect();
        let owners = owners.ok_or_else(|| Error::Settings("the shard map lacks a bucket".to_owned()))?;
        Ok(Self { version, owners })
    }

    /// Returns the owner of `bucket`.
    pub fn owner(&self, bucket: u16) -> Option<Owner> {
        self.owners.get(usize::from(bucket)).copied()
    }

    /// Returns the buckets that live on the shard of this index, with their epochs.
    pub fn buckets_of(&self, shard: usize) -> impl Iterator<Item = (u16, i64)> {
        (0..BUCKETS)
            .zip(&self.owners)
            .filter(move |(_, owner)| owner.shard == shard)
            .map(|(bucket, owner)| (bucket, owner.epoch))
    }
}

/// Returns the bucket that a tenant falls into when nobody says otherwise: the random half of its UUIDv7.
pub fn bucket_of(tenant: TenantId) -> u16 {
    let (_, low) = tenant.uuid().as_u64_pair();
    // The two bits of the variant are the same in every id; the rest is chance.
    let random = low & 0x3fff_ffff_ffff_ffff;
    u16::try_from(random % u64::from(BUCKETS)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_knows_every_bucket_or_is_refused() {
        let shards = ["a".to_owned(), "b".to_owned()];
        let rows: Vec<_> = (0..BUCKETS).map(|bucket| (bucket, shards[usize::from(bucket % 2)].clone(), 1)).collect();
        let map = Map::new(1, &rows, &shards).unwrap();
        assert_eq!(map.buckets_of(1).count(), usize::from(BUCKETS / 2));
        assert_eq!(map.owner(3), Some(Owner { shard: 1, epoch: 1 }));
        assert!(Map::new(1, &rows[1..], &shards).is_err());
        assert!(Map::new(1, &rows, &shards[..1]).is_err());
    }

    #[test]
    fn tenants_spread_over_the_buckets() {
        let mut counts = vec![0_u32; usize::from(BUCKETS)];
        for seed in 0..96_000_u64 {
            let random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (seed << 7);
            counts[usize::from(bucket_of(TenantId::from_u128(u128::from(random))))] += 1;
        }
        assert!(counts.iter().all(|&count| (40..=180).contains(&count)), "{counts:?}");
    }
}
