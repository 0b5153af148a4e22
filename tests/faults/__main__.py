"""``python -m tests.faults``: break things while an issue goes out, and count.

Each fault ends by itself. The exit code says whether all came out right.
"""

import argparse
import sys
import time

from .breaks import FAULTS
from .stage import Figures, NotFinished, stage, table


def main(arguments: list[str]) -> int:
    names = [fault.__name__ for fault in FAULTS]
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=__doc__,
        epilog=f"Faults: {', '.join(names)}.",
    )
    parser.add_argument("fault", nargs="*", help="only these", metavar="FAULT")
    parser.add_argument("--people", type=int, default=10_000, help="default: 10000")
    parser.add_argument("--kills", type=int, default=20, help="default: 20")
    parser.add_argument("--stops", type=int, default=6, help="default: 6")
    options = parser.parse_args(arguments)
    if unknown := set(options.fault) - set(names):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    times = {"kills": options.kills, "database": options.stops}
    found = []
    with stage(options.people) as everything:
        for fault in FAULTS:
            if options.fault and fault.__name__ not in options.fault:
                continue
            everything.sweep()
            started = time.monotonic()
            try:
                figures = fault(
                    everything,
                    people=options.people,
                    times=times.get(fault.__name__, 0),
                )
            except NotFinished:
                figures = Figures(fault.__name__, options.people)
                everything.take_stock(figures)
                figures.wrong.append("it did not finish in time")
            figures.seconds = time.monotonic() - started
            everything.dismiss()
            found.append(figures)
            print(table([figures]).splitlines()[-1], flush=True)  # noqa: T201
            if figures.wrong:
                output = (everything.place / "output").read_text()
                print(output[-3000:], file=sys.stderr)  # noqa: T201
    print("\n" + table(found))  # noqa: T201
    return 1 if any(figures.wrong for figures in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
