"""How well fits spread over two workers; run by ``make benchmarks``, never by pytest.

Promise: two workers make the short fits of a calibration at least 1.6 times as fast as one (efficiency 0.8).
"""

from __future__ import annotations

import argparse
import sys

from forecast.evaluate.scaling_cost import EFFICIENCY, FITS, measure


def main() -> int:
    """Print the table; 1 when the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fits", type=int, default=FITS, help="fits of each measurement")
    found = measure(parser.parse_args().fits)
    for name, took in found["seconds"].items():
        share = found["efficiency"].get(name)
        told = "" if share is None else f", efficiency {share:.2f} (promise {EFFICIENCY})"
        print(f"{found['fits']} fits, {name}: {took:.1f} s{told}")
    return 0 if min(found["efficiency"].values()) >= EFFICIENCY else 1


if __name__ == "__main__":
    sys.exit(main())
