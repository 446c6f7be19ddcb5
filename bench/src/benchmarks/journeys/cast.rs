//! Who takes the journeys: students with a project, each with a password and an API token, and the coordinator.
//!
//! They come to their passwords as people do, by the link of a mail.

use std::{collections::HashMap, fs, path::Path, time::Duration};

use ::http::StatusCode;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::time::{self, Instant};

use crate::{
    benchmarks::desk::{Desk, items, list, text},
    server::{Person, Place, Server},
};

/// The students' password; it protects nothing but invented people.
pub(super) const PASSWORD: &str = "naga-over-the-mekong-26";
const MAIL_MAX: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

/// Everybody who is needed.
pub(crate) struct Cast {
    /// The coordinator's API token.
    pub(crate) coordinator: String,
    pub(crate) students: Vec<Student>,
}

/// A student with a project.
#[derive(Debug, Clone)]
pub(crate) struct Student {
    pub(crate) email: String,
    pub(crate) token: String,
    pub(crate) project: String,
    /// A milestone for which something can be handed in.
    pub(crate) milestone: String,
}

impl Cast {
    /// Finds so many students with a project of their own and gives each a password and a token.
    pub(crate) async fn gather(place: &Place, server: &Server, count: usize) -> Result<Self> {
        let mut desk = Desk::open(place).await?;
        let coordinator = desk.coordinator(server).await?;
        let emails = desk.emails(&coordinator).await?;
        let found = desk.projects(&coordinator, &emails, count).await?;
        ensure!(found.len() == count, "{} running projects instead of {count}", found.len());
        for student in &found {
            let reset = json!({ "email": student.email });
            desk.post("/api/v1/password-resets", &reset, StatusCode::NO_CONTENT).await?;
        }
        let links = links(&place.mail(), count).await?;
        let mut students = Vec::with_capacity(count);
        for student in found {
            let link = links.get(&student.email).with_context(|| format!("no mail to {}", student.email))?;
            let choice = json!({ "token": link, "password": PASSWORD });
            desk.post("/api/v1/password-resets/chosen", &choice, StatusCode::NO_CONTENT).await?;
            let email = student.email.clone();
            let person = Person { role: "student".to_owned(), email, password: PASSWORD.to_owned() };
            students.push(Student { token: desk.token(&person).await?, ..student });
        }
        Ok(Self { coordinator, students })
    }
}

impl Desk {
    /// Returns the address of each student by id.
    async fn emails(&mut self, token: &str) -> Result<HashMap<String, String>> {
        let mut emails = HashMap::new();
        let mut path = "/api/v1/people?role=student&limit=200".to_owned();
        loop {
            let page = self.get(&path, token).await?;
            for person in items(&page) {
                emails.insert(text(person, "id")?, text(person, "email")?);
            }
            let Some(next) = page.get("next").and_then(Value::as_str) else { return Ok(emails) };
            path = format!("/api/v1/people?role=student&limit=200&after={next}");
        }
    }

    /// Finds running projects with a milestone that waits, each with a student nobody else has.
    async fn projects(&mut self, token: &str, emails: &HashMap<String, String>, count: usize) -> Result<Vec<Student>> {
        let page = self.get("/api/v1/projects?state=active&limit=200", token).await?;
        let mut students = Vec::with_capacity(count);
        for row in items(&page) {
            let project = text(row, "id")?;
            let shown = self.get(&format!("/api/v1/projects/{project}"), token).await?;
            let member = list(&shown, "members").iter().find_map(|member| emails.get(member.get("id")?.as_str()?));
            let waits =
                |one: &&Value| ["due", "planned"].contains(&one.get("state").and_then(Value::as_str).unwrap_or(""));
            let milestone = list(&shown, "milestones").iter().find(waits);
            if let (Some(email), Some(milestone)) = (member, milestone) {
                let milestone = text(milestone, "id")?;
                students.push(Student { email: email.clone(), token: String::new(), project, milestone });
            }
            if students.len() == count {
                break;
            }
        }
        Ok(students)
    }
}

/// Waits for `count` mails and returns the token of the link in each, by address.
async fn links(folder: &Path, count: usize) -> Result<HashMap<String, String>> {
    let began = Instant::now();
    loop {
        let mails = fs::read_dir(folder).into_iter().flatten().flatten();
        let texts = mails.filter_map(|entry| fs::read_to_string(entry.path()).ok());
        let links: HashMap<String, String> = texts.filter_map(|mail| link(&mail)).collect();
        if links.len() >= count {
            return Ok(links);
        }
        ensure!(began.elapsed() < MAIL_MAX, "{} mails instead of {count} in {}", links.len(), folder.display());
        time::sleep(POLL).await;
    }
}

/// Reads the address and the token of a mail's link, through quoted-printable (RFC 2045, 6.7).
fn link(mail: &str) -> Option<(String, String)> {
    let plain = mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
    let to = plain.lines().find(|line| line.starts_with("To:"))?;
    let email = to.rsplit(['<', ' ']).next()?.trim_end_matches('>').to_owned();
    let (_, rest) = plain.split_once("token=")?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c)).unwrap_or(rest.len());
    Some((email, rest.get(..end)?.trim_end_matches('.').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_through_its_encoding() {
        let mail = "From: x <x@y>\r\nTo: Ana <ana@uni.example>\r\n\r\nhttp://localhost/password/reset?token=3D00-7.Ab=\r\n_c\r\nBye";
        assert_eq!(link(mail), Some(("ana@uni.example".to_owned(), "00-7.Ab_c".to_owned())));
    }
}
