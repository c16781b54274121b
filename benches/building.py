"""What it costs to build a made site, and to have it on the air, beside zola."""
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import namedtuple

# CPU time of the program itself and of the system for it, and wall time, in seconds; peak memory in MiB.
# The system's part is mostly the writing of files, and differs from one file system to the next.
Cost = namedtuple("Cost", "user_s system_s wall_s rss_mib")

# No build may take longer; one that hangs ends the measuring.
BUILD_S_MAX = 1800


def compare(tools, pages, flags, rounds):
    """Prints a table for a made site; the contenders take turns in each of `rounds`."""
    site = make_site(tools, pages, *flags)
    out = tools.scratch / "out"
    anywhere = ["--http", "127.0.0.1:0", "--https", "127.0.0.1:0"]
    contenders = {
        "littoral build": (cost_of, [tools.littoral, "build", site, "-o", out]),
        "littoral serve": (cost_until_it_listens, [tools.littoral, "serve", site, *anywhere]),
    }
    if tools.zola:
        contenders["zola build"] = (cost_of, [tools.zola, "--root", site, "build", "--output-dir", out])
    costs = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, (measure, command) in contenders.items():
            shutil.rmtree(out, ignore_errors=True)
            costs[name].append(measure(command))
    print(" ".join([f"{pages} pages, median of {rounds} rounds", *flags]))
    print(f"{'':<16}{'user s':>9}{'system s':>10}{'wall s':>9}{'peak MiB':>10}{'cpu to zola':>13}{'user to zola':>14}")
    for name, runs in costs.items():
        middle = Cost(*(statistics.median(column) for column in zip(*runs)))
        row = f"{name:<16}{middle.user_s:>9.2f}{middle.system_s:>10.2f}{middle.wall_s:>9.2f}{middle.rss_mib:>10.0f}"
        if tools.zola:
            row += f"{ratio(runs, costs['zola build'], cpu_s):>13.2f}{ratio(runs, costs['zola build'], user_s):>14.2f}"
        print(row)
    if not tools.zola:
        print("zola is not in PATH, so there is nothing to compare with; ZOLA=FILE names one")
    print(flush=True)
    shutil.rmtree(site)


def ratio(ours, theirs, of):
    """The median of the ratios within one round each."""
    return statistics.median(of(our) / of(their) for our, their in zip(ours, theirs))


def cpu_s(cost):
    return cost.user_s + cost.system_s


def user_s(cost):
    return cost.user_s


def make_site(tools, pages, *flags):
    """A made site of `pages` pages, by the flags of gensite.py; the same arguments make the same bytes."""
    site = tools.scratch / f"site-{pages}"
    command = [sys.executable, tools.gensite, "make", site, "--pages", str(pages), *flags]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=BUILD_S_MAX)
    return site


def cost_of(command):
    """Runs `command` to its end."""
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        said = process.stderr.read()
        return ended(process, said, time.monotonic() - started)


def cost_until_it_listens(command):
    """Starts a node, and stops it as soon as it says that it listens: the site is then on the air in
    every coding."""
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        said = ""
        for line in process.stderr:
            said += line
            if "listening on" in line:
                break
        wall_s = time.monotonic() - started
        process.terminate()
        said += process.stderr.read()
        return ended(process, said, wall_s)


def ended(process, said, wall_s):
    """What a process used that has closed its standard error."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"bench: {process.args[0]} exited with {process.returncode}:\n{said}")
    return Cost(used.ru_utime, used.ru_stime, wall_s, used.ru_maxrss / 1024)
