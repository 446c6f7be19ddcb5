//! Cedar as the judge of a service's `policy.cedar`.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Write,
};

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Entities, Entity, EntityUid, Policy, PolicySet, Request,
    RestrictedExpression, Schema, ValidationMode, Validator,
};

use super::Service;

/// One service's specification, ready to be asked.
pub(super) struct Oracle {
    policies: PolicySet,
    authorizer: Authorizer,
}

impl Oracle {
    /// Reads the service's `policy.cedar` and adds what an API token's scopes forbid.
    pub(super) fn of(service: &Service) -> Self {
        let mut text = service.cedar.to_owned();
        for (action, read) in actions(service) {
            text.push_str(&outside_scope(&action, read));
        }
        Self { policies: text.parse().unwrap(), authorizer: Authorizer::new() }
    }

    /// Asks whether somebody who is all of `held` to a thing may do `action` to it, with a token of these scopes or without one.
    pub(super) fn allows(&self, action: &str, held: &[&str], scopes: Option<&[String]>) -> bool {
        let person = uid("Person", "somebody");
        let attributes = HashMap::from([("held".to_owned(), set(held))]);
        let entity = Entity::new(person.clone(), attributes, HashSet::new()).unwrap();
        let context = Context::from_pairs(scopes.map(|scopes| ("scopes".to_owned(), set(scopes)))).unwrap();
        let request = Request::new(person, uid("Action", action), uid("Thing", "something"), context, None).unwrap();
        let entities = Entities::from_entities([entity], None).unwrap();
        let answer = self.authorizer.is_authorized(&request, &self.policies, &entities);
        let errors: Vec<String> = answer.diagnostics().errors().map(ToString::to_string).collect();
        assert!(errors.is_empty(), "{action}: {errors:?}");
        answer.decision() == Decision::Allow
    }
}

/// Returns the actions that the specification names, and whether each changes nothing.
pub(super) fn actions(service: &Service) -> BTreeMap<String, bool> {
    let policies: PolicySet =
        service.cedar.parse().unwrap_or_else(|error| panic!("{}: {error}", service.policy.service));
    let mut named = BTreeMap::new();
    for policy in policies.policies() {
        let (action, read) = (action_of(policy), policy.annotation("read").map(|read| read == "true"));
        let read = read.unwrap_or_else(|| panic!("{action}: no @read"));
        let before = named.insert(action.clone(), read);
        assert!(before.is_none_or(|before| before == read), "{action}: read and not read");
    }
    named
}

/// Returns what Cedar's validator has to say about the specification; nothing, when the actions and the words are known.
pub(super) fn complaints(service: &Service) -> Vec<String> {
    let actions: Vec<String> = service.policy.actions.iter().map(|action| format!("{:?}", action.name)).collect();
    let schema = format!(
        "entity Person {{ held: Set<String> }};\nentity Thing;\naction {} appliesTo {{ principal: Person, resource: Thing, \
         context: {{ scopes?: Set<String> }} }};",
        actions.join(", ")
    );
    let validator = Validator::new(schema.parse::<Schema>().unwrap());
    let result = validator.validate(&Oracle::of(service).policies, ValidationMode::Strict);
    let errors = result.validation_errors().map(ToString::to_string);
    errors.chain(result.validation_warnings().map(ToString::to_string)).collect()
}

fn action_of(policy: &Policy) -> String {
    match policy.action_constraint() {
        ActionConstraint::Eq(action) => action.id().unescaped().to_owned(),
        other => panic!("a statement is about one action, not {other:?}"),
    }
}

/// What documentation says of scopes, in Cedar's words: a token does what one of its scopes covers, and nothing else.
fn outside_scope(action: &str, read: bool) -> String {
    let mut covering = String::from("\"*\"");
    for (end, _) in action.match_indices('.') {
        let prefix = &action[..end];
        let _ = write!(covering, ", \"{prefix}.*\"");
        if read {
            let _ = write!(covering, ", \"{prefix}.read\"");
        }
    }
    format!(
        "\nforbid (principal, action == Action::\"{action}\", resource)\n\
         when {{ context has scopes && !context.scopes.containsAny([{covering}]) }};\n"
    )
}

fn set(words: &[impl AsRef<str>]) -> RestrictedExpression {
    RestrictedExpression::new_set(words.iter().map(|word| RestrictedExpression::new_string(word.as_ref().to_owned())))
}

fn uid(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.parse().unwrap(), id.parse().unwrap())
}
