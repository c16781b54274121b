"""What it costs to build a made site, beside zola."""
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import namedtuple

# CPU (user and system) and wall time in seconds, peak memory in MiB.
Cost = namedtuple("Cost", "cpu_s wall_s rss_mib")

# No build may take longer; one that hangs ends the measuring.
BUILD_S_MAX = 1800


def compare(tools, pages, flags, rounds):
    """Prints a table for a made site; the contenders take turns in each of `rounds`."""
    site = make_site(tools, pages, *flags)
    out = tools.scratch / "out"
    contenders = {"littoral": [tools.littoral, "build", site, "-o", out]}
    if tools.zola:
        contenders["zola"] = [tools.zola, "--root", site, "build", "--output-dir", out]
    costs = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, command in contenders.items():
            shutil.rmtree(out, ignore_errors=True)
            costs[name].append(cost_of(command))
    print(" ".join([f"build of {pages} pages, median of {rounds} rounds", *flags]))
    print(f"{'':<12}{'cpu s':>9}{'wall s':>9}{'peak MiB':>10}")
    for name, runs in costs.items():
        middle = Cost(*(statistics.median(column) for column in zip(*runs)))
        print(f"{name:<12}{middle.cpu_s:>9.2f}{middle.wall_s:>9.2f}{middle.rss_mib:>10.0f}")
    if tools.zola:
        ratios = [ours.cpu_s / theirs.cpu_s for ours, theirs in zip(costs["littoral"], costs["zola"])]
        print(f"cpu of littoral to zola: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    else:
        print("zola is not in PATH, so there is nothing to compare with; ZOLA=FILE names one")
    print(flush=True)
    shutil.rmtree(site)


def make_site(tools, pages, *flags):
    """A made site of `pages` pages, by the flags of gensite.py; the same arguments make the same bytes."""
    site = tools.scratch / f"site-{pages}"
    command = [sys.executable, tools.gensite, "make", site, "--pages", str(pages), *flags]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=BUILD_S_MAX)
    return site


def cost_of(command):
    """Runs `command` to its end."""
    with open(os.devnull, "w") as nowhere:
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=nowhere, stderr=subprocess.PIPE, text=True)
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"bench: {command[0]} exited with {process.returncode}:\n{said}")
    return Cost(used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss / 1024)
