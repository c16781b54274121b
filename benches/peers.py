"""The servers that Littoral is compared with, each set up as one would who wants it fast: precompressed files, open files
kept where it can, no log, one worker a processor."""
import os
import shutil
import socket
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from nodes import START_S_MAX, free_port, started


@contextmanager
def peers(scratch, tree, certificate, workers, cpus):
    """Those that are installed, running until the block ends: of each its name, and its addresses by scheme."""
    starts = {"nginx": nginx, "h2o": h2o, "caddy": caddy}
    path = f"{os.environ['PATH']}:/usr/sbin"
    programs = {name: shutil.which(name, path=path) for name in starts}
    with ExitStack() as running:
        found = []
        for name, start in starts.items():
            if not programs[name]:
                print(f"{name} is not installed, and not compared with")
                continue
            ports = free_port(), free_port()
            folder = scratch / name
            folder.mkdir(exist_ok=True)
            command = start(programs[name], folder, (tree, certificate), ports, workers)
            environment = {**os.environ, "GOMAXPROCS": str(workers), "HOME": str(folder)}
            pinned = ["taskset", "-c", cpus, *(str(word) for word in command)]
            log = running.enter_context(open(folder / "log", "w"))
            process = running.enter_context(started(pinned, env=environment, stdout=log, stderr=log))
            for port in ports:
                wait_for_port(port, folder / "log")
            urls = {"http": f"http://127.0.0.1:{ports[0]}", "https": f"https://127.0.0.1:{ports[1]}"}
            found.append({"name": name, "pid": process.pid, "urls": urls})
        yield found


def wait_for_port(port, log):
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"bench: nothing listens on 127.0.0.1:{port}; it said:\n{log.read_text()}")


def nginx(program, folder, files, ports, workers):
    module = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
    if not module.exists():
        sys.exit("bench: nginx cannot send br; install it: apt-get install libnginx-mod-http-brotli-static")
    # Its worker must be able to read a scratch folder that belongs to whoever runs this.
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(**locals()))
    return [program, "-p", folder, "-c", configuration, "-e", folder / "error.log"]


def h2o(program, folder, files, ports, workers):
    configuration = folder / "h2o.conf"
    configuration.write_text(H2O.format(**locals()))
    return [program, "-c", configuration]


def caddy(program, folder, files, ports, workers):
    configuration = folder / "Caddyfile"
    configuration.write_text(CADDY.format(**locals()))
    return [program, "run", "--config", configuration, "--adapter", "caddyfile"]


NGINX = """
load_module {module};
{user}
daemon off;
worker_processes {workers};
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
        listen 127.0.0.1:{ports[0]} backlog=4096;
        listen 127.0.0.1:{ports[1]} ssl http2 backlog=4096;
        ssl_certificate {files[1]};
        ssl_certificate_key {files[1]};
        ssl_protocols TLSv1.2 TLSv1.3;
        root {files[0]};
        index index.html;
    }}
}}
"""

H2O = """
num-threads: {workers}
http1-request-timeout: 60
listen:
  host: 127.0.0.1
  port: {ports[0]}
listen:
  host: 127.0.0.1
  port: {ports[1]}
  ssl:
    certificate-file: {files[1]}
    key-file: {files[1]}
    ocsp-update-interval: 0
hosts:
  default:
    paths:
      "/":
        file.dir: {files[0]}
        file.send-compressed: ON
"""

CADDY = """
{{
    admin off
    auto_https off
    default_sni localhost
    log {{
        level ERROR
    }}
}}
http://:{ports[0]} {{
    bind 127.0.0.1
    root * {files[0]}
    file_server {{
        precompressed br gzip
    }}
}}
https://:{ports[1]} {{
    bind 127.0.0.1
    tls {files[1]} {files[1]}
    root * {files[0]}
    file_server {{
        precompressed br gzip
    }}
}}
"""
