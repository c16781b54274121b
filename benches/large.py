"""What a node of 100,000 pages takes of memory and of the processor."""
import statistics
import time

import building
from costs import memory_mib
from nodes import node
from sites import make_site
from starting import wait_for_best

PAGES, TENTH = 100000, 10000
# Memory has settled when it has not fallen for so long; it is waited for no longer than SETTLE_S_MAX.
SETTLED_S = 10
SETTLE_S_MAX = 180
# A fall is more than this.
FALL_MIB = 2
SETTLED_MIB_MAX = 1e9 / 2**20
PEAK_MIB_MAX = 2.5e9 / 2**20


def measure(tools, rounds, until_best):
    """Prints what it takes; with `until_best` also what it has when all is in its best codings."""
    tenth_site, site = make_site(tools, TENTH), make_site(tools, PAGES)
    users, settled, peaks, walls = [], [], [], []
    tenth_users = [building.serve(tools, tenth_site).user_s for _ in range(rounds)]
    for _ in range(rounds):
        with node(tools, site, building.empty(tools, "cold")) as running:
            users.append(running.cost.user_s)
            walls.append(running.cost.wall_s)
            settled.append(settle(running.pid))
            peaks.append(memory_mib(running.pid, "VmHWM"))
            if until_best:
                wait_for_best(running)
                print(f"{PAGES} pages, all in the best codings: {settle(running.pid):.0f} MiB")
    print(f"{PAGES} pages, median of {rounds} rounds: listens after {statistics.median(walls):.0f} s\n", flush=True)
    name, growth = f"serve, {PAGES:,} pages", statistics.median(users) / statistics.median(tenth_users)
    tools.bars.add(f"{name}: memory after settling", statistics.median(settled), SETTLED_MIB_MAX, "MiB")
    tools.bars.add(f"{name}: peak memory", statistics.median(peaks), PEAK_MIB_MAX, "MiB")
    tools.bars.add(f"{name}: user CPU to that of {TENTH:,}", growth, 11)


def settle(pid):
    """The memory of a process, in MiB, once it does not fall any more."""
    least, since = memory_mib(pid, "VmRSS"), time.monotonic()
    deadline = since + SETTLE_S_MAX
    while time.monotonic() < min(since + SETTLED_S, deadline):
        time.sleep(0.5)
        now = memory_mib(pid, "VmRSS")
        if now < least - FALL_MIB:
            least, since = now, time.monotonic()
    return memory_mib(pid, "VmRSS")
