//! The commands, called as the binary calls them, over an installation in a folder.

use std::{fs, path::PathBuf};

use fpms::cli::{self, Command, import, place, report, tenant, user};
use serde_json::Value;
use tempfile::TempDir;

/// An installation with one university, `uni`.
struct Installation(TempDir);

impl Installation {
    fn new() -> Self {
        let installation = Self(tempfile::tempdir().unwrap());
        installation.university("uni", None).unwrap();
        installation
    }

    fn place(&self) -> place::Place {
        let config = Some(self.0.path().join("fpms.toml")).filter(|path| path.exists());
        place::Place { config, data: Some(self.0.path().join("data")) }
    }

    fn university(&self, slug: &str, domain: Option<&str>) -> Result<String, String> {
        run(Command::Tenant(tenant::Arguments {
            command: tenant::Command::Create(tenant::Create {
                slug: slug.to_owned(),
                name: "University".to_owned(),
                name_local: None,
                domain: domain.map(ToOwned::to_owned),
                zone: "Asia/Vientiane".to_owned(),
                language: "en".to_owned(),
                place: self.place(),
            }),
        }))
    }

    fn invite(&self, email: &str, name: &str) -> Result<String, String> {
        run(Command::User(user::Arguments {
            command: user::Command::Create(user::Create {
                email: email.to_owned(),
                tenant: "uni".to_owned(),
                name: name.to_owned(),
                role: vec!["student".to_owned()],
                operator: false,
                invite: true,
                place: self.place(),
            }),
        }))
    }

    /// Imports a folder, and returns what was printed.
    fn import(&self, folder: PathBuf) -> (bool, Value) {
        let arguments = import::Arguments {
            folder,
            tenant: "uni".to_owned(),
            dry_run: false,
            json: true,
            good_rows: false,
            place: self.place(),
        };
        let mut out = Vec::new();
        let imported = cli::run(Command::Import(arguments), &mut out).is_ok();
        (imported, serde_json::from_slice(&out).unwrap())
    }
}

/// Returns what a command printed, or what it told on standard error.
fn run(command: Command) -> Result<String, String> {
    let mut out = Vec::new();
    cli::run(command, &mut out).map_err(|error| report::describe(&error))?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn an_import_prints_json_whatever_comes_of_it() {
    let installation = Installation::new();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("students.xlsx"), b"\x8f\x1c\x00\xe2\n\xff,\x07").unwrap();
    let (imported, told) = installation.import(folder.path().to_path_buf());
    assert!(!imported && told["code"] == "IMP-001", "{told}");
    assert_eq!(told["errors"][0], serde_json::json!({"field": "students.xlsx", "reason": "broken_workbook"}));
    assert!(told["problems"][0].as_str().unwrap().contains("XLSX"), "{told}");

    let (imported, told) = installation.import(folder.path().join("nowhere"));
    assert!(!imported && told["detail"].as_str().unwrap().contains("nowhere"), "{told}");

    fs::remove_file(folder.path().join("students.xlsx")).unwrap();
    fs::write(folder.path().join("rooms.csv"), "room,seats\nR1,30\nR2,x\n").unwrap();
    let (imported, told) = installation.import(folder.path().to_path_buf());
    assert!(!imported && told[0]["line"] == 3, "{told}");
}

#[test]
fn an_invitation_leads_to_where_the_node_serves() {
    let installation = Installation::new();
    let link =
        |told: String| told.lines().find_map(|line| line.strip_prefix("invitation: ").map(str::to_owned)).unwrap();
    assert!(link(installation.invite("a@uni.example", "Ana").unwrap()).starts_with("http://localhost:8080/"));
    // As a node leaves it that was told by a flag where to listen.
    fs::create_dir_all(installation.0.path().join("data/gateway")).unwrap();
    fs::write(installation.0.path().join("data/gateway/public"), "http://localhost:9123").unwrap();
    assert!(link(installation.invite("b@uni.example", "Bua").unwrap()).starts_with("http://localhost:9123/"));
    fs::write(installation.0.path().join("fpms.toml"), "public_address = \"https://projects.uni.example\"\n").unwrap();
    assert!(link(installation.invite("c@uni.example", "Chan").unwrap()).starts_with("https://projects.uni.example/"));
}

#[test]
fn what_was_typed_is_what_is_blamed() {
    let installation = Installation::new();
    let nameless = installation.invite("a@uni.example", "  ").unwrap_err();
    assert!(nameless.contains("wrong: `--name` (blank)"), "{nameless}");
    let addressless = installation.invite("nobody", "Ana").unwrap_err();
    assert!(addressless.contains("wrong: `EMAIL` (email)"), "{addressless}");
    let unreachable = installation.university("other", Some("https://other.example:80/")).unwrap_err();
    assert!(unreachable.contains("`--domain https://other.example:80/` is not the name of a host"), "{unreachable}");
    installation.university("other", Some("Projects.Other.example")).unwrap();
}
