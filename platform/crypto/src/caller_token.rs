//! The token by which one process tells another who asks: signed, and good for a minute.

use base::{Caller, RequestId, TenantId, Timestamp, caller::Person, caller::Who};
use serde::{Deserialize, Serialize};

use crate::{
    Key, Keyring,
    token::{self, Error},
};

/// Header that carries it between our processes; the gateway removes it from what comes from outside.
pub const CALLER_HEADER: &str = "fpms-caller";

const PURPOSE: &str = "caller-token";

/// Makes and reads caller tokens. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct CallerTokens(Key);

/// What a caller token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerClaims {
    /// The tenant asked for.
    pub tenant: TenantId,
    /// The person signed in, if any.
    pub person: Option<Person>,
    /// First instant at which the token no longer holds.
    pub until: Timestamp,
}

#[derive(Serialize)]
struct Sealed<'a> {
    tenant: TenantId,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<&'a Person>,
}

#[derive(Deserialize)]
struct Unsealed {
    tenant: TenantId,
    #[serde(default)]
    person: Option<Person>,
}

impl CallerTokens {
    /// Returns the maker and reader of this installation's caller tokens.
    pub fn new(keyring: &Keyring) -> Self {
        Self(keyring.key(PURPOSE))
    }

    /// Returns the token of `caller`, good until `until`. The installation itself never travels by token: it is refused.
    pub fn seal(&self, caller: &Caller, until: Timestamp) -> Result<String, Error> {
        let person = match caller.who() {
            Who::Person(person) => Some(person),
            Who::Nobody => None,
            Who::System(_) => return Err(Error::Unencodable),
        };
        token::seal(&self.0, &Sealed { tenant: caller.tenant(), person }, until)
    }

    /// Returns what a token says, if it is ours and good at `now`.
    pub fn read(&self, text: &str, now: Timestamp) -> Result<CallerClaims, Error> {
        let (claims, until) = token::open_until::<Unsealed>(&self.0, text, now)?;
        Ok(CallerClaims { tenant: claims.tenant, person: claims.person, until })
    }

    /// Returns the caller of a token, as asking by `request`.
    pub fn open(&self, text: &str, request: RequestId, now: Timestamp) -> Result<Caller, Error> {
        let claims = self.read(text, now)?;
        Ok(match claims.person {
            Some(person) => Caller::person(claims.tenant, person, request),
            None => Caller::nobody(claims.tenant, request),
        })
    }
}

#[cfg(test)]
mod tests {
    use base::{Grant, PersonId, Scope};
    use uuid::Uuid;

    use super::*;

    const TENANT: TenantId = TenantId::from_u128(1);
    const REQUEST: RequestId = RequestId::from_u128(2);
    const UNTIL: Timestamp = Timestamp::from_micros(60_000_000);

    fn tokens() -> CallerTokens {
        CallerTokens::new(&Keyring::from_secret(&"k".repeat(43).into()).unwrap())
    }

    fn person() -> Person {
        let unit = Scope::Unit(Uuid::from_u128(9));
        Person {
            id: PersonId::from_u128(3),
            name: "ສົມສະຫວັນ".to_owned(),
            language: "lo".to_owned(),
            grants: vec![
                Grant {
                    role: "reader".to_owned(),
                    scope: Scope::Tenant,
                    from: Timestamp::EPOCH,
                    until: Timestamp::from_micros(253_402_207_200_000_000),
                },
                Grant { role: "writer".to_owned(), scope: unit, from: Timestamp::EPOCH, until: UNTIL },
            ],
            credential: Uuid::from_u128(4),
            scopes: Some(vec!["notes.read".to_owned()]),
        }
    }

    #[test]
    fn a_caller_arrives_as_it_was_sent() {
        for caller in [Caller::person(TENANT, person(), REQUEST), Caller::nobody(TENANT, REQUEST)] {
            let token = tokens().seal(&caller, UNTIL).unwrap();
            assert_eq!(tokens().open(&token, REQUEST, Timestamp::EPOCH).unwrap(), caller);
            assert_eq!(tokens().read(&token, Timestamp::EPOCH).unwrap().until, UNTIL);
            assert_eq!(tokens().open(&token, REQUEST, UNTIL), Err(Error::Expired));
        }
    }

    #[test]
    fn a_caller_arrives_between_processes_with_other_primaries() {
        let tokens = |roots: String| CallerTokens::new(&Keyring::from_secret(&roots.into()).unwrap());
        let (old, new) = ("k".repeat(43), "n".repeat(43));
        let (before, after) = (tokens(format!("*{old} {new}")), tokens(format!("{old} *{new}")));
        let caller = Caller::person(TENANT, person(), REQUEST);
        for (one, other) in [(&before, &after), (&after, &before)] {
            let token = one.seal(&caller, UNTIL).unwrap();
            assert_eq!(other.open(&token, REQUEST, Timestamp::EPOCH).unwrap(), caller);
        }
        let late = before.seal(&caller, UNTIL).unwrap();
        assert_eq!(tokens(new).open(&late, REQUEST, Timestamp::EPOCH), Err(Error::Forged));
    }

    #[test]
    fn the_installation_itself_never_travels_by_token() {
        let system = Caller::system(TENANT, "job", REQUEST);
        assert_eq!(tokens().seal(&system, UNTIL), Err(Error::Unencodable));
    }
}
