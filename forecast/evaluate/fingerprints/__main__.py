"""Keep the fingerprints of the code in use: ``python -m forecast.evaluate.fingerprints``."""

from __future__ import annotations

import sys

from forecast.errors import ForecastError
from forecast.evaluate.fingerprints import renew


def main() -> int:
    """Renew the file; 0 done, 2 refused."""
    try:
        changed = renew()
    except ForecastError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join(changed) or "all fingerprints are as they were")
    return 0


if __name__ == "__main__":
    sys.exit(main())
