"""What it costs to answer a request, beside other servers that send the same bodies.

Each server has one worker on the first core, the load generator has the second. The others read files that
`littoral build` wrote, with the br and gzip forms that Littoral itself answers with beside them.
"""
import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import threading
import time
from collections import namedtuple
from contextlib import contextmanager
from random import Random
from urllib.parse import urlsplit

from building import empty
from costs import cost_of
from nodes import START_S_MAX, started
from peers import peers
from sites import make_site

SITE_PAGES = 1000
PATHS_ASKED = 200
CONNECTIONS = 32
# What one node takes that has the site and answers, in MiB: its share of what it maps (PSS), and no other runs.
ALONE_MIB_MAX = 40
SERVER_CPU, CLIENT_CPU, BOTH_CPUS = "0", "1", "0,1"
LARGE, LARGE_BYTES = "large.bin", 1 << 20

# Plain HTTP by a node that has no HTTPS, since one that has redirects to it.
PLAIN = ["--http", "127.0.0.1:0", "--https", "off"]

# What is asked for, and the most CPU time that it may cost to that of nginx.
Case = namedtuple("Case", "name scheme protocol headers paths most")


def cases(pages):
    br = {"Accept-Encoding": "br"}
    large = [f"/{LARGE}"]
    return [
        Case("h1", "http", "h1", br, pages, 0.66),
        Case("h1 + TLS", "https", "h1", br, pages, 0.72),
        Case("h2 + TLS", "https", "h2", br, pages, 0.50),
        Case("new TLS connection", "https", "h1", {**br, "Connection": "close"}, pages, 0.55),
        # Each server has tags of its own, and this is like all of them.
        Case("304", "http", "h1", {**br, "If-None-Match": "*"}, pages, 0.62),
        # As bytes for each CPU second: no fewer.
        Case("1 MiB over TLS", "https", "h1", {}, large, 1.0),
    ]


def compare(tools, rounds, seconds):
    """Prints a table for each case, and one of all servers with two workers each."""
    site, tree = site_with_asset(tools), empty(tools, "tree")
    cost_of([tools.littoral, "build", site, "-o", tree])
    certificate = make_certificate(tools.scratch)
    pages = page_paths(tree)
    for what, listeners in (("HTTP", PLAIN), ("HTTPS", secure(certificate))):
        leave_on_disk(tools.littoral)
        with littoral(tools, site, listeners, SERVER_CPU) as alone:
            name = f"memory of one node with {what}, all compressed"
            tools.bars.add(name, settled_mib(alone["pid"]), ALONE_MIB_MAX, "MiB")
    with servers(tools, (site, tree), certificate, pages, SERVER_CPU) as running:
        for case in cases(pages):
            ratio = measure(tools, case, running, (rounds, seconds), CLIENT_CPU)
            if running[case.scheme][0]["name"] == "nginx":
                tools.bars.add(f"requests, {case.name}: CPU to nginx", ratio, case.most)
    with servers(tools, (site, tree), certificate, pages, BOTH_CPUS) as running:
        print("two workers, on the processors that the load comes from, too:")
        measure(tools, cases(pages)[0], running, (rounds, seconds), BOTH_CPUS)


def site_with_asset(tools):
    """A made site with one asset that no coding makes smaller."""
    site = empty(tools, "asked")
    subprocess.run(["cp", "-a", f"{make_site(tools, SITE_PAGES)}/.", site], check=True)
    (site / "static").mkdir(exist_ok=True)
    (site / "static" / LARGE).write_bytes(Random(1).randbytes(LARGE_BYTES))
    return site


@contextmanager
def servers(tools, folders, certificate, pages, cpus):
    """All that are compared, running until the block ends; nginx first, where it is there."""
    site, tree = folders
    workers = len(cpus.split(","))
    listeners = secure(certificate)
    with littoral(tools, site, PLAIN, cpus) as http, littoral(tools, site, listeners, cpus) as https:
        precompress(http["url"], tree, pages)
        with peers(tools.scratch, tree, certificate, workers, cpus) as others:
            by_scheme = {}
            for scheme, own in (("http", http), ("https", https)):
                listed = [{**other, "url": other["urls"][scheme]} for other in others]
                by_scheme[scheme] = [*listed[:1], own, *listed[1:]]
                same_answers(by_scheme[scheme], pages)
            yield by_scheme


def measure(tools, case, running, how_long, client_cpus):
    """Runs cpu_per_request.py, which prints the table. Returns the CPU time of Littoral to that of the first server."""
    rounds, seconds = how_long
    spec = {
        "client_cpu": client_cpus,
        "paths": case.paths,
        "headers": case.headers,
        "contenders": [{**server, "proto": case.protocol} for server in running[case.scheme]],
    }
    file = tools.scratch / "spec.json"
    file.write_text(json.dumps(spec))
    print(f"requests, {case.name}: {len(case.paths)} paths, {CONNECTIONS} connections, {rounds} rounds of {seconds} s")
    command = [sys.executable, tools.cpu_per_request, file, "--rounds", rounds, "--seconds", seconds, "--conns", CONNECTIONS]
    limit = (rounds + 1) * len(spec["contenders"]) * (seconds + 30)
    said = subprocess.run([str(word) for word in command], check=True, timeout=limit, capture_output=True, text=True).stdout
    print(said, flush=True)
    found = re.search(r"^littoral +\S+ +(\S+)", said, re.MULTILINE)
    return float(found.group(1))


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


def secure(certificate):
    """Where a node listens that has HTTPS alone."""
    return ["--http", "off", "--https", "127.0.0.1:0", "--cert", certificate]


@contextmanager
def littoral(tools, site, listeners, cpus):
    """A running node, until the block ends."""
    command = ["taskset", "-c", cpus, tools.littoral, "serve", site, *listeners]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        url = first_url(process)
        yield {"name": "littoral", "pid": process.pid, "url": url}


def leave_on_disk(program):
    """Has the system hold nothing of a program that does not run, as after a boot. Of one that was just written it
    holds all, and maps what lies around that which is used, too: up to two MiB more."""
    with open(program, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def settled_mib(pid):
    """Once what was freed is given back, which takes the allocator a moment."""
    before = memory_mib(pid)
    while True:
        time.sleep(1)
        now = memory_mib(pid)
        if now > before - 0.1:
            return now
        before = now


def memory_mib(pid):
    with open(f"/proc/{pid}/smaps_rollup") as told:
        return int(re.search(r"^Pss:\s+(\d+)", told.read(), re.MULTILINE).group(1)) / 1024


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
