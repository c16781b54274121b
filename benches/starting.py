"""How soon a node listens that finds in its cache what took long to make."""
import statistics
import sys
import time

from nodes import node
from sites import make_site

PAGES = 10000
FILL_S_MAX = 3600
STARTS_WALL_S_MAX = 2.0


def measure(tools, rounds):
    site, cache = make_site(tools, PAGES), warm_cache(tools)
    walls, users = [], []
    for _ in range(rounds):
        with node(tools, site, cache) as listening:
            walls.append(listening.cost.wall_s)
            users.append(listening.cost.user_s)
    wall_s = statistics.median(walls)
    print(f"{PAGES} pages, warm cache, median of {rounds} rounds: listens after {wall_s:.2f} s, ", end="")
    print(f"{statistics.median(users):.2f} s of user CPU\n", flush=True)
    tools.bars.add(f"serve, {PAGES:,} pages, warm cache: until it listens", wall_s, STARTS_WALL_S_MAX, "s")


def warm_cache(tools):
    """A cache with the best codings of everything, made once."""
    cache, full = tools.scratch / "warm", tools.scratch / "warm-is-full"
    if full.exists():
        return cache
    began = time.monotonic()
    with node(tools, make_site(tools, PAGES), cache) as filling:
        wait_for_best(filling)
    print(f"{PAGES} pages: the best codings of all were there after {time.monotonic() - began:.0f} s\n", flush=True)
    full.touch()
    return cache


def wait_for_best(running):
    """Until nothing waits for its best codings."""
    deadline = time.monotonic() + FILL_S_MAX
    while running.metric("littoral_bodies_waiting") > 0:
        if time.monotonic() > deadline:
            sys.exit("bench: the best codings take too long")
        time.sleep(1)
