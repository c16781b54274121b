//! What people see: the manual and the starter site, in a real browser, on a phone and a desktop, by
//! day and by night. What is looked for stands at the head of `tests/browser/check.mjs`.
//!
//! With `LITTORAL_SHOTS=DIR` in the environment, pictures of all that was seen are left there.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::node::{Node, Setup, littoral};

#[test]
fn the_manual_is_good_to_look_at() {
    let setup = Setup::empty();
    for part in ["content", "templates", "packaging/manual.toml"] {
        let copied = Command::new("cp")
            .arg("-r")
            .arg(repository().join(part))
            .arg(setup.root())
            .status();
        assert!(copied.unwrap().success(), "cannot copy {part}");
    }
    // With all that a browser can be told: it complains where a policy forbids what is there.
    let node = setup
        .write_beside(
            "littoral.toml",
            "[[site]]\nroot = 'site'\nsite_config = 'site/manual.toml'\n\
             csp = 'on'\npreload = true\nspeculation = 'prefetch'\n",
        )
        .start_with_config("littoral.toml");
    let policy = node
        .get("/")
        .header("content-security-policy")
        .map(str::to_owned);
    assert!(policy.is_some_and(|policy| policy.contains("script-src 'self'")));
    look_at(&node, "manual");
}

#[test]
fn the_starter_site_is_good_to_look_at() {
    let setup = Setup::empty();
    littoral(&["init", setup.root().to_str().unwrap()]).exits_with(0);
    look_at(&setup.start(), "starter");
}

/// What its author put into a page works under a policy that forbids what anybody else might put there.
#[test]
fn a_policy_lets_be_what_stands_in_the_page() {
    let page = "<!doctype html><html lang=en><meta name=viewport content='width=device-width'>\
        <link rel=icon href='data:,'><title>A</title>\
        <style>h1 { color: black }</style><main><h1 style='background: white'>A</h1>\
        <p id=a>Not run</p><img alt='' src='data:,' onerror='document.title += 2'></main>\
        <script>document.getElementById('a').textContent = 'Run'</script>\r\n\
        <script type=module>\r\ndocument.title += 1\r\n</script></html>";
    let setup = Node::files(&[
        ("config.toml", "base_url = 'http://a.test'"),
        ("templates/index.html", page),
        ("templates/404.html", page),
    ]);
    let policy = "csp = \"default-src 'none'; img-src data:; script-src 'hashes' 'unsafe-hashes'; \
                  style-src 'hashes' 'unsafe-hashes'\"";
    let config = format!("[[site]]\nroot = 'site'\n{policy}\n");
    let node = setup
        .write_beside("littoral.toml", &config)
        .start_with_config("littoral.toml");
    look_at(&node, "policy");
}

/// Sends a browser through every page of the node, and to one that is not there.
fn look_at(node: &Node, name: &str) {
    let mut command = Command::new("node");
    command
        .arg(repository().join("tests/browser/check.mjs"))
        .env(
            "NODE_PATH",
            repository().join("target/browser/node_modules"),
        );
    if let Some(shots) = env::var_os("LITTORAL_SHOTS") {
        command.arg("--shots").arg(Path::new(&shots).join(name));
    }
    let seen = command
        .arg(format!("http://{}/", node.http))
        .arg(format!("http://{}/missing/", node.http))
        .stdin(Stdio::null())
        .output()
        .expect("node is installed, as packaging/setup sees to");
    let told = String::from_utf8_lossy(&seen.stderr);
    assert!(seen.status.success(), "{name}:\n{told}");
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
