//! Settings in the environment: `FPMS_LISTEN`, `FPMS_GATEWAY__GRACE_SECONDS`.

use super::{Error, Given, Origin, error::Unknown, field::Field, name::nearest};

const PREFIX: &str = "FPMS_";
/// Variables of the test runner, which are no settings.
const TESTS: &str = "FPMS_TEST_";

/// Returns the settings among the variables. One with our prefix that is none is added to `unknown`.
pub(super) fn read(variables: &[(String, String)], unknown: &mut Vec<Unknown>) -> Result<Vec<Given>, Error> {
    let ours = variables.iter().filter(|(name, _)| name.starts_with(PREFIX) && !name.starts_with(TESTS));
    let mut given = Vec::new();
    for (name, text) in ours {
        match Field::all().find(|field| field.variable() == *name) {
            Some(field) => given.push(field.given(text, Origin::Environment(name.clone()))?),
            None => unknown.push(unknown_variable(name)),
        }
    }
    Ok(given)
}

fn unknown_variable(name: &str) -> Unknown {
    let nearest = nearest(name, Field::all().map(Field::variable));
    Unknown { name: name.to_owned(), origin: Origin::Environment("environment".to_owned()), nearest }
}
