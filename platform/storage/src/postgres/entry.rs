//! What a unit sends ahead of its first statement: its tenant, `BEGIN`, and a check that its bucket is here.

use futures_util::future;
use tokio_postgres::{Client, Statement as Prepared, types::ToSql};

use base::Id;

use super::{TenantFence, pool::Connection};
use crate::Result;

/// Advisory locks of buckets; the second key is the bucket.
const BUCKET_LOCKS: &str = "SELECT pg_advisory_xact_lock_shared(7301, CAST(CAST($1 AS BIGINT) AS INTEGER))";
const BUCKET_EPOCH: &str = "SELECT epoch FROM bucket_owner WHERE bucket = $1 AND state = 'owned'";

/// What goes ahead of a unit's first statement.
pub(super) struct Entry {
    fence: Option<String>,
    begin: bool,
    bucket: Option<BucketCheck>,
}

struct BucketCheck {
    bucket: i64,
    epoch: i64,
    lock: Prepared,
    find: Prepared,
}

impl Entry {
    /// Prepares what `connection` needs before a unit of `tenant`.
    pub(super) async fn prepare(
        connection: &mut Connection,
        tenant: TenantFence,
        begin: bool,
        bucket: Option<(i64, i64)>,
    ) -> Result<Self> {
        let fence = (connection.tenant != Some(tenant)).then(|| {
            let text = match tenant {
                TenantFence::One(tenant) => tenant.uuid().simple().to_string(),
                TenantFence::All => "*".to_owned(),
            };
            format!("SET fpms.tenant = '{text}'")
        });
        if fence.is_some() {
            // Unknown until the answer is there: the unit may be dropped before.
            connection.tenant = None;
        }
        let bucket = match bucket {
            None => None,
            Some((bucket, epoch)) => {
                let lock = connection.prepare_text("storage::bucket_lock", BUCKET_LOCKS).await?;
                let find = connection.prepare_text("storage::bucket_epoch", BUCKET_EPOCH).await?;
                Some(BucketCheck { bucket, epoch, lock, find })
            }
        };
        Ok(Self { fence, begin, bucket })
    }

    /// Sends it; returns the epoch when the bucket is not here at it.
    pub(super) async fn send(&self, connection: &Connection) -> Result<Option<i64>> {
        let client = &connection.client;
        // Before `BEGIN`: a setting made within a transaction is undone with it.
        let fence = async {
            match &self.fence {
                None => Ok(()),
                Some(fence) => client.batch_execute(fence).await,
            }
        };
        let begin = async { if self.begin { client.batch_execute("BEGIN").await } else { Ok(()) } };
        let check = async {
            match &self.bucket {
                None => Ok(None),
                Some(check) => check.send(client).await.map(Some),
            }
        };
        let ((), (), found) = future::try_join3(fence, begin, check).await.map_err(|e| connection.error("begin", e))?;
        Ok(self.bucket.as_ref().map(|check| check.epoch).filter(|epoch| found.flatten() != Some(*epoch)))
    }
}

impl BucketCheck {
    /// Looks for the bucket under a lock that its mover waits for. The lock comes before the look: the look then sees what any
    /// mover has committed.
    async fn send(&self, client: &Client) -> std::result::Result<Option<i64>, tokio_postgres::Error> {
        let parameters: [&(dyn ToSql + Sync); 1] = [&self.bucket];
        let lock = client.execute_raw(&self.lock, parameters);
        let (_, found) = future::try_join(lock, client.query_opt(&self.find, &parameters)).await?;
        Ok(found.map(|row| row.get(0)))
    }
}
