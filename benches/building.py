"""What it costs to build a made site, and to have it on the air, beside zola."""
import shutil

from costs import cost_of, cpu_s, middle, peak_mib, ratio, user_s, wall_s
from nodes import node
from sites import make_site

PAGED = ["--paginate-terms", "20"]
PAGED_PAGES = 10000
# Where listings are paged zola takes minutes, so it is run once; what it may take all the same.
ZOLA_ADDRESS_BYTES_MAX = 16 << 30
ZOLA_S_MAX = 900


def compare(tools, pages, flags, rounds):
    """Prints a table for a made site; the contenders take turns in each of `rounds`."""
    site = make_site(tools, pages, *flags)
    contenders = {"littoral build": build, "littoral serve": serve}
    if tools.zola:
        contenders["zola build"] = zola_build
    costs = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measure in contenders.items():
            costs[name].append(measure(tools, site))
    print(" ".join([f"{pages} pages, median of {rounds} rounds", *flags]))
    show(costs)
    if tools.zola and not flags:
        add_bars(tools.bars, pages, *costs.values())


def compare_paged(tools, rounds):
    """The same with taxonomies in pages of twenty, where zola is run but once."""
    site = make_site(tools, PAGED_PAGES, *PAGED)
    ours = [build(tools, site) for _ in range(rounds)]
    costs = {"littoral build": ours}
    if tools.zola:
        costs["zola build"] = [zola_build(tools, site)] * rounds
        name = f"build, {PAGED_PAGES:,} pages, terms paged by 20: user CPU to zola"
        tools.bars.add(name, ratio(ours, costs["zola build"], user_s), 0.08)
    print(" ".join([f"{PAGED_PAGES} pages, median of {rounds} rounds, zola once", *PAGED]))
    show(costs)


def build(tools, site):
    return cost_of([tools.littoral, "build", site, "-o", empty(tools, "out")])


def serve(tools, site):
    """Until it listens: the site is then on the air in every coding, in the quick forms of each."""
    with node(tools, site, empty(tools, "cold")) as listening:
        return listening.cost


def zola_build(tools, site):
    bounded = ["prlimit", f"--as={ZOLA_ADDRESS_BYTES_MAX}", tools.zola]
    return cost_of([*bounded, "--root", site, "build", "--output-dir", empty(tools, "out")], ZOLA_S_MAX)


def empty(tools, name):
    """A folder that is not there yet."""
    folder = tools.scratch / name
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def show(costs):
    zola = costs.get("zola build")
    print(f"{'':<16}{'user s':>9}{'system s':>10}{'wall s':>9}{'peak MiB':>10}{'cpu to zola':>13}{'user to zola':>14}")
    for name, runs in costs.items():
        cost = middle(runs)
        row = f"{name:<16}{cost.user_s:>9.2f}{cost.system_s:>10.2f}{cost.wall_s:>9.2f}{cost.peak_mib:>10.0f}"
        if zola:
            row += f"{ratio(runs, zola, cpu_s):>13.2f}{ratio(runs, zola, user_s):>14.2f}"
        print(row)
    if not zola:
        print("zola is not in PATH, so there is nothing to compare with; ZOLA=FILE names one")
    print(flush=True)


def add_bars(bars, pages, built, served, zola):
    bars.add(f"build, {pages:,} pages: user CPU to zola", ratio(built, zola, user_s), 0.4)
    bars.add(f"build, {pages:,} pages: peak memory to zola", ratio(built, zola, peak_mib), 0.4)
    bars.add(f"serve, {pages:,} pages, no cache: user CPU to zola build", ratio(served, zola, user_s), 0.7)
    bars.add(f"serve, {pages:,} pages, no cache: wall time to zola build", ratio(served, zola, wall_s), 0.5)
