//! The edges between our crates: those of `[workspace.metadata.floors]` and no others, in chains of bounded length.

use std::collections::BTreeMap;

use super::{
    Finding,
    tree::{Dependency, Member, Tree, line_starting},
};

/// A chain of this many crates builds one after another, whatever the number of cores.
const CHAIN_CRATES_MAX: usize = 6;
const EVERYTHING: &str = "*";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = rows(tree);
    for member in &tree.members {
        for dependency in &member.dependencies {
            findings.extend(edge(tree, member, dependency));
        }
    }
    findings.extend(chain(tree));
    findings
}

/// Every crate has a row, and every row is about crates that exist.
fn rows(tree: &Tree) -> Vec<Finding> {
    let manifest = tree.text("Cargo.toml");
    let unknown = |name: &str| name != EVERYTHING && tree.member(name).is_none();
    let mut findings = Vec::new();
    for (name, uses) in &tree.floors {
        for missing in std::iter::once(name).chain(uses).filter(|name| unknown(name)) {
            let message = format!("the floors name `{missing}`, which is no crate of ours: remove it");
            findings.push(Finding::new("Cargo.toml", line_starting(manifest, name), message));
        }
    }
    for member in tree.members.iter().filter(|member| !tree.floors.contains_key(&member.name)) {
        let message = format!("`{}` has no row in [workspace.metadata.floors]: add one", member.name);
        findings.push(Finding::new(&member.manifest_path(), 1, message));
    }
    findings
}

fn edge(tree: &Tree, member: &Member, dependency: &Dependency) -> Option<Finding> {
    let target = tree.member(&dependency.name)?;
    let at = |message: String| Some(Finding::new(&member.manifest_path(), member.line_of(&dependency.name), message));
    if member.is_service() && target.is_service() {
        return at(format!(
            "service `{}` uses service `{}`: let the fact travel as an event of `contracts`",
            member.name, target.name
        ));
    }
    if dependency.for_tests && target.is_in("testing") {
        return None;
    }
    let row = tree.floors.get(&member.name)?;
    if row.iter().any(|allowed| allowed == EVERYTHING || *allowed == dependency.name) {
        return None;
    }
    at(format!(
        "`{}` may not use `{}`: turn the edge round, or record it in docs/adr and the floors",
        member.name, dependency.name
    ))
}

/// The product's longest chain. Tests and benchmarks stand on the whole of it and are not counted.
fn chain(tree: &Tree) -> Option<Finding> {
    let mut known = BTreeMap::new();
    let product = tree.members.iter().filter(|member| !member.is_in("testing") && !member.is_in("bench"));
    let longest = product.map(|member| longest_from(tree, &member.name, &mut known)).max_by_key(Vec::len)?;
    let message =
        format!("{} crates build one after another ({}): break the chain", longest.len(), longest.join(" -> "));
    (longest.len() > CHAIN_CRATES_MAX).then(|| Finding::new("Cargo.toml", 1, message))
}

fn longest_from(tree: &Tree, name: &str, known: &mut BTreeMap<String, Vec<String>>) -> Vec<String> {
    if let Some(chain) = known.get(name) {
        return chain.clone();
    }
    let dependencies = tree.member(name).map_or(&[][..], |member| &member.dependencies);
    let ours =
        dependencies.iter().filter(|dependency| !dependency.for_tests && tree.member(&dependency.name).is_some());
    let mut chain = vec![name.to_owned()];
    chain.extend(
        ours.map(|dependency| longest_from(tree, &dependency.name, known)).max_by_key(Vec::len).unwrap_or_default(),
    );
    known.insert(name.to_owned(), chain.clone());
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(folder: &str, uses: &[&str]) -> Member {
        let name = folder.rsplit('/').next().unwrap().to_owned();
        let dependencies = uses.iter().map(|name| Dependency { name: (*name).to_owned(), for_tests: false }).collect();
        Member { name, folder: folder.to_owned(), dependencies, ..Member::default() }
    }

    fn check_members(members: Vec<Member>, floors: &[(&str, &[&str])]) -> Vec<String> {
        let row = |uses: &[&str]| uses.iter().map(|name| (*name).to_owned()).collect();
        let floors = floors.iter().map(|(name, uses)| ((*name).to_owned(), row(uses))).collect();
        check(&Tree { members, floors, ..Tree::default() }).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_edge_outside_the_table_is_found() {
        let members =
            vec![member("base", &[]), member("platform/web", &["base", "mesh"]), member("platform/mesh", &[])];
        let findings = check_members(members, &[("base", &[]), ("web", &["base"]), ("mesh", &[])]);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].contains("`web` may not use `mesh`"), "{findings:?}");
    }

    #[test]
    fn services_never_use_each_other_even_when_a_row_says_so() {
        let members = vec![member("services/a", &["b"]), member("services/b", &[])];
        let findings = check_members(members, &[("a", &["*"]), ("b", &[])]);
        assert!(findings[0].contains("service `a` uses service `b`"), "{findings:?}");
    }

    #[test]
    fn rows_and_crates_correspond() {
        let findings = check_members(vec![member("base", &[])], &[("gone", &[])]);
        assert_eq!(findings.len(), 2, "{findings:?}");
    }

    #[test]
    fn a_test_dependency_is_free_only_towards_testing() {
        let mut web = member("platform/web", &["testkit", "mesh"]);
        for dependency in &mut web.dependencies {
            dependency.for_tests = true;
        }
        let members = vec![web, member("testing/testkit", &[]), member("platform/mesh", &[])];
        let findings = check_members(members, &[("web", &[]), ("testkit", &[]), ("mesh", &[])]);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].contains("`mesh`"));
    }

    #[test]
    fn a_chain_of_seven_is_too_long() {
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        let mut members: Vec<Member> = names.windows(2).map(|pair| member(pair[0], &pair[1..])).collect();
        members.push(member("g", &[]));
        let rows = names.map(|name| (name, &["*"][..]));
        let findings = check_members(members, &rows);
        assert!(findings[0].contains("a -> b -> c -> d -> e -> f -> g"), "{findings:?}");
    }
}
