"""What it costs to answer a request, beside nginx that sends the same bodies.

Each server has one worker on the first core, the load generator has the second. nginx reads files that
`littoral build` wrote, with the br and gzip forms that Littoral itself answers with beside them.
"""
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from costs import cost_of
from nodes import START_S_MAX, free_port, started
from sites import make_site

SITE_PAGES = 1000
PATHS_ASKED = 200
CONNECTIONS = 32
SERVER_CPU, CLIENT_CPU = "0", "1"

# Name, scheme, protocol, and the headers of each request besides Accept-Encoding.
CASES = [
    ("h1", "http", "h1", {}),
    ("h1 + TLS", "https", "h1", {}),
    ("h2 + TLS", "https", "h2", {}),
    ("new TLS connection", "https", "h1", {"Connection": "close"}),
]


def compare(tools, rounds, seconds):
    """Prints a table for each of the CASES."""
    site, tree = make_site(tools, SITE_PAGES), tools.scratch / "tree"
    cost_of([tools.littoral, "build", site, "-o", tree])
    certificate = make_certificate(tools.scratch)
    paths = page_paths(tree)
    with ExitStack() as running:
        # Plain HTTP by a node that has no HTTPS, since one that has redirects to it.
        plain = ["--http", "127.0.0.1:0", "--https", "off"]
        secure = ["--http", "off", "--https", "127.0.0.1:0", "--cert", certificate]
        servers = {
            "http": [running.enter_context(littoral(tools, site, plain))],
            "https": [running.enter_context(littoral(tools, site, secure))],
        }
        if tools.nginx:
            precompress(servers["http"][0]["url"], tree, paths)
            urls = running.enter_context(nginx(tools, tree, certificate))
            for scheme, server in urls.items():
                servers[scheme].insert(0, server)
                same_answers(servers[scheme], paths)
        else:
            print("nginx is not installed, so there is nothing to compare with")
        for name, scheme, protocol, headers in CASES:
            contenders = [{**server, "proto": protocol} for server in servers[scheme]]
            measure(tools, name, contenders, paths, headers, rounds, seconds)


def measure(tools, name, contenders, paths, headers, rounds, seconds):
    """Runs cpu_per_request.py, which prints the table."""
    spec = {
        "client_cpu": int(CLIENT_CPU),
        "paths": paths,
        "headers": {"Accept-Encoding": "br", **headers},
        "contenders": contenders,
    }
    file = tools.scratch / "spec.json"
    file.write_text(json.dumps(spec))
    print(f"requests, {name}: {len(paths)} pages, {CONNECTIONS} connections, br, {rounds} rounds of {seconds} s", flush=True)
    command = [sys.executable, tools.cpu_per_request, file, "--rounds", rounds, "--seconds", seconds, "--conns", CONNECTIONS]
    limit = (rounds + 1) * len(contenders) * (seconds + 30)
    subprocess.run([str(word) for word in command], check=True, timeout=limit)
    print(flush=True)


def page_paths(tree):
    """The URL paths of pages all over the tree, PATHS_ASKED at most."""
    pages = sorted(tree.rglob("index.html"))
    # What is only a redirect in a tree of files is answered by 301 on a node.
    pages = [page for page in pages if b'http-equiv="refresh"' not in page.read_bytes()]
    step = max(1, len(pages) // PATHS_ASKED)
    folders = [page.parent.relative_to(tree).as_posix() for page in pages[::step][:PATHS_ASKED]]
    return ["/" if folder == "." else f"/{folder}/" for folder in folders]


def make_certificate(scratch):
    """A key and a self-signed certificate in one file."""
    key, certificate, both = (scratch / name for name in ("key.pem", "cert.pem", "both.pem"))
    command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    both.write_text(key.read_text() + certificate.read_text())
    return both


@contextmanager
def littoral(tools, site, listeners):
    """A running node, until the block ends."""
    command = ["taskset", "-c", SERVER_CPU, tools.littoral, "serve", site, *listeners]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        url = first_url(process)
        yield {"name": "littoral", "pid": process.pid, "url": url}


def first_url(process):
    """The address that the node says it listens at, once it has said that it has nothing more to compress: what it did
    meanwhile would count as spent on requests, and the forms that it answers with would change."""
    too_long = threading.Timer(START_S_MAX, process.kill)
    too_long.start()
    said, found = "", None
    for line in process.stdout:
        said += line
        found = found or re.search(r"https?://127\.0\.0\.1:\d+", line)
        if found and "all is compressed as well as it can be" in line:
            too_long.cancel()
            # A full pipe would stop the node.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return found.group()
    sys.exit(f"bench: littoral serve ended before all was on the air in its best form; it said:\n{said}")


@contextmanager
def nginx(tools, tree, certificate):
    """A running nginx, until the block ends: its two addresses by scheme."""
    http_port, https_port = free_port(), free_port()
    folder = tools.scratch / "nginx"
    folder.mkdir(exist_ok=True)
    module = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
    if not module.exists():
        sys.exit("bench: nginx cannot send br; install it: apt-get install libnginx-mod-http-brotli-static")
    # Its worker must be able to read a scratch folder that belongs to whoever runs this.
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(**locals()))
    command = ["taskset", "-c", SERVER_CPU, tools.nginx, "-p", folder, "-c", configuration, "-e", folder / "error.log"]
    with started(command) as process:
        wait_for_port(http_port)
        server = {"name": "nginx", "pid": process.pid}
        yield {
            "http": {**server, "url": f"http://127.0.0.1:{http_port}"},
            "https": {**server, "url": f"https://127.0.0.1:{https_port}"},
        }


def wait_for_port(port):
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"bench: nothing listens on 127.0.0.1:{port}")


def precompress(url, tree, paths):
    """Puts the forms that the node at `url` answers with beside the files of the tree."""
    for coding, end in (("br", ".br"), ("gzip", ".gz")):
        for path in paths:
            file = tree / path.strip("/") / f"index.html{end}"
            file.write_bytes(answer(url, path, coding))


def same_answers(servers, paths):
    """What is compared must do the same work."""
    for path in paths:
        bodies = {answer(server["url"], path, "br") for server in servers}
        if len(bodies) > 1:
            sys.exit(f"bench: the servers do not answer {path} alike")


def answer(url, path, coding):
    """The body, as sent."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, timeout=10, context=ssl._create_unverified_context())
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", path, headers={"Accept-Encoding": coding})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200 or response.getheader("Content-Encoding") != coding:
        sys.exit(f"bench: {url}{path} answers {response.status}, {response.getheader('Content-Encoding')}, not {coding}")
    return body


# Set up as one would who wants it fast: precompressed files, open files kept, no log.
NGINX = """
load_module {module};
{user}
daemon off;
worker_processes 1;
pid {folder}/pid;
events {{ worker_connections 4096; }}
http {{
    types {{ text/html html; }}
    default_type application/octet-stream;
    charset utf-8;
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    open_file_cache max=10000 inactive=1h;
    open_file_cache_valid 1h;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    brotli_static on;
    gzip_static on;
    gzip_vary on;
    server {{
        listen 127.0.0.1:{http_port} backlog=4096;
        listen 127.0.0.1:{https_port} ssl http2 backlog=4096;
        ssl_certificate {certificate};
        ssl_certificate_key {certificate};
        ssl_protocols TLSv1.2 TLSv1.3;
        root {tree};
        index index.html;
    }}
}}
"""
