"""Page templates as Python compiles them, kept where Python keeps its own: to compile them takes longer than to fill them.

They lie in the ``__pycache__`` of their folder (or below ``sys.pycache_prefix``), never in the cache of fits: whoever may
write code there may change the package itself. Where Python is told to write no byte code, none is kept.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

from forecast.core.files import atomic_file
from forecast.errors import OutputError
from forecast.fits.kept import versions


class CompiledTemplates(jinja2.BytecodeCache):
    """Compiled templates of one folder: Jinja finds one by its name, and takes it only for the same text of it.

    Parameters
    ----------
    templates : pathlib.Path
        The folder of the templates.

    Examples
    --------
    >>> CompiledTemplates(Path("templates")).folder.name
    '__pycache__'
    """

    def __init__(self, templates: Path) -> None:
        self.folder = Path(importlib.util.cache_from_source(str(templates / "any.py"))).parent

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take a compiled template, if there is one of the same text."""
        with contextlib.suppress(OSError), self._place(bucket).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template."""
        if sys.dont_write_bytecode:
            return
        # A folder that cannot be written costs time, no more.
        with contextlib.suppress(OSError, OutputError), atomic_file(self._place(bucket)) as temporary:
            temporary.write_bytes(bucket.bytecode_to_string())

    def _place(self, bucket: Bucket) -> Path:
        made_by = f"jinja2-{versions(('jinja2',))['jinja2']}.{sys.implementation.cache_tag}"
        return self.folder / f"{bucket.key}.{made_by}.pyc"


__all__ = ["CompiledTemplates"]
