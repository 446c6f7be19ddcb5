//! A unit of work, bound to one caller and so to one tenant.

use std::sync::Arc;

use base::{Ambient, Caller, Id, TenantId, Timestamp, Value};

use crate::{
    Decode, Error, Kind, Result, Versioned, engine::Scope, postgres, sqlite, statement::Statement, versions::Touched,
};

/// A unit of work. It is a caller's: the tenant of every statement is the caller's, whatever the parameters say.
///
/// The only thing a unit of work may await is its transaction.
pub struct Tx {
    caller: Caller,
    ambient: Ambient,
    now: Timestamp,
    access: Access,
    groups: Arc<[Versioned]>,
    touched: Touched,
    pub(crate) session: Session,
}

/// What the unit may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
    System,
}

/// Parameters in the order of their numbers, the tenant among them.
pub(crate) type Bound<'v> = Vec<Value<'v>>;

pub(crate) enum Session {
    Sqlite(sqlite::Session),
    Postgres(Box<postgres::Session>),
}

impl Tx {
    pub(crate) fn new(scope: Scope, session: Session) -> Self {
        let Scope { caller, ambient, access, groups, .. } = scope;
        let now = ambient.now();
        Self { caller, ambient, now, access, groups, touched: Touched::default(), session }
    }

    /// Returns the groups of tables whose changes are counted.
    pub(crate) fn groups(&self) -> Arc<[Versioned]> {
        Arc::clone(&self.groups)
    }

    /// Returns which of them this unit has written to.
    pub(crate) fn touched(&self) -> Touched {
        self.touched
    }

    /// Returns who asks.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Returns the tenant whose rows this unit may touch.
    pub fn tenant(&self) -> TenantId {
        self.caller.tenant()
    }

    /// Returns the time at which the unit began; it does not advance within it.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Makes a new id.
    pub fn id<T: Id>(&self) -> T {
        self.ambient.id()
    }

    /// Returns the sources of time and chance.
    pub fn ambient(&self) -> &Ambient {
        &self.ambient
    }

    /// Returns all rows of `statement`. `parameters` start at `$2`.
    pub async fn fetch<T: Decode>(
        &mut self,
        statement: &'static Statement,
        parameters: &[Value<'_>],
    ) -> Result<Vec<T>> {
        let bound = self.bind(statement, parameters)?;
        self.touched.note(&self.groups, statement);
        match &mut self.session {
            Session::Sqlite(session) => session.fetch(statement, &bound),
            Session::Postgres(session) => session.fetch(statement, &bound).await,
        }
    }

    /// Returns the first row of `statement`, if there is one.
    pub async fn fetch_optional<T: Decode>(
        &mut self,
        statement: &'static Statement,
        parameters: &[Value<'_>],
    ) -> Result<Option<T>> {
        Ok(self.fetch(statement, parameters).await?.into_iter().next())
    }

    /// Returns the first row of `statement`; none is an error.
    pub async fn fetch_one<T: Decode>(&mut self, statement: &'static Statement, parameters: &[Value<'_>]) -> Result<T> {
        self.fetch_optional(statement, parameters).await?.ok_or(Error::Missing { statement: statement.id })
    }

    /// Runs `statement` and returns how many rows it changed.
    pub async fn execute(&mut self, statement: &'static Statement, parameters: &[Value<'_>]) -> Result<u64> {
        let bound = self.bind(statement, parameters)?;
        self.touched.note(&self.groups, statement);
        match &mut self.session {
            Session::Sqlite(session) => session.execute(statement, &bound),
            Session::Postgres(session) => session.execute(statement, &bound).await,
        }
    }

    /// Runs `statement` once for each of `rows` and returns how many rows were changed in all.
    /// On PostgreSQL the runs are pipelined: many at the price of one round trip.
    pub async fn execute_many(&mut self, statement: &'static Statement, rows: &[Vec<Value<'_>>]) -> Result<u64> {
        let bound = rows.iter().map(|row| self.bind(statement, row)).collect::<Result<Vec<_>>>()?;
        self.touched.note(&self.groups, statement);
        match &mut self.session {
            Session::Sqlite(session) => {
                let mut changed = 0;
                for parameters in &bound {
                    changed += session.execute(statement, parameters)?;
                }
                Ok(changed)
            }
            Session::Postgres(session) => session.execute_many(statement, &bound).await,
        }
    }

    fn bind<'v>(&self, statement: &'static Statement, parameters: &[Value<'v>]) -> Result<Bound<'v>> {
        let allowed = match statement.kind {
            Kind::Read | Kind::Scan => self.access != Access::System,
            Kind::Write => self.access == Access::Write,
            Kind::System => self.access == Access::System,
        };
        if !allowed {
            return Err(Error::Misuse("ran a statement of a kind that it may not run"));
        }
        let mut bound = Bound::with_capacity(parameters.len() + 1);
        if statement.kind != Kind::System {
            bound.push(self.tenant().into());
        }
        bound.extend_from_slice(parameters);
        Ok(bound)
    }
}
