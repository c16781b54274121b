"""How soon an edit of a site that is on the air is seen, and what requests feel of it.

What is edited is another folder than the served one, and comes over by rsync, as a deploy sends it.
"""
import os
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import building
import load
from costs import cost_so_far, wall_s
from edits import Edited
from nodes import connect, node
from sites import make_site
from starting import PAGES, wait_for_best, warm_cache

# Longer than rsync is about after the last file is in its place: else a node would be at work before rsync ends.
QUIET_MS = 200
# How many edits of each kind are timed, and the bars in milliseconds.
TIMED = {"body": 9, "title": 9, "tags": 9, "section": 9, "template": 5}
MS_MAX = {"body": 30, "title": 150}
P99_RATIO_MAX = 2.0
SEEN_S_MAX = 120
# Between two edits that are timed, so that none begins while the one before is cleared away.
CALM_S = 0.5
# Between two looks at what is edited while a load is measured: the looks are no part of it.
SELDOM_S = 0.003


def measure(tools, rounds, seconds):
    """Prints how soon edits are seen, and the 99th percentile of requests meanwhile."""
    warm, made = warm_cache(tools), make_site(tools, PAGES)
    copies = [(made, "source"), (made, "served"), (warm, "cache")]
    source, served, cache = (copy(tools, of, name) for of, name in copies)
    # So many new files are on their way to the disk for a while, and everything else behind them.
    os.sync()
    full_ms = statistics.median(wall_s(building.serve(tools, served)) for _ in range(rounds)) * 1000
    edited = Edited(source, served)
    with node(tools, served, cache, QUIET_MS) as running:
        print(f"{PAGES} pages: ms from the end of rsync to the new bytes, less the quiet time; user CPU; each")
        middle_ms = [time_edits(tools.bars, running, edited, kind) for kind in TIMED]
    tools.bars.add(f"edit, {PAGES:,} pages: base template to a full render", middle_ms[-1] / full_ms, 1.0)
    # With the template as it was, nearly everything is in the cache.
    edited.undo("template", made)
    with node(tools, served, cache) as running:
        compare_p99(tools, running, edited, ("body", "title"), rounds, seconds)
        compare_p99(tools, running, edited, ("template",), rounds, seconds)


def copy(tools, of, name):
    """A copy of a folder that is kept as it is."""
    to = building.empty(tools, name)
    subprocess.run(["cp", "-a", f"{of}/.", to], check=True)
    return to


def time_edits(bars, running, edited, kind):
    """The median time of edits of one kind, in milliseconds.

    Quiet begins before rsync ends, so what a visitor sees after it, less the quiet time, is a little too good. What the
    node says that it took lacks how it noticed. The longer one counts.
    """
    connection, times_ms, users_ms = connect(running.url), [], []
    for _ in range(TIMED[kind]):
        _, path = edited.edit(kind)
        tag, before = tag_of(connection, path), used(running)
        edited.send()
        sent = time.monotonic()
        wait_for_other(connection, path, tag, sent)
        seen_ms = (time.monotonic() - sent) * 1000 - QUIET_MS
        users_ms.append((used(running) - before) * 1000)
        time.sleep(CALM_S)
        times_ms.append(max(seen_ms, running.metric("littoral_publish_seconds") * 1000))
    connection.close()
    middle_ms = statistics.median(times_ms)
    each = ", ".join(f"{ms:.0f}" for ms in sorted(times_ms))
    print(f"{kind:<10}{middle_ms:>8.0f}{statistics.median(users_ms):>8.0f}   {each}", flush=True)
    bars.add(f"edit, {PAGES:,} pages: {kind}", middle_ms, MS_MAX.get(kind), "ms")
    return middle_ms


def used(running):
    """The user CPU of a node, in seconds since it started."""
    return cost_so_far(running.pid, 0).user_s


def tag_of(connection, path):
    """The tag of a page, uncompressed: a better coding is no other text."""
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        sys.exit(f"bench: {path} is answered with {response.status}")
    return response.getheader("ETag")


def wait_for_other(connection, path, tag, since, pause_s=0.0003):
    """Until a page has another tag than `tag`."""
    while True:
        connection.request("GET", path, headers={"If-None-Match": tag})
        response = connection.getresponse()
        response.read()
        if response.status == 200:
            return
        waited_s = time.monotonic() - since
        if waited_s > SEEN_S_MAX:
            sys.exit(f"bench: an edit of {path} is not seen")
        # Who asks without a pause takes the processor from what is waited for.
        time.sleep(max(pause_s, waited_s / 200))


def compare_p99(tools, running, edited, kinds, rounds, seconds):
    """The 99th percentile while edits of a kind follow each other without a pause, beside that at rest."""
    rest_us, busy_us, counts = [], {kind: [] for kind in kinds}, {kind: 0 for kind in kinds}
    paths = ["/"] + [edited.address(page) for page in edited.pages[:: len(edited.pages) // load.PATHS]]
    for _ in range(rounds):
        # The edits of the round before have left bodies that wait for their best codings: that is no rest.
        wait_for_best(running)
        rest_us.append(load.p99_us(tools, running.url, paths, seconds))
        for kind in kinds:
            with edits_without_end(running, edited, kind) as done:
                busy_us[kind].append(load.p99_us(tools, running.url, paths, seconds))
            counts[kind] += len(done)
    at_rest_us = statistics.median(rest_us)
    print(f"\np99 of requests, {load.SAID}, {rounds} rounds of {seconds} s: at rest {at_rest_us:.0f} us")
    for kind in kinds:
        middle_us = statistics.median(busy_us[kind])
        print(f"{kind:<10}{middle_us:>8.0f} us, {counts[kind]} edits")
        tools.bars.add(f"p99 while {kind} edits go on, to that at rest", middle_us / at_rest_us, P99_RATIO_MAX)
    print(flush=True)


@contextmanager
def edits_without_end(running, edited, kind):
    """One edit after another, each as soon as the one before is on the air, until the block ends: a list that has
    an entry for each."""
    done, is_over = [], threading.Event()

    def edit_on():
        # As if from another machine: what edits is not to take the processor from what answers.
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        connection = connect(running.url)
        while not is_over.is_set():
            file, path = edited.edit(kind)
            tag = tag_of(connection, path)
            edited.put(file)
            wait_for_other(connection, path, tag, time.monotonic(), SELDOM_S)
            done.append(path)
        connection.close()

    thread = threading.Thread(target=edit_on)
    thread.start()
    try:
        yield done
    finally:
        is_over.set()
        thread.join()
