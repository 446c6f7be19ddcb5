//! The demo: a faculty in the middle of its year, and three of its people with a password, beside who runs it all.

use anyhow::{Context, Result, bail};
use base::TenantId;
use contracts::roles::names;
use crypto::Secret;
use files::{Blobs, actions::keep_past::keep_past, store::files::File};
use identity::{
    actions::{
        passwords::give_password,
        tenants::{NewUser, create_user, is_known, make_operator},
    },
    model::{membership::NewMembership, person::ProfileInput},
};
use projects::demo::{HandedIn, SIGN_INS, seed};
use storage::NewTenant;

use crate::{parts::Parts, services};

/// Short name of the demo's university.
const SLUG: &str = "demo";
/// Who operates the installation, and administers the university.
const ADMINISTRATOR: (&str, &str) = ("operator", "administrator@uni.example");
/// Password of them; it protects nothing but invented people.
const PASSWORD: &str = "mekong-lantern-2027";

/// What `--demo` tells whoever started it.
pub struct Demo {
    /// Name of the university.
    pub university: String,
    /// Who can sign in.
    pub people: Vec<Person>,
}

/// Somebody who can sign in.
pub struct Person {
    pub role: &'static str,
    pub email: String,
    pub password: &'static str,
}

/// Fills an empty installation, or finds the demo that was made before. Another installation is left alone.
pub async fn prepare(parts: &Parts) -> Result<Demo> {
    let directory = parts.storage().await?.directory();
    let (university, made_before) = match directory.tenants().as_slice() {
        [] => (directory.create(university()).await?, false),
        // Whom it is made for last tells that it is the demo, and whole.
        [only] if only.slug == SLUG && is_known(parts.identity().await?, only.id, ADMINISTRATOR.1).await? => {
            (only.clone(), true)
        }
        _ => bail!(
            "{} holds an installation already that is no whole demo: leave --demo out to serve it, or give --demo a \
             folder of its own with --data",
            parts.settings.data.display()
        ),
    };
    if !made_before {
        make(parts, university.id).await.context("making the demo")?;
    }
    let person = |(role, email): (&'static str, &str)| Person { role, email: email.to_owned(), password: PASSWORD };
    Ok(Demo {
        university: university.name.clone(),
        people: SIGN_INS.into_iter().chain([ADMINISTRATOR]).map(person).collect(),
    })
}

async fn make(parts: &Parts, tenant: TenantId) -> Result<()> {
    let projects = parts.database("projects", projects::schema()).await?;
    let seeded = seed(&projects, tenant).await?;
    keep_files(parts, tenant, seeded.files).await?;
    services::settle(parts).await?;
    let identity = parts.identity().await?;
    for person in [&seeded.student, &seeded.supervisor, &seeded.coordinator] {
        give_password(identity, tenant, person.id, &Secret::new(PASSWORD)).await?;
    }
    let profile = ProfileInput {
        name: "Administrator".to_owned(),
        email: ADMINISTRATOR.1.to_owned(),
        language: "en".to_owned(),
        ..ProfileInput::default()
    };
    let memberships = vec![NewMembership::everywhere(names::ADMINISTRATOR)];
    let administrator = NewUser { profile, memberships, password: Some(Secret::new(PASSWORD)) };
    let administrator = create_user(identity, tenant, administrator).await?;
    make_operator(identity, tenant, administrator.person.id).await?;
    Ok(())
}

/// Gives the submissions their files, so that each can be fetched.
async fn keep_files(parts: &Parts, tenant: TenantId, handed_in: Vec<HandedIn>) -> Result<()> {
    let past = handed_in.into_iter().map(|HandedIn { file, name, bytes, by, at }| {
        let known = File {
            id: file,
            name,
            media_type: "application/pdf".to_owned(),
            size_bytes: bytes.len() as i64,
            sha256: crypto::digest::sha256(&bytes),
            uploaded_by: by,
            created_at: at,
        };
        (known, bytes)
    });
    let db = parts.database("files", files::SCHEMA).await?;
    let blobs = Blobs::in_folder(&parts.folder("files"))?;
    Ok(keep_past(&db, &blobs, tenant, past.collect()).await?)
}

fn university() -> NewTenant {
    NewTenant {
        slug: SLUG.to_owned(),
        name: "Faculty of Engineering".to_owned(),
        name_local: "ຄະນະວິສະວະກໍາສາດ".to_owned(),
        language: "lo".to_owned(),
        zone: "Asia/Vientiane".to_owned(),
        domains: Vec::new(),
    }
}
