//! Layers, refusals and the table itself.

use std::{io::Write, path::Path};

use base::Fault;

use super::{field::Field, *};

fn with_file(text: &str, check: impl FnOnce(&Path, Result<Loaded, Error>)) {
    let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    check(file.path(), load(&Sources { file: Some(file.path().to_path_buf()), ..Sources::default() }));
}

fn environment(name: &str, value: &str) -> Result<Loaded, Error> {
    load(&Sources { environment: vec![(name.to_owned(), value.to_owned())], ..Sources::default() })
}

fn effective<'a>(loaded: &'a Loaded, key: &str) -> &'a Effective {
    loaded.effective().iter().find(|effective| effective.key == key).unwrap()
}

#[test]
fn every_default_is_a_value_of_its_setting() {
    let loaded = load(&Sources::default()).unwrap();
    assert_eq!(loaded.effective().len(), Field::all().count());
    assert_eq!(loaded.settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(loaded.settings.storage.shards[0].url.expose(), "sqlite:shard-0");
    assert!(loaded.settings.gateway.body_bytes_max.get() > loaded.settings.files.upload_bytes_max.get());
    assert!(loaded.effective().iter().all(|effective| effective.origin == Origin::Default));
}

#[test]
fn links_lead_to_where_the_gateway_listens_unless_said_otherwise() {
    let public = |listen: &str, set: Option<&str>| {
        let set = set.map(|value| ("FPMS_PUBLIC_ADDRESS".to_owned(), value.to_owned()));
        let flags = vec![Flag { name: "--listen", key: "listen", value: listen.to_owned() }];
        let sources = Sources { environment: set.into_iter().collect(), flags, file: None };
        load(&sources).unwrap().settings.public_address
    };
    assert_eq!(public("127.0.0.1:8080", None), "http://localhost:8080");
    assert_eq!(public("0.0.0.0:9000", None), "http://localhost:9000");
    assert_eq!(public("192.0.2.7:9000", None), "http://192.0.2.7:9000");
    assert_eq!(public("[::1]:9000", Some("https://projects.uni.example")), "https://projects.uni.example");
}

#[test]
fn links_begin_with_https_where_the_gateway_has_certificates() {
    let certificates = r#"[{ file = "a.pem", key = "a.key" }]"#;
    let settings = environment("FPMS_GATEWAY__CERTIFICATES", certificates).unwrap().settings;
    assert_eq!(settings.public_address, "https://localhost:8080");
    assert_eq!(settings.gateway.certificates[0].key, Path::new("a.key"));
    for wrong in ["[{ file = 'a' }]", "[{ file = 'a', key = 'b', name = 'c' }]", "a.pem"] {
        assert_eq!(environment("FPMS_GATEWAY__CERTIFICATES", wrong).unwrap_err().code().id, "CFG-002", "{wrong}");
    }
    let directory = environment("FPMS_GATEWAY__ACME_DIRECTORY", "https://acme.example/directory").unwrap();
    assert_eq!(directory.settings.public_address, "https://localhost:8080");
    let redirect = |address: &str| environment("FPMS_GATEWAY__REDIRECT_LISTEN", address);
    assert_eq!(redirect("0.0.0.0:80").unwrap().settings.gateway.redirect_listen.0.unwrap().port(), 80);
    assert!(redirect("").unwrap().settings.gateway.redirect_listen.0.is_none() && redirect("80").is_err());
}

#[test]
fn flags_overrule_the_environment_and_that_the_file() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"listen = \"127.0.0.1:1\"\ndata = \"a\"\n\n[gateway]\nheaders_max = 50\n").unwrap();
    let sources = Sources {
        file: Some(file.path().to_path_buf()),
        environment: vec![
            ("FPMS_DATA".to_owned(), "b".to_owned()),
            ("FPMS_LISTEN".to_owned(), "127.0.0.1:2".to_owned()),
            ("FPMS_GATEWAY__GRACE_SECONDS".to_owned(), "5".to_owned()),
            ("FPMS_TEST_POSTGRES".to_owned(), "postgres://x".to_owned()),
            ("PATH".to_owned(), "/bin".to_owned()),
        ],
        flags: vec![Flag { name: "--listen", key: "listen", value: "127.0.0.1:3".to_owned() }],
    };
    let loaded = load(&sources).unwrap();
    assert_eq!(loaded.settings.listen.port(), 3);
    assert_eq!(loaded.settings.data, Path::new("b"));
    assert_eq!(loaded.settings.gateway.grace_seconds.get(), 5);
    assert_eq!(effective(&loaded, "listen").origin, Origin::Flag("--listen"));
    assert_eq!(effective(&loaded, "data").origin, Origin::Environment("FPMS_DATA".to_owned()));
    let line = Origin::File { path: file.path().to_path_buf(), line: 5 };
    assert_eq!(effective(&loaded, "gateway.headers_max").origin, line);
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_nearest_name() {
    with_file("data = \"a\"\n[gateway]\ngrace_second = 3\n", |path, loaded| {
        let error = loaded.unwrap_err();
        assert_eq!(error.to_string(), format!("unknown setting `gateway.grace_second` ({}:3)", path.display()));
        assert_eq!(error.hint().unwrap(), "the nearest name is `gateway.grace_seconds`");
        assert_eq!(error.code().id, "CFG-001");
    });
    with_file("[gatway]\nheaders_max = 3\n", |_, loaded| {
        assert_eq!(loaded.unwrap_err().hint().unwrap(), "the nearest name is `gateway`");
    });
    with_file("upload_bytes_max = 3\n", |_, loaded| {
        assert_eq!(loaded.unwrap_err().hint().unwrap(), "the nearest name is `files.upload_bytes_max`");
    });
    with_file("[[storage.shards]]\nname = \"a\"\nuri = \"sqlite:a\"\n", |_, loaded| {
        let error = loaded.unwrap_err();
        assert!(error.to_string().ends_with(":3)"), "{error}");
        assert_eq!(error.hint().unwrap(), "the nearest name is `storage.shards.url`");
    });
}

#[test]
fn every_unknown_name_is_named_with_the_one_nearest_to_it() {
    let text =
        "listn = \"127.0.0.1:1\"\n[gateway]\ngrace_second = 3\n[[storage.shards]]\nname = \"a\"\nuri = \"sqlite:a\"\n";
    with_file(text, |path, _| {
        let environment = vec![("FPMS_LISTENN".to_owned(), "x".to_owned())];
        let sources = Sources { file: Some(path.to_path_buf()), environment, ..Sources::default() };
        let error = load(&sources).unwrap_err();
        let at = |line| format!("{}:{line}", path.display());
        let expected = format!(
            "unknown settings `gateway.grace_second` ({}), `listn` ({}), `storage.shards.uri` ({}), `FPMS_LISTENN` (environment)",
            at(3),
            at(1),
            at(6)
        );
        assert_eq!(error.to_string(), expected);
        let hint = error.hint().unwrap();
        for nearest in ["gateway.grace_seconds", "listen", "storage.shards.url", "FPMS_LISTEN"] {
            assert!(hint.contains(&format!("is `{nearest}`")), "{hint}");
        }
    });
}

#[test]
fn an_unknown_variable_is_refused_with_the_nearest_name() {
    let error = environment("FPMS_GATEWAY_GRACE_SECONDS", "3").unwrap_err();
    assert_eq!(error.code().id, "CFG-001");
    assert_eq!(error.hint().unwrap(), "the nearest name is `FPMS_GATEWAY__GRACE_SECONDS`");
}

#[test]
fn a_wrong_value_is_refused_without_being_repeated() {
    with_file("[gateway]\n\nheaders_max = 1_000_000\n", |path, loaded| {
        let error = loaded.unwrap_err();
        let expected =
            format!("setting `gateway.headers_max` ({}:3) must be whole number from 16 to 1000", path.display());
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.code().id, "CFG-002");
    });
    for (name, value) in [("FPMS_LISTEN", "nowhere"), ("FPMS_STORAGE__SHARDS", "postgres://u:secret@h/d")] {
        let error = environment(name, value).unwrap_err();
        assert_eq!(error.code().id, "CFG-002");
        assert!(!error.to_string().contains(value) && !format!("{error:?}").contains(value));
    }
    for shards in [
        "[]",
        "[{ name = \"a\", url = \"mysql://h\" }]",
        "[{ name = \"a\", url = \"sqlite:a\" }, { name = \"a\", url = \"sqlite:b\" }]",
    ] {
        assert_eq!(environment("FPMS_STORAGE__SHARDS", shards).unwrap_err().code().id, "CFG-002", "{shards}");
    }
}

#[test]
fn a_file_that_is_missing_or_not_toml_is_refused() {
    let missing = Sources { file: Some("no/such/file.toml".into()), ..Sources::default() };
    assert_eq!(load(&missing).unwrap_err().code().id, "CFG-003");
    for text in ["data = \"a\"\nlisten = \n", "data = \"a\"\ndata = \"b\"\n"] {
        with_file(text, |_, loaded| {
            let error = loaded.unwrap_err();
            assert_eq!(error.code().id, "CFG-003");
            assert!(error.to_string().contains("line 2"), "{error}");
        });
    }
}

#[test]
fn a_password_is_never_shown() {
    let shards = "[{ name = \"a\", url = \"postgres://fpms:secret@db/fpms\" }]";
    let loaded = environment("FPMS_STORAGE__SHARDS", shards).unwrap();
    assert_eq!(loaded.settings.storage.shards[0].url.expose(), "postgres://fpms:secret@db/fpms");
    assert!(!format!("{loaded:?}").contains("secret"));
    assert!(effective(&loaded, "storage.shards").value.contains("postgres://fpms:***@db/fpms"));
}

#[test]
fn the_reference_names_every_setting_and_its_variable() {
    let page = reference();
    for field in Field::all() {
        assert!(page.contains(&format!("### `{}`", field.key)));
        assert!(page.contains(&field.variable()));
    }
}
