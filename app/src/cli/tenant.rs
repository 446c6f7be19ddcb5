//! `fpms tenant`: the universities of an installation.

use std::io::Write;

use anyhow::{Context, Result, bail};
use jiff::tz::TimeZone;
use storage::NewTenant;

use super::{block_on_settings, look, place::Place};
use crate::{parts::Parts, services};

/// Longest short name.
const SLUG_CHARS_MAX: usize = 40;
/// Longest name of a host, and longest part of it (RFC 1035, 2.3.4).
const HOST_CHARS_MAX: usize = 253;
const LABEL_CHARS_MAX: usize = 63;

/// What `fpms tenant` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done with tenants.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add a university
    Create(Create),
    /// Print the universities
    List(List),
}

/// What `fpms tenant create` is called with.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Short name by which commands know it: small letters, digits and hyphens
    #[arg(value_name = "TENANT")]
    pub slug: String,
    /// Full name, as pages show it
    #[arg(long)]
    pub name: String,
    /// Full name in the university's own language
    #[arg(long)]
    pub name_local: Option<String>,
    /// Host name by which its people reach it
    #[arg(long, value_name = "HOST")]
    pub domain: Option<String>,
    /// Time zone in which its dates are shown
    #[arg(long, value_name = "ZONE", default_value = "Asia/Vientiane")]
    pub zone: String,
    /// Language of pages until a person chooses another
    #[arg(long, value_name = "TAG", default_value = "en")]
    pub language: String,
    #[command(flatten)]
    pub place: Place,
}

/// What `fpms tenant list` is called with.
#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    pub place: Place,
}

/// Adds or prints universities.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    match &arguments.command {
        Command::Create(create) => {
            // Refused before anything is made: a new installation begins with its first university.
            check(create)?;
            block_on_settings(create.place.load(None)?.settings, async |parts| add(parts, create, out).await)
        }
        Command::List(list) => look(&list.place, async |parts| print(parts, out).await),
    }
}

async fn add(parts: &Parts, create: &Create, out: &mut impl Write) -> Result<()> {
    let new = NewTenant {
        slug: create.slug.clone(),
        name: create.name.trim().to_owned(),
        name_local: create.name_local.as_deref().unwrap_or(&create.name).trim().to_owned(),
        language: create.language.clone(),
        zone: create.zone.clone(),
        domains: create.domain.iter().map(|domain| domain.to_lowercase()).collect(),
    };
    let directory = parts.storage().await?.directory();
    if directory.by_slug(&new.slug).is_some() {
        bail!("there is a university `{}` already; `fpms tenant list` prints all", new.slug);
    }
    if let Some(domain) = new.domains.iter().find(|domain| directory.by_domain(domain).is_some()) {
        bail!("`{domain}` leads to another university already");
    }
    let tenant = directory.create(new).await?;
    // The tables of every service are made now: what only looks, such as a dry run, makes none.
    services::databases_of_services(parts).await?;
    writeln!(out, "added `{}` ({}) as {}", tenant.slug, tenant.name, tenant.id)?;
    writeln!(out, "next: fpms user create EMAIL --tenant {} --name NAME --role administrator", tenant.slug)?;
    Ok(())
}

fn check(create: &Create) -> Result<()> {
    let is_slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let slug = &create.slug;
    if slug.is_empty() || slug.len() > SLUG_CHARS_MAX || !slug.chars().all(is_slug) || slug.starts_with('-') {
        bail!("`{slug}` is not a short name: 1 to {SLUG_CHARS_MAX} small letters, digits and hyphens, no hyphen first");
    }
    if create.name.trim().is_empty() {
        bail!("the university needs a name: --name \"National University\"");
    }
    if let Some(domain) = create.domain.as_deref().filter(|domain| !is_host(&domain.to_lowercase())) {
        bail!(
            "`--domain {domain}` is not the name of a host such as projects.uni.example: letters, digits, hyphens and dots \
             alone, without scheme, port and path"
        );
    }
    TimeZone::get(&create.zone)
        .with_context(|| format!("`{}` is not a time zone such as Asia/Vientiane", create.zone))?;
    let mut languages = web::i18n::LANGUAGES.iter().map(|(tag, _)| *tag);
    if !languages.any(|tag| tag == create.language) {
        let known: Vec<&str> = web::i18n::LANGUAGES.iter().map(|(tag, _)| *tag).collect();
        bail!("there are no pages in `{}`; the languages are {}", create.language, known.join(", "));
    }
    Ok(())
}

/// Returns true for the name of a host (RFC 1123) in lower case, without a port.
fn is_host(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_label = |label: &str| {
        (1..=LABEL_CHARS_MAX).contains(&label.len())
            && label.chars().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= HOST_CHARS_MAX && name.split('.').all(is_label)
}

async fn print(parts: &Parts, out: &mut impl Write) -> Result<()> {
    for tenant in parts.storage().await?.directory().tenants() {
        writeln!(out, "{:<24} {:<40} {:<10} {}", tenant.slug, tenant.name, tenant.language, tenant.zone)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_the_name_of_a_host_and_nothing_else() {
        for good in ["projects.uni.example", "localhost", "xn--q7ce6a.la", "3.uni.example", &"a".repeat(63)] {
            assert!(is_host(good), "{good}");
        }
        let long = "a.".repeat(126) + "aa";
        let bad =
            ["", " ", "https://uni.example", "uni.example:8080", "uni.example/", "uni..example", "-a.example", "a-.la"];
        for bad in bad.into_iter().chain(["uni_1.example", "ມະຫາ.la", "UNI.example", &"a".repeat(64), &long]) {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
