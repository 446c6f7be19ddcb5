//! One service's database on one shard, whichever engine keeps it.

use std::{
    future::Future,
    path::Path,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use base::{Ambient, Caller, Timestamp};

use crate::{
    Error, Plan, Result, Schema, Statement, Tx, Versioned,
    postgres::{self, Server, Target, TenantFence},
    settings::{Settings, Shard},
    sqlite::{self, File, writer::Unit},
    tx::{Access, Session},
};

/// An open database.
pub(crate) enum Engine {
    Sqlite(File),
    Postgres(Server),
}

/// For whom a unit runs, and what it may do.
pub(crate) struct Scope {
    pub(crate) caller: Caller,
    pub(crate) ambient: Ambient,
    pub(crate) access: Access,
    pub(crate) fence: TenantFence,
    /// The bucket that must be here, and its epoch.
    pub(crate) bucket: Option<(i64, i64)>,
    /// The groups of tables whose changes are counted.
    pub(crate) groups: Arc<[Versioned]>,
}

impl Engine {
    /// Opens the database of `service` on `shard`, migrating it first or refusing when something is pending.
    pub(crate) async fn open(
        settings: &Settings,
        shard: &Shard,
        service: &str,
        schemas: &[Schema],
        now: Timestamp,
    ) -> Result<Self> {
        let refuse = |count: usize| Error::Pending { count, database: service.to_owned(), shard: shard.name.clone() };
        if let Some(folder) = shard.url.strip_prefix("sqlite:") {
            let folder = settings.folder.join(folder);
            let path = folder.join(format!("{service}.db"));
            migrate_file(&path, settings, schemas, now, refuse)?;
            return Ok(Self::Sqlite(File::open(&path)?));
        }
        if shard.url.starts_with("postgres://") || shard.url.starts_with("postgresql://") {
            let target = Target::new(&shard.url, service, &settings.root_certificates)?;
            if settings.migrate {
                postgres::migrate::apply(&target, schemas, now).await?;
            } else {
                match postgres::migrate::pending(&target, schemas).await? {
                    0 => {}
                    count => return Err(refuse(count)),
                }
            }
            return Ok(Self::Postgres(Server::open(target, settings.connections_max).await?));
        }
        Err(Error::Settings(format!(
            "shard `{}`: the address begins with neither `sqlite:` nor `postgres://`",
            shard.name
        )))
    }

    /// Runs a unit that may only read.
    pub(crate) async fn read<T, E>(
        &self,
        scope: Scope,
        work: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, std::result::Result<T, E>>,
    ) -> std::result::Result<T, E>
    where
        E: From<Error>,
    {
        let session = match self {
            Self::Sqlite(file) => Session::Sqlite(file.reader()?),
            Self::Postgres(server) => Session::Postgres(Box::new(server.reader(scope.fence).await?)),
        };
        work(&mut Tx::new(scope, session)).await
    }

    /// Runs a unit in a transaction; an error rolls it back. Returns after the commit is on disk.
    pub(crate) async fn write<T, E, W>(&self, scope: Scope, work: W) -> std::result::Result<T, E>
    where
        W: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, std::result::Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match self {
            Self::Sqlite(file) => {
                let (reply, answer) = oneshot::channel();
                file.submit(Box::new(Queued { work: Some((scope, work)), outcome: None, reply })).await?;
                answer.await.map_err(|_| Error::Unavailable("the unit of work was lost".into()))?
            }
            Self::Postgres(server) => {
                let session = Box::new(server.writer(scope.fence, scope.bucket).await?);
                let mut tx = Tx::new(scope, Session::Postgres(session));
                let outcome = whole(&mut tx, work).await;
                if let Session::Postgres(session) = &mut tx.session {
                    if outcome.is_ok() { session.commit().await? } else { session.roll_back().await? }
                }
                outcome
            }
        }
    }

    /// Returns how the engine means to run `statement`.
    pub(crate) async fn explain(&self, statement: &'static Statement) -> Result<Plan> {
        match self {
            Self::Sqlite(file) => file.explain(statement.sqlite()),
            Self::Postgres(server) => server.explain(statement.sql).await,
        }
    }

    /// Returns whether row-level security binds us.
    pub(crate) async fn is_fenced(&self) -> Result<bool> {
        match self {
            Self::Sqlite(_) => Ok(false),
            Self::Postgres(server) => server.is_fenced().await,
        }
    }

    /// Returns how connections are encrypted.
    pub(crate) async fn encryption(&self) -> Result<Option<String>> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(server) => server.encryption().await,
        }
    }

    /// Returns the engine's name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

/// Runs a unit, and counts up the versions of what it wrote.
async fn whole<T, E, W>(tx: &mut Tx, work: W) -> std::result::Result<T, E>
where
    W: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, std::result::Result<T, E>>,
    E: From<Error>,
{
    let value = work(tx).await?;
    tx.count_up().await?;
    Ok(value)
}

fn migrate_file(
    path: &Path,
    settings: &Settings,
    schemas: &[Schema],
    now: Timestamp,
    refuse: impl Fn(usize) -> Error,
) -> Result<()> {
    if settings.migrate {
        let folder = path.parent().unwrap_or(path);
        std::fs::create_dir_all(folder).map_err(|error| Error::Unavailable(Box::new(error)))?;
        return sqlite::migrate::apply(path, schemas, now).map(|_| ());
    }
    match sqlite::migrate::pending(path, schemas)? {
        0 => Ok(()),
        count => Err(refuse(count)),
    }
}

/// A unit of work on its way to the writer of a file, and its outcome on the way back.
struct Queued<W, T, E> {
    work: Option<(Scope, W)>,
    outcome: Option<std::result::Result<T, E>>,
    reply: oneshot::Sender<std::result::Result<T, E>>,
}

impl<W, T, E> Unit for Queued<W, T, E>
where
    W: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, std::result::Result<T, E>> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, mut session: sqlite::Session) -> (sqlite::Session, bool) {
        let Some((scope, work)) = self.work.take() else { return (session, false) };
        if let Err(refused) = check_bucket(&mut session, scope.bucket) {
            self.outcome = Some(Err(refused.into()));
            return (session, false);
        }
        let mut tx = Tx::new(scope, Session::Sqlite(session));
        let outcome = poll_to_end(whole(&mut tx, work))
            .unwrap_or_else(|| Err(Error::Misuse("awaited something other than its transaction").into()));
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        match tx.session {
            Session::Sqlite(session) => (session, keep),
            Session::Postgres(_) => unreachable!("the session was SQLite's a moment ago"),
        }
    }

    fn finish(self: Box<Self>, committed: Result<()>) {
        let outcome = match (self.outcome, committed) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(Error::Misuse("never ran").into()),
        };
        // Nobody waits when the request was cancelled; the work stands all the same.
        let _ = self.reply.send(outcome);
    }
}

fn check_bucket(session: &mut sqlite::Session, bucket: Option<(i64, i64)>) -> Result<()> {
    let Some((bucket, epoch)) = bucket else {
        session.forget_buckets();
        return Ok(());
    };
    session.check_bucket(bucket, epoch)
}

/// Runs a future that never waits: on SQLite every statement answers at once.
fn poll_to_end<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
