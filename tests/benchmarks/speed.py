"""How long the commands take and how much memory, beside what is promised; run by ``make benchmarks``, never by pytest.

``--store data/results`` also keeps the table, with machine and date, for the documentation's page on cost. Only on an
idle machine: what else runs counts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from forecast.evaluate import speed, store


def main() -> int:
    """Print the table; 1 when a median breaks its promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--firsts", type=int, default=speed.FIRSTS, help="runs in an empty cache, of each kind; 0: none"
    )
    parser.add_argument("--others", type=int, default=speed.OTHERS, help="runs of everything else")
    parser.add_argument("--alone", action="store_true", help="without what a user would otherwise run")
    parser.add_argument("--store", type=Path, metavar="FOLDER", help="keep the table there, as speed.json")
    asked = parser.parse_args()
    rows = speed.measure(
        max(0, asked.firsts),
        max(1, asked.others),
        beside=not asked.alone,
        progress=lambda text: print(text, file=sys.stderr, flush=True),
    )
    print(f"{'command':42}{'runs':>6}{'min':>9}{'median':>9}{'max':>9}{'promise':>9}{'MB':>7}   (seconds)")
    for row in rows:
        times = row["seconds"]
        numbers = "".join(f"{value:9.2f}" for value in (min(times), statistics.median(times), max(times)))
        limit = f"{row['promise']:9.1f}" if row["promise"] is not None else f"{'-':>9}"
        said = "" if row["reached"] else "   broken"
        print(f"{row['name']:42}{len(times):6}{numbers}{limit}{row['megabytes']:7.0f}{said}")
    if asked.store is not None:
        asked.store.mkdir(parents=True, exist_ok=True)
        made = {"firsts": max(0, asked.firsts), "others": max(1, asked.others)}
        print(store.keep(speed.NAME, speed.content_of(rows), settings=made, directory=asked.store))
    return 0 if all(row["reached"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
