"""Notebooks: run in fresh kernels of this interpreter, and written back without what differs from run to run.

As a program it makes them anew, with the fits that are kept: ``python tests/make_notebooks.py [NAME ...]``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
"""All that a notebook says of itself: no version and no machine."""

TIMEOUT = 900
"""Longest that one cell may take (s): fits that are not kept yet take minutes."""

_RANDOM_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def notebooks() -> list[Path]:
    """Return every notebook, in reading order."""
    return sorted(FOLDER.glob("*.ipynb"))


def executed(path: Path, *, first: str = "", **environment: str) -> Any:
    """Return a notebook with new outputs; a cell that fails raises.

    Parameters
    ----------
    path : pathlib.Path
        The notebook, which stays as it is.
    first : str, optional
        Code that runs before its first cell and leaves no trace, such as a test's short sampling.
    **environment : str
        Variables of the kernel's process, beside those of this one.

    Returns
    -------
    nbformat.NotebookNode
        As `cleaned` leaves it.
    """
    import nbformat
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from nbclient import NotebookClient

    class ThisPython(KernelSpecManager):
        """The interpreter that runs this, whatever kernels are installed."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=argv, display_name=kernel_name, language="python")

    node = nbformat.read(path, as_version=4)
    if first:
        node.cells.insert(0, nbformat.v4.new_code_cell(first))
    with tempfile.TemporaryDirectory() as scratch:
        manager = AsyncKernelManager(
            kernel_spec_manager=ThisPython(), connection_file=os.path.join(scratch, "kernel.json")
        )
        client = NotebookClient(
            node, km=manager, timeout=TIMEOUT, record_timing=False, resources={"metadata": {"path": scratch}}
        )
        # A kernel says on its own stderr that its sockets are not encrypted; what cells say is kept in their outputs.
        client.execute(cleanup_kc=True, env=_environment(scratch, environment), stderr=subprocess.DEVNULL)
    if first:
        del node.cells[0]
    return cleaned(node)


def cleaned(node: Any) -> Any:
    """Return a notebook without what differs from run to run: counts, ids, and the outputs that tell of progress.

    Parameters
    ----------
    node : nbformat.NotebookNode
        The notebook; it is changed.

    Returns
    -------
    nbformat.NotebookNode
        The same.
    """
    from forecast.cli.notebook import PROGRESS

    node.metadata = METADATA
    count = 0
    ids: dict[str, str] = {}
    for place, cell in enumerate(node.cells, 1):
        cell.id, cell.metadata = f"cell-{place:02}", {}
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        cell.outputs = [output for output in cell.outputs if output.get("metadata") != PROGRESS]
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
            for kind, text in output.get("data", {}).items():
                if isinstance(text, str) and kind.startswith("text/"):
                    # xarray names the parts of its tables at random.
                    output.data[kind] = _RANDOM_ID.sub(lambda m: ids.setdefault(m[0], f"part-{len(ids)}"), text)
    return node


def noise(node: Any) -> list[str]:
    """Return what a notebook says on stderr, which no reader should have to see."""
    outputs = (output for cell in node.cells if cell.cell_type == "code" for output in cell.outputs)
    return [output.text for output in outputs if output.get("name") == "stderr"]


def _environment(scratch: str, more: dict[str, str]) -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    own = {"PYTHONPATH": path, "IPYTHONDIR": scratch, "PYDEVD_DISABLE_FILE_VALIDATION": "1", "NO_COLOR": "1"}
    return {**os.environ, **own, **more}


def _source(error: Exception) -> str:
    """Return the cell that failed, which stands between the first two rules of its traceback."""
    return str(error).split("------------------")[1].strip()


def main(names: Sequence[str]) -> int:
    """Make the notebooks of these names anew, all of them where none is given."""
    import nbformat
    from nbclient.exceptions import CellExecutionError

    chosen: Iterable[Path] = [path for path in notebooks() if not names or path.stem in names]
    for path in chosen:
        print(f"executing {path.name}", file=sys.stderr, flush=True)
        try:
            node = executed(path)
        except CellExecutionError as error:
            print(f"error: {path.name}: {error.ename}: {error.evalue}\n{_source(error)}", file=sys.stderr)
            return 1
        if said := noise(node):
            print(f"error: {path.name} says on stderr: {said[0].strip()}", file=sys.stderr)
            return 1
        nbformat.validate(node)
        nbformat.write(node, path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
