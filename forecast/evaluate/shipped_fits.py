"""The fits that travel with the package, so that the answer needs no sampling: ``python -m forecast.evaluate.shipped_fits``.

They are the entries of the cache that a run of the baseline touches, byte for byte, under the keys that any kept fit has:
other rows, priors, seeds, lengths of sampling or versions of the sampler have other keys, and are sampled.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from forecast.core.files import atomic_file
from forecast.fits import kept as cache


def keys_in_use() -> set[str]:
    """Return the keys of the fits that a run of the baseline touches; what is not there is sampled."""
    from forecast.runs.pipeline import run

    with cache.touched() as keys:
        run("baseline")
        return set(keys)


def shipped_keys() -> set[str]:
    """Return the keys of the fits that travel with the package."""
    return {path.stem for path in cache.shipped_folder().glob("*.nc")}


def ship(*, again: bool = False) -> list[str]:
    """Put the baseline's fits, sampled again if so asked, in place of those that travelled before; return their keys."""
    with cache.sampled_again(again):
        keys = keys_in_use()
        entries = {key: cache.packed(key) for key in keys}
    folder = cache.shipped_folder()
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.nc"):
        path.unlink()
    for key, entry in entries.items():
        assert entry is not None, "a fit that was touched is kept"
        with atomic_file(folder / f"{key}.nc") as temporary:
            temporary.write_bytes(entry)
    return sorted(keys)


def main(arguments: Sequence[str] | None = None) -> int:
    """Ship the fits and print their keys."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", action="store_true", help="sample them again, whatever is kept")
    print("\n".join(ship(again=parser.parse_args(arguments).sample)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
