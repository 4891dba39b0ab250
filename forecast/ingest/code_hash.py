"""What code does, as a hash: comments, docstrings and layout do not count, so that words may be mended."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from functools import cache
from pathlib import Path

from forecast.errors import MissingFileError

_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER}
_MARKS = {tokenize.NEWLINE: "<newline>", tokenize.INDENT: "<indent>", tokenize.DEDENT: "<dedent>"}


@cache
def code_hash(part: str) -> str:
    """Return a hash of what a module or a folder of the package does, whatever its comments and docstrings say.

    Parameters
    ----------
    part : str
        Relative to the package.

    Returns
    -------
    str
        64 hexadecimal digits; the same for every Python and every line length.

    Raises
    ------
    MissingFileError
        If there is no such module or folder.

    Examples
    --------
    >>> len(code_hash("priors.py"))
    64
    """
    package = Path(__file__).resolve().parents[1]
    place = package / part
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    if not files or not all(file.is_file() for file in files):
        raise MissingFileError(f"no code at {place}", "a module or a folder of this package", "mend the name")
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(package).as_posix().encode() + b"\0")
        digest.update(meaning(file.read_text(encoding="utf-8")).encode())
    return digest.hexdigest()


def meaning(source: str) -> str:
    r"""Return a Python source without comments, docstrings and layout.

    Parameters
    ----------
    source : str
        Python code.

    Returns
    -------
    str
        Its tokens, one a line.

    Examples
    --------
    >>> meaning("def f():  # why\n    'What.'\n    return (1,\n 2)") == meaning("def f():\n  return (1, 2)")
    True
    """
    texts = {
        (node.value.lineno, node.value.col_offset)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    kept: list[str] = []
    in_text = False
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        # Adjacent literals of one docstring follow each other; the first of them opens it, a line's end closes it.
        in_text = (in_text and token.type in (tokenize.STRING, tokenize.NL)) or token.start in texts
        if in_text or token.type in _LAYOUT:
            continue
        mark = _MARKS.get(token.type, token.string)
        if mark != _MARKS[tokenize.NEWLINE] or (kept and kept[-1] not in _MARKS.values()):
            kept.append(mark)
    return "\n".join(kept)
