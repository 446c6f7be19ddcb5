//! Journeys of more than one step, and those whose requests differ.

use ::http::{Method, StatusCode};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::cast::{PASSWORD, Student};
use crate::{
    benchmarks::desk::new_key,
    http::{
        Answer, Ask,
        load::{Counts, Visitor},
    },
};

/// Signs in again and again; every session is a new one.
pub(super) struct SignIn {
    email: String,
}

impl SignIn {
    pub(super) fn new(email: &str) -> Self {
        Self { email: email.to_owned() }
    }
}

impl Visitor for SignIn {
    fn next(&mut self) -> Option<Ask> {
        let body = json!({ "email": self.email, "password": PASSWORD });
        Some(Ask::post("/api/v1/session", &body).with("idempotency-key", new_key()))
    }

    fn heard(&mut self, answer: &Answer) -> Result<Counts> {
        match answer.status {
            StatusCode::CREATED => Ok(Counts::Yes),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Ok(Counts::Refused),
            status => bail!("{status}: {}", answer.text()),
        }
    }
}

/// Uploads a file, hands it in for the milestone, and has the coordinator return it so that it can be handed in again.
pub(super) struct HandIn {
    student: Student,
    coordinator: String,
    step: Step,
}

enum Step {
    Upload,
    /// With the ticket of the upload.
    HandIn(String),
    Return,
}

impl HandIn {
    pub(super) fn new(student: &Student, coordinator: &str) -> Self {
        Self { student: student.clone(), coordinator: coordinator.to_owned(), step: Step::Upload }
    }

    fn upload(&self) -> Ask {
        let text = format!("Report of {}, in the version {}.\n", self.student.project, new_key());
        let body = format!(
            "--part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"report.txt\"\r\n\
            Content-Type: text/plain\r\n\r\n{}\r\n--part--\r\n",
            text.repeat(40)
        );
        let headers = vec![("content-type", "multipart/form-data; boundary=part".to_owned())];
        let ask = Ask { method: Method::POST, path: "/api/v1/files".to_owned(), headers, body: body.into() };
        ask.by(&self.student.token).with("idempotency-key", new_key())
    }
}

impl Visitor for HandIn {
    fn next(&mut self) -> Option<Ask> {
        let milestone = &self.student.milestone;
        Some(match &self.step {
            Step::Upload => self.upload(),
            Step::HandIn(ticket) => {
                let path = format!("/api/v1/milestones/{milestone}/submissions");
                let ask = Ask::post(path, &json!({ "ticket": ticket })).by(&self.student.token);
                ask.with("idempotency-key", new_key())
            }
            Step::Return => {
                let path = format!("/api/v1/milestones/{milestone}/reviews");
                let ask = Ask::post(path, &json!({ "action": "return", "feedback": "Once more." }));
                ask.by(&self.coordinator).with("idempotency-key", new_key())
            }
        })
    }

    fn heard(&mut self, answer: &Answer) -> Result<Counts> {
        if !answer.status.is_success() {
            bail!("{}: {}", answer.status, answer.text());
        }
        let (step, counts) = match self.step {
            Step::Upload => {
                let ticket = answer.json()?.get("ticket").and_then(Value::as_str).map(ToOwned::to_owned);
                (Step::HandIn(ticket.context("no ticket")?), Counts::No)
            }
            Step::HandIn(_) => (Step::Return, Counts::Yes),
            Step::Return => (Step::Upload, Counts::No),
        };
        self.step = step;
        Ok(counts)
    }

    fn rests(&self) -> bool {
        matches!(self.step, Step::Upload)
    }
}
