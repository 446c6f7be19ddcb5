//! `fpms user`: the people of a university.

use std::io::{BufRead, IsTerminal, Write, stdin};

use anyhow::{Context, Result, bail};
use base::FieldError;
use crypto::Secret;
use identity::{
    Error,
    actions::tenants::{NewUser, create_user, make_operator},
    model::{membership::NewMembership, person::ProfileInput},
};

use super::{block_on, place::Place};
use crate::{parts::Parts, services};

/// What `fpms user` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done with people.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add a person; the password is read from standard input, or an invitation is sent
    Create(Create),
}

/// What `fpms user create` is called with.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Address for mail, by which the person signs in
    #[arg(value_name = "EMAIL")]
    pub email: String,
    /// University the person belongs to
    #[arg(long)]
    pub tenant: String,
    /// Name, as pages show it
    #[arg(long)]
    pub name: String,
    /// Role in the whole university: student, supervisor, examiner, coordinator, administrator or external; may be given
    /// again
    #[arg(long, value_name = "ROLE")]
    pub role: Vec<String>,
    /// Make the person an operator of the installation: sees how it does, with all its universities
    #[arg(long)]
    pub operator: bool,
    /// Send an invitation by mail instead of reading a password
    #[arg(long)]
    pub invite: bool,
    #[command(flatten)]
    pub place: Place,
}

/// Adds a person.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Command::Create(create) = &arguments.command;
    let password = if create.invite { None } else { Some(read_password(out)?) };
    block_on(&create.place, async |parts| add(parts, create, password, out).await)
}

async fn add(parts: &Parts, create: &Create, password: Option<Secret>, out: &mut impl Write) -> Result<()> {
    let tenant = services::tenant(parts, &create.tenant).await?;
    let profile = ProfileInput {
        name: create.name.clone(),
        email: create.email.clone(),
        language: tenant.language.clone(),
        ..ProfileInput::default()
    };
    let memberships = create.role.iter().map(|role| NewMembership::everywhere(role)).collect();
    let new = NewUser { profile, memberships, password };
    let user = create_user(parts.identity().await?, tenant.id, new).await.map_err(as_typed)?;
    if create.operator {
        make_operator(parts.identity().await?, tenant.id, user.person.id).await?;
    }
    writeln!(out, "added {} to `{}` as {}", create.email, tenant.slug, user.person.id)?;
    if let Some(path) = user.invitation {
        writeln!(out, "invitation: {}{path}", parts.settings.public_address)?;
    }
    Ok(())
}

/// Returns the error with what was typed at fault, where it speaks of a field.
fn as_typed(error: Error) -> Error {
    match error {
        Error::Fields(fields) => {
            let typed = |fault: FieldError| FieldError::new(option(&fault.field).to_owned(), fault.reason);
            Error::Fields(fields.into_iter().map(typed).collect())
        }
        Error::Taken { field } => Error::Taken { field: option(field) },
        other => other,
    }
}

/// Returns what a person types for a field.
fn option(field: &str) -> &'static str {
    match field {
        "name" | "family_name" | "given_name" => "--name",
        "role" => "--role",
        "password" => "password",
        // All else comes from the university, and was right before.
        _ => "EMAIL",
    }
}

/// Reads the first line of standard input, so that a password never stands in a list of processes.
fn read_password(out: &mut impl Write) -> Result<Secret> {
    if stdin().is_terminal() {
        write!(out, "Password (shown as you type): ")?;
        out.flush()?;
    }
    let mut line = String::new();
    stdin().lock().read_line(&mut line).context("reading the password from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("no password came from standard input; give one, or send an invitation with --invite");
    }
    Ok(Secret::new(password))
}
