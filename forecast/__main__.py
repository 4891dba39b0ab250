"""``python -m forecast``: the command line."""

import sys

from forecast.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
