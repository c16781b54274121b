"""What was measured, beside what it may be at the most."""
import os


class Bars:
    """The rows of the table that is printed last."""

    def __init__(self):
        self.rows = []

    def add(self, name, measured, bar=None, unit=""):
        """A row; one without a bar is only told."""
        self.rows.append((name, measured, bar, unit, load()))

    def show(self):
        if not self.rows:
            return
        print("all together, with the load average at each (a load above the number of processors makes wall times")
        print("longer, most of all those of a change, which is rendered at a lower priority)")
        print(f"{'':<66}{'measured':>12}{'at most':>12}{'load':>7}  holds")
        for name, measured, bar, unit, when in self.rows:
            holds = "" if bar is None else "yes" if measured <= bar else "NO"
            at_most = "-" if bar is None else shown(bar, unit)
            print(f"{name:<66}{shown(measured, unit):>12}{at_most:>12}{when:>7}  {holds}".rstrip())


def shown(value, unit):
    digits = 0 if value >= 100 else 1 if value >= 20 else 2
    return f"{value:.{digits}f} {unit}".strip()


def load():
    return f"{os.getloadavg()[0]:.1f}"
