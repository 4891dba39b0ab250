"""Numbers on their way into the page: paths, ranks and amounts as bytes that compress well, unpacked by explorer.js."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np

STEP = 1 / 400
"""Steps in which paths are rounded (log10): 0.6 %, a hundredth of a year at the pace of the frontier."""


_LEVEL = 6
"""Level of compression: 9 takes six times as long for 0.7 % less."""


class Pack:
    """Numbers on their way into the page: bytes laid out for compression, one after the other."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._known: dict[bytes, int] = {}
        self._length = 0

    def paths(self, paths: np.ndarray, *, smooth: bool = False) -> dict[str, Any]:
        """Pack paths as whole steps from knot to knot; smooth ones as changes of these steps, which are smaller."""
        steps = np.rint(paths.T / STEP).astype(np.int64)
        low = int(steps[0].min())
        first = (steps[0] - low).astype("<u2")
        change = np.diff(steps, axis=0)
        if smooth:
            change = np.diff(change, axis=0, prepend=0)
        # Signs into the lowest bit, so that small changes of either sign have an empty high byte.
        folded = np.where(change < 0, -2 * change - 1, 2 * change)
        if folded.max(initial=0) >= 2**16 or steps[0].max() - low >= 2**16:
            raise ValueError("paths that leap by more than can be packed")
        return {"low": low, "smooth": smooth, "at": self._add(_planes(np.vstack([first[None], folded]).astype("<u2")))}

    def ranks(self, values: np.ndarray) -> int:
        """Pack ranks between 0 and 1 in 65,536 steps."""
        return self._add(_planes(np.minimum(values * 2**16, 2**16 - 1).astype("<u2")))

    def numbers(self, values: np.ndarray) -> int:
        """Pack numbers in single precision."""
        return self._add(np.ascontiguousarray(values, dtype="<f4").tobytes())

    def text(self) -> str:
        """Return everything that was packed."""
        return base64.b64encode(zlib.compress(b"".join(self._parts), _LEVEL)).decode("ascii")

    def _add(self, part: bytes) -> int:
        if part not in self._known:
            self._known[part] = self._length
            self._parts.append(part)
            self._length += len(part)
        return self._known[part]


def _planes(values: np.ndarray) -> bytes:
    """Return the low bytes of all numbers, then the high ones: what is alike lies together."""
    pairs = values.ravel().view(np.uint8).reshape(-1, 2)
    return np.ascontiguousarray(pairs.T).tobytes()
