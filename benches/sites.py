"""Made sites."""
import shutil
import subprocess
import sys

MAKE_S_MAX = 1800


def make_site(tools, pages, *flags):
    """A made site of `pages` pages, by the flags of gensite.py; the same arguments make the same bytes. It is made
    once, so nobody may change it."""
    site = tools.scratch / "".join([f"site-{pages}", *flags])
    if not site.exists():
        half = tools.scratch / "half-made"
        shutil.rmtree(half, ignore_errors=True)
        command = [sys.executable, tools.gensite, "make", half, "--pages", str(pages), *flags]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=MAKE_S_MAX)
        half.rename(site)
    return site
