//! How a failure is told on the command line: what happened, why, what to do.

use std::{error::Error, fmt::Write, io};

use base::Fault;
use projects::actions::{import_cohort, import_dir};
use serde_json::{Value, json};

use crate::settings;

/// Returns the lines for standard error. Each cause has a line; an error with a code names it and its page.
pub fn describe(error: &anyhow::Error) -> String {
    let fault = error.chain().find_map(fault);
    let mut text = fault.map_or_else(|| "error: ".to_owned(), |fault| format!("error[{}]: ", fault.code().id));
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(text, "  because: {cause}");
    }
    if let Some(fault) = fault {
        for wrong in fault.fields() {
            let _ = writeln!(text, "  wrong: `{}` ({})", wrong.field, wrong.reason);
        }
        if let Some(hint) = fault.hint() {
            let _ = writeln!(text, "  hint: {hint}");
        }
        let _ = writeln!(text, "  see: docs/errors/{}.md", fault.code().id);
    }
    text
}

/// Returns the same for programs, with the members of problem details (RFC 9457) that make sense here.
pub fn as_json(error: &anyhow::Error) -> Value {
    let causes = error.chain().map(ToString::to_string);
    let mut problem = json!({ "detail": causes.collect::<Vec<_>>().join(": ") });
    let (Some(members), Some(fault)) = (problem.as_object_mut(), error.chain().find_map(fault)) else { return problem };
    members.insert("code".to_owned(), fault.code().id.into());
    members.insert("title".to_owned(), fault.code().title().into());
    members.insert("hint".to_owned(), fault.hint().unwrap_or_else(|| fault.code().remedy_in("en").to_owned()).into());
    members.insert("errors".to_owned(), json!(fault.fields()));
    members.extend(fault.members().into_iter().map(|(name, values)| (name.to_owned(), json!(values))));
    problem
}

/// Returns whether the reader of our output went away, as `fpms config | head -1` does: no failure of ours.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>());
    io.is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe)
}

/// Returns the error as one with a code, if it is one of those that can come up to the command line.
fn fault<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a dyn Fault> {
    known::<settings::Error>(error)
        .or_else(|| known::<identity::Error>(error))
        .or_else(|| known::<import_cohort::Error>(error))
        .or_else(|| known::<import_dir::DirError>(error))
        .or_else(|| known::<messaging::Error>(error))
        .or_else(|| known::<storage::Error>(error))
        .or_else(|| known::<gateway::listeners::Error>(error))
        .or_else(|| known::<gateway::outside::Error>(error))
        .or_else(|| known::<gateway::acme::Error>(error))
        .or_else(|| known::<crypto::keyring::Error>(error))
}

fn known<'a, E: Fault>(error: &'a (dyn Error + 'static)) -> Option<&'a dyn Fault> {
    error.downcast_ref::<E>().map(|error| error as &'a dyn Fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_fields_are_named() {
        let text = describe(&anyhow::Error::from(identity::Error::field("role", "choice")));
        assert!(text.contains("  wrong: `role` (choice)\n"), "{text}");
    }

    #[test]
    fn a_fault_is_told_with_its_code_hint_and_page() {
        let error = settings::load(&settings::Sources {
            environment: vec![("FPMS_LISTENN".to_owned(), "x".to_owned())],
            ..settings::Sources::default()
        });
        let text = describe(&anyhow::Error::from(error.unwrap_err()).context("the node cannot start"));
        let expected = "error[CFG-001]: the node cannot start\n  because: unknown setting `FPMS_LISTENN` (environment)\n  \
                        hint: the nearest name is `FPMS_LISTEN`\n  see: docs/errors/CFG-001.md\n";
        assert_eq!(text, expected);
    }
}
