//! Where clients come in: Unix sockets, sockets that are handed over, and proxies that say for whom they ask.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpStream},
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::node::{Connection, Node, Setup};

/// What comes back for `sent`, up to the end of the connection.
fn exchange(mut stream: impl Read + Write, sent: &[&[u8]]) -> String {
    for part in sent {
        stream.write_all(part).unwrap();
        stream.flush().unwrap();
    }
    let mut came = Vec::new();
    // The end may come as a reset when not all that was sent was read.
    stream.read_to_end(&mut came).unwrap_or_default();
    String::from_utf8_lossy(&came).into_owned()
}

const GET: &[u8] = b"GET /a/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

fn site(config: &str) -> Setup {
    let config = format!("{config}\n[log]\naccess = 'json'\n[[site]]\nroot = 'site'\n");
    Node::site("hello").write_beside("littoral.toml", &config)
}

/// A node that can be reached by a Unix socket, too, and that.
fn with_socket(config: &str) -> (Node, PathBuf) {
    let setup = site(config);
    let socket = setup.beside("littoral.sock");
    let place = format!("unix:{}", socket.display());
    let setup = setup.args(&["--http", &place]);
    (setup.start_with_config("littoral.toml"), socket)
}

#[test]
fn a_unix_socket_is_one_more_way_in() {
    let (node, socket) = with_socket("");
    let told = format!("unix:{} (http)", socket.display());
    assert!(node.stderr().contains(&told), "{}", node.stderr());
    let answer = exchange(UnixStream::connect(&socket).unwrap(), &[GET]);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("First"), "{answer}");
    node.printed("\"client\":null");
    node.get("/a/").is(200);
    let _setup = node.stopped();
    assert!(!socket.exists(), "it is taken away");
}

#[test]
fn a_proxy_says_for_whom_it_asks() {
    let (node, socket) = with_socket("proxies = ['127.0.0.0/8', 'unix']");
    let v1 = b"PROXY TCP4 192.0.2.1 198.51.100.1 5000 80\r\n";
    let mut v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    v2.extend([192, 0, 2, 2, 198, 51, 100, 1, 0x13, 0x88, 0, 80]);

    let plain = || TcpStream::connect(node.http).unwrap();
    // All at once, and byte for byte.
    assert!(exchange(plain(), &[&[&v1[..], GET].concat()]).contains("First"));
    node.printed("\"client\":\"192.0.2.1\"");
    let each: Vec<&[u8]> = v2.chunks(1).chain([GET]).collect();
    assert!(exchange(plain(), &each).contains("First"));
    node.printed("\"client\":\"192.0.2.2\"");
    let v1 = b"PROXY TCP6 2001:db8::1 2001:db8::2 5000 80\r\n";
    assert!(exchange(UnixStream::connect(&socket).unwrap(), &[v1, GET]).contains("First"));
    node.printed("\"client\":\"2001:db8::1\"");

    // Before TLS, too.
    let v1 = b"PROXY TCP4 192.0.2.3 198.51.100.1 5000 443\r\n";
    let mut secure = Connection::tls_behind(node.https, "localhost", v1);
    secure.request("GET", "/a/", &[]).is(200).body_has("First");
    node.printed("\"client\":\"192.0.2.3\"");

    // Who is to say it and does not is no proxy.
    assert_eq!(exchange(plain(), &[GET]), "");
    assert_eq!(exchange(plain(), &[b"PROXY TCP4 a b c d\r\n", GET]), "");
}

#[test]
fn who_is_no_proxy_says_nothing_for_others() {
    let node = site("proxies = ['192.0.2.0/24']").start_with_config("littoral.toml");
    let v1 = b"PROXY TCP4 192.0.2.1 198.51.100.1 5000 80\r\n";
    let stream = TcpStream::connect(node.http).unwrap();
    let answer = exchange(stream, &[v1, GET]);
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let stream = TcpStream::connect(node.http).unwrap();
    assert!(exchange(stream, &[GET]).contains("First"));
    node.printed("\"client\":\"127.0.0.1\"");
}

#[test]
fn clients_behind_a_proxy_are_counted_one_by_one() {
    let limits = "proxies = ['127.0.0.1']\n[limits]\nnetwork_connections_max = 1";
    let node = site(limits).start_with_config("littoral.toml");
    let v1 = |host: u8| format!("PROXY TCP4 192.0.2.{host} 198.51.100.1 5000 80\r\n").into_bytes();
    let mut held = TcpStream::connect(node.http).unwrap();
    held.write_all(&[&v1(1)[..], b"GET /a/ HTTP/1.1\r\nhost: x\r\n\r\n"].concat())
        .unwrap();
    let mut first = String::new();
    BufReader::new(held.try_clone().unwrap())
        .read_line(&mut first)
        .unwrap();
    assert_eq!(first, "HTTP/1.1 200 OK\r\n");
    let other = TcpStream::connect(node.http).unwrap();
    assert!(exchange(other, &[&v1(2), GET]).contains("First"));
    let same = TcpStream::connect(node.http).unwrap();
    assert_eq!(exchange(same, &[&v1(1), GET]), "");
    held.shutdown(Shutdown::Both).unwrap();
}

#[test]
fn sockets_that_are_handed_over_are_served() {
    let setup = Node::site("hello");
    // As systemd does it (sd_listen_fds(3)): a socket is there before the node is.
    let python = "import os, socket, sys\n\
                  other, web = (socket.create_server(('127.0.0.1', 0)) for _ in range(2))\n\
                  print(web.getsockname()[1], flush=True)\n\
                  os.dup2(other.fileno(), 3); os.dup2(web.fileno(), 4)\n\
                  os.set_inheritable(3, True); os.set_inheritable(4, True)\n\
                  os.environ.update(LISTEN_FDS='2', LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES='other:web')\n\
                  os.execv(sys.argv[1], sys.argv[1:])\n";
    let mut child = Command::new("python3")
        .args(["-c", python, env!("CARGO_BIN_EXE_littoral"), "serve"])
        .arg(setup.root())
        .args(["--http", "systemd:web", "--https", "off"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    let mut told = BufReader::new(child.stdout.take().unwrap());
    told.read_line(&mut port).unwrap();
    // Who comes before the node listens is answered once it does.
    let stream = TcpStream::connect(("127.0.0.1", port.trim().parse().unwrap())).unwrap();
    let answer = exchange(stream, &[GET]);
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(answer.contains("First"), "{answer}{told}");
    assert!(
        told.contains(&format!("http://127.0.0.1:{}", port.trim())),
        "{told}"
    );
    assert!(output.status.success(), "{told}");
}

#[test]
fn a_place_that_is_none_is_told() {
    let setup = Node::site("hello");
    let ran = setup.run("serve", &["--http", "systemd", "--https", "off"]);
    ran.exits_with(1).tells("no such socket was handed over");
    let ran = setup.run("serve", &["--http", "localhost:80"]);
    ran.exits_with(64).tells("unix:/run/littoral.sock");
    let ran = setup.run(
        "serve",
        &["--http", "unix:{}/none/a.sock", "--https", "off"],
    );
    ran.exits_with(1)
        .tells("make the folder that the socket is to lie in");
    fs::write(setup.beside("file"), "").unwrap();
    let ran = setup.run("serve", &["--http", "unix:{}/file", "--https", "off"]);
    ran.exits_with(1).tells("cannot listen on unix:");
}
