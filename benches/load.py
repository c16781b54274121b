"""A modest load: some connections that ask, rest for some milliseconds, and ask again."""
import re
import subprocess
import sys

CONNECTIONS, REST_MS_MAX = 16, 9
PATHS = 200
SAID = f"{CONNECTIONS} connections that rest up to {REST_MS_MAX} ms between two requests"


def p99_us(tools, url, paths, seconds):
    """The 99th percentile of the time that an answer takes, in microseconds."""
    script = tools.scratch / "load.lua"
    listed = ", ".join(f'"{path}"' for path in paths)
    script.write_text(SCRIPT.replace("PATHS", listed).replace("REST_MS_MAX", str(REST_MS_MAX)))
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script, url]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds + 60).stdout
    found = re.search(r"^p99 (\d+) failed (\d+)$", said, re.MULTILINE)
    if not found or int(found.group(2)):
        sys.exit(f"bench: requests failed; wrk said:\n{said}")
    return int(found.group(1))


SCRIPT = """
local paths, at, asked = { PATHS }, 0, {}

function init()
    for i, path in ipairs(paths) do
        asked[i] = wrk.format("GET", path, { ["Accept-Encoding"] = "gzip, deflate, br, zstd" })
    end
end

function delay()
    return math.random(1, REST_MS_MAX)
end

function request()
    at = at % #asked + 1
    return asked[at]
end

function done(summary, latency)
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.status + e.timeout
    io.write(string.format("p99 %d failed %d\\n", latency:percentile(99), failed))
end
"""
