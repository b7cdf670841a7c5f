use std::fs;
use std::path::Path;

use infra_core::Site;
use infra_core::stack::Setting;
use tempfile::TempDir;

use super::{ASK_AGAIN, FOR_GOOD, Surroundings};
use crate::bucket::memory::Memory;
use crate::cloudformation::fake::{Script, nothing};
use crate::engine::bench::{Bench, bench};

fn site() -> Site {
    Site {
        folder: "ui",
        bucket: "SiteBucketName",
        config: vec![
            ("region", Setting::Region),
            ("api", Setting::Output("ApiUrl")),
            ("cognito", Setting::Endpoint("cognito-idp")),
        ],
    }
}

fn outputs() -> Vec<(String, String)> {
    [("SiteBucketName", "site"), ("ApiUrl", "https://api.example.com")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn aws() -> Surroundings {
    Surroundings {
        region: "eu-west-2".to_owned(),
        endpoint: None,
        domain: "amazonaws.com",
    }
}

/// A folder `ui` with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = root.path().join("ui").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    root
}

fn with_bucket() -> Bench {
    let mut bench = bench(Script::new([nothing()]));
    bench.objects = Memory::with_bucket("site");
    bench
}

async fn upload(bench: &Bench, root: &Path) -> Vec<String> {
    bench.upload(&site(), root, &outputs(), &aws()).await.unwrap();
    bench.objects.sent.take()
}

#[tokio::test]
async fn pages_go_last_with_their_headers_and_the_config_is_made_of_outputs() {
    let root = folder(&[
        ("index.html", "<!doctype html>"),
        ("js/app.js", "start()"),
        ("logo.0a1b2c3d.svg", "<svg/>"),
        ("config.json", "a developer's own"),
        (".git", "hidden"),
    ]);
    let bench = with_bucket();
    let sent = upload(&bench, root.path()).await;
    assert_eq!(sent, ["config.json", "js/app.js", "logo.0a1b2c3d.svg", "index.html"]);
    let page = |key: &str| bench.objects.page(key);
    assert_eq!(
        String::from_utf8(page("config.json").bytes).unwrap(),
        r#"{"region":"eu-west-2","api":"https://api.example.com","cognito":"https://cognito-idp.eu-west-2.amazonaws.com"}"#
    );
    assert_eq!(page("index.html").content_type, "text/html; charset=utf-8");
    assert_eq!(page("index.html").cache_control, ASK_AGAIN);
    assert_eq!(page("js/app.js").cache_control, ASK_AGAIN);
    assert_eq!(page("logo.0a1b2c3d.svg").cache_control, FOR_GOOD);
}

#[tokio::test]
async fn only_what_differs_is_sent_and_what_is_gone_is_removed() {
    let root = folder(&[("index.html", "one"), ("app.js", "one"), ("old.js", "one")]);
    let bench = with_bucket();
    upload(&bench, root.path()).await;
    assert!(upload(&bench, root.path()).await.is_empty());

    fs::write(root.path().join("ui/app.js"), "two").unwrap();
    fs::remove_file(root.path().join("ui/old.js")).unwrap();
    assert_eq!(upload(&bench, root.path()).await, ["app.js"]);
    assert_eq!(bench.objects.keys_of("site"), ["app.js", "config.json", "index.html"]);
    let said = bench.console.text();
    assert!(
        said.ends_with("site in site: 1 uploaded, 2 unchanged, 1 removed"),
        "{said}"
    );
}

#[tokio::test]
async fn a_local_cloud_is_one_endpoint_for_every_service() {
    let root = folder(&[("index.html", "")]);
    let bench = with_bucket();
    let local = Surroundings {
        endpoint: Some("http://127.0.0.1:4566/".to_owned()),
        ..aws()
    };
    bench.upload(&site(), root.path(), &outputs(), &local).await.unwrap();
    let config = String::from_utf8(bench.objects.page("config.json").bytes).unwrap();
    assert!(config.contains(r#""cognito":"http://127.0.0.1:4566""#), "{config}");
}

#[tokio::test]
async fn a_missing_output_or_folder_is_named() {
    let root = folder(&[("index.html", "")]);
    let bench = with_bucket();
    let refused = bench.upload(&site(), root.path(), &outputs()[..1], &aws()).await;
    let said = refused.unwrap_err().to_string();
    assert_eq!(said, "the stack has no output ApiUrl, which its site needs");
    let nowhere = bench.upload(&site(), Path::new("/nowhere"), &outputs(), &aws()).await;
    let said = nowhere.unwrap_err().to_string();
    assert_eq!(said, "cannot read the site's /nowhere/ui");
    assert!(bench.objects.sent.take().is_empty());
}
