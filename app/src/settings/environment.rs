//! Settings in the environment: `FPMS_LISTEN`, `FPMS_GATEWAY__GRACE_SECONDS`.

use super::{Error, Given, Origin, field::Field, name::nearest};

const PREFIX: &str = "FPMS_";
/// Variables of the test runner, which are no settings.
const TESTS: &str = "FPMS_TEST_";

/// Returns the settings among the variables; one with our prefix that is none is refused.
pub(super) fn read(variables: &[(String, String)]) -> Result<Vec<Given>, Error> {
    let ours = variables.iter().filter(|(name, _)| name.starts_with(PREFIX) && !name.starts_with(TESTS));
    ours.map(|(name, text)| {
        let field = Field::all().find(|field| field.variable() == *name).ok_or_else(|| unknown(name))?;
        field.given(text, Origin::Environment(name.clone()))
    })
    .collect()
}

fn unknown(name: &str) -> Error {
    let nearest = nearest(name, Field::all().map(Field::variable));
    Error::Unknown { name: name.to_owned(), origin: Origin::Environment("environment".to_owned()), nearest }
}
