"""Make evaluations and store them: ``python -m forecast.evaluate [NAME ...] [--jobs N] [--scheduler ADDRESS]``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from forecast.errors import ForecastError
from forecast.evaluate import EVALUATIONS, evaluation
from forecast.evaluate.store import make


def main(arguments: Sequence[str] | None = None) -> int:
    """Make and store evaluations."""
    parser = argparse.ArgumentParser(prog="python -m forecast.evaluate", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(EVALUATIONS)}")
    parser.add_argument("--jobs", type=int, default=None, help="processes; by default one per processor")
    parser.add_argument("--scheduler", default=None, metavar="ADDRESS", help="a Dask scheduler to make the fits")
    chosen = parser.parse_args(arguments)
    start = time.monotonic()

    def progress(text: str) -> None:
        print(f"[{time.monotonic() - start:6.0f} s] {text}", file=sys.stderr, flush=True)

    try:
        names = chosen.names or list(EVALUATIONS)
        for name in names:
            evaluation(name)  # a name that is none is said before hours of work
        for name in names:
            print(make(name, progress, chosen.jobs, chosen.scheduler))
    except ForecastError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("error: interrupted; what was stored before is whole", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
