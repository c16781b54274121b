"""What a program uses: processor, time and memory."""
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import namedtuple

# CPU time of the program itself and of the system for it, and wall time, in seconds; peak memory in MiB.
# The system's part is mostly the writing of files, and differs from one file system to the next.
Cost = namedtuple("Cost", "user_s system_s wall_s peak_mib")

# No program may take longer; one that hangs is ended, and the measuring with it.
RUN_S_MAX = 1800


def cost_of(command, run_s_max=RUN_S_MAX):
    """Runs `command` to its end."""
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        too_long = threading.Timer(run_s_max, process.kill)
        too_long.start()
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - started
        too_long.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"bench: {command[0]} exited with {process.returncode}:\n{said}")
    return Cost(used.ru_utime, used.ru_stime, wall_s, used.ru_maxrss / 1024)


def cost_so_far(pid, wall_s):
    """What a process that runs has used since it started, `wall_s` ago, with its children that ended."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rpartition(")")[2].split()
    user, system, children_user, children_system = (int(field) / TICKS_PER_S for field in fields[11:15])
    return Cost(user + children_user, system + children_system, wall_s, memory_mib(pid, "VmHWM"))


def memory_mib(pid, what):
    """Memory of a process that runs: VmRSS is what it has now, VmHWM what it had at the most."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        for line in status:
            if line.startswith(what + ":"):
                return int(line.split()[1]) / 1024
    sys.exit(f"bench: the process {pid} says nothing of {what}")


def middle(costs):
    """The median of each column."""
    return Cost(*(statistics.median(column) for column in zip(*costs)))


def ratio(ours, theirs, of):
    """The median of the ratios within one round each."""
    return statistics.median(of(our) / of(their) for our, their in zip(ours, theirs))


def cpu_s(cost):
    return cost.user_s + cost.system_s


def user_s(cost):
    return cost.user_s


def wall_s(cost):
    return cost.wall_s


def peak_mib(cost):
    return cost.peak_mib


TICKS_PER_S = os.sysconf("SC_CLK_TCK")
