"""Running nodes, and other servers."""
import http.client
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

from costs import cost_so_far

START_S_MAX = 600
STOP_S_MAX = 30
# The least that there may be.
QUIET_MS_MIN = 10


class Node:
    """A node that listens: its address, that of its metrics, and what it has used until it listened."""

    def __init__(self, process, started):
        self.pid = process.pid
        said = first_words(process)
        self.cost = cost_so_far(self.pid, time.monotonic() - started)
        urls = re.findall(r"http://127\.0\.0\.1:\d+", said)
        if "listening on" not in said or len(urls) != 2:
            sys.exit(f"bench: littoral serve ended without saying where it listens; it said:\n{said}")
        self.admin_url, self.url = urls
        # A full pipe would stop the node.
        threading.Thread(target=process.stderr.read, daemon=True).start()

    def metric(self, name):
        """The value of a metric, that of the only site if it is one of sites."""
        connection = connect(self.admin_url)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        found = re.search(rf"^{name}(?:{{site=[^}}]*}})? (\S+)$", text, re.MULTILINE)
        return float(found.group(1))


@contextmanager
def node(tools, site, cache, quiet_ms=QUIET_MS_MIN):
    """A running node, until the block ends; with what is in the folder `cache`."""
    file = tools.scratch / "littoral.toml"
    file.write_text(SETTINGS.format(**locals()))
    begun = time.monotonic()
    with started([tools.littoral, "serve", "--config", file], stderr=subprocess.PIPE, text=True) as process:
        yield Node(process, begun)


def first_words(process):
    """What a node says until it listens, or ends."""
    too_long = threading.Timer(START_S_MAX, process.kill)
    too_long.start()
    said = ""
    for line in process.stderr:
        said += line
        if "littoral: listening on" in line:
            break
    too_long.cancel()
    return said


def connect(url):
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)


@contextmanager
def started(command, **options):
    """A process, ended with the block."""
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


SETTINGS = """
http = ["127.0.0.1:0"]
https = []
[[site]]
root = "{site}"
[cache]
folder = "{cache}"
[admin]
listen = "127.0.0.1:0"
[watch]
quiet_ms = {quiet_ms}
"""
