"""Mutation testing: small faults are put into modules that decide the answer, and the tests have to notice them.

    make mutate                          300 mutants of all modules, drawn by SEED
    make mutate SEED=7 MUTANTS=100       others, fewer; MUTANTS=0 takes all
    make mutate MODULES="passage scores" only modules whose path holds one of these words

A mutant changes one operator, comparison, number, condition or function of a family (least and most, any and all). What
is no behaviour stays: texts, annotations, decorators, errors that are raised. Nothing is written: a process is forked
for each mutant, into which the changed module is imported, and runs the fast tests of that module until one fails. No
tool that is published does both, sample by a seed and spare the import of the libraries, which takes longer than the
tests.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import random
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.txt")

# Which tests answer for which modules, the quick ones first. The module's own examples come before all of them; the
# fingerprints are left out, since they would notice everything and say nothing about the tests.
LEVERS = (
    "closed_forms/test_closed_levers",
    "test_constants",
    "test_levers_repetition",
    "test_levers_dependence",
    "test_levers",
)
TESTS: dict[str, tuple[str, ...]] = {
    "forecast/runs/passage.py": (
        "closed_forms/test_closed_passage",
        "test_constants",
        "test_definitions",
        "test_exhaustion",
    ),
    "forecast/runs/events.py": ("closed_forms/test_closed_passage", "test_constants", "test_definitions"),
    "forecast/consumption/observation.py": (
        "closed_forms/test_closed_observation",
        "test_constants",
        "test_observation",
    ),
    "forecast/evaluate/backtest/scores.py": ("closed_forms/test_closed_scores", "test_constants", "test_scores"),
    "forecast/evaluate/backtest/comparison.py": ("closed_forms/test_closed_scores", "test_coverage", "test_scores"),
    "forecast/scenarios/levers/*.py": LEVERS,
}
LAST = "golden"  # for what the others let pass; says nothing about where the fault is

# Imported once, before the forks: libraries, and rooms that import none of the modules above.
BEFORE = (
    "numpy", "scipy.stats", "pandas", "xarray", "hypothesis", "pytest", "pymc", "scoringrules", "h5py", "hypothesis.extra.numpy",
    "forecast.core.netcdf", "forecast.core.summaries", "forecast.core.trajectory", "forecast.core.distributions",
    "forecast.core.priors", "forecast.ingest.corpora", "forecast.ingest.models", "forecast.fits.gate",
    "forecast.collapse.yields",
)  # fmt: skip

_SWAPS: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr, ast.MatMult: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
_FAMILIES = ("minimum maximum", "min max", "any all", "zeros ones", "floor ceil", "log10 log", "sum mean", "expm1 exp")
_NAMES = {a: b for pair in _FAMILIES for a, b in (pair.split(), pair.split()[::-1])}
_KEYWORDS = {"strict", "divide", "invalid", "dtype"}  # that lengths agree is asserted, warnings are no result


@dataclass(frozen=True)
class Mutant:
    """One small fault."""

    module: str
    line: int
    column: int
    text: str
    before: str
    after: str
    tree: ast.Module = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """What names it in the list of equivalent ones: the line itself, since numbers of lines move."""
        return f"{self.module} | {self.text} | {self.before} -> {self.after}"


def mutants_of(path: Path) -> list[Mutant]:
    """Return every mutant of a module."""
    source = path.read_text(encoding="utf-8")
    tree, lines = ast.parse(source), source.splitlines()
    found = []
    for steps in _places(tree):
        for before, changed, after in _changes(_at(tree, steps)):
            mutated = copy.deepcopy(tree)
            node = _at(mutated, steps)
            _put(mutated, steps, ast.copy_location(changed(node), node))
            ast.fix_missing_locations(mutated)
            line, column = getattr(_at(tree, steps), "lineno", 0), getattr(_at(tree, steps), "col_offset", 0)
            found.append(
                Mutant(path.relative_to(ROOT).as_posix(), line, column, lines[line - 1].strip(), before, after, mutated)
            )
    return found


def _places(node: ast.AST, steps: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the ways to all nodes that are behaviour."""
    if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.keyword) and node.arg in _KEYWORDS:
        return
    yield steps
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        return  # -1 is one number
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params", "ctx"):
            continue
        if isinstance(value, list):
            for place, each in enumerate(value):
                if isinstance(each, ast.AST):
                    yield from _places(each, (*steps, (name, place)))
        elif isinstance(value, ast.AST):
            yield from _places(value, (*steps, (name, None)))


def _changes(node: ast.AST) -> Iterator[tuple[str, Any, str]]:
    """Yield before, what changes a copy of the node, and after."""

    def told(changed: Any) -> tuple[str, Any, str]:
        return ast.unparse(node).split("\n")[0], changed, ast.unparse(changed(copy.deepcopy(node))).split("\n")[0]

    if isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in _SWAPS:
        yield told(lambda n: _with(n, op=_SWAPS[type(n.op)]()))
    if isinstance(node, ast.Compare) and all(type(op) in _SWAPS for op in node.ops):
        yield told(lambda n: _with(n, ops=[_SWAPS[type(op)]() for op in n.ops]))
    if isinstance(node, ast.UnaryOp):
        yield told(lambda n: n.operand)
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield told(lambda n: _with(n, test=ast.UnaryOp(ast.Not(), n.test)))
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield told(lambda n: ast.Constant(not n.value))
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield told(lambda n: ast.Constant(n.value + 1))
    elif isinstance(node, ast.Constant) and isinstance(node.value, float):
        yield told(lambda n: ast.Constant(n.value * 1.25 if n.value else 1.0))
    if isinstance(node, ast.Attribute) and node.attr in _NAMES:
        yield told(lambda n: _with(n, attr=_NAMES[n.attr]))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _NAMES:
        yield told(lambda n: _with(n, func=ast.Name(_NAMES[n.func.id], ast.Load())))


def _with(node: Any, **changes: Any) -> Any:
    for name, value in changes.items():
        setattr(node, name, value)
    return node


def _at(node: Any, steps: tuple[Any, ...]) -> Any:
    for name, place in steps:
        node = getattr(node, name) if place is None else getattr(node, name)[place]
    return node


def _put(tree: ast.AST, steps: tuple[Any, ...], new: ast.AST) -> None:
    parent, (name, place) = _at(tree, steps[:-1]), steps[-1]
    if place is None:
        setattr(parent, name, new)
    else:
        getattr(parent, name)[place] = new


class _Changed(SourceFileLoader):
    """Loads a module from a changed tree."""

    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self.tree = tree

    def get_code(self, fullname: str) -> Any:
        return compile(self.tree, self.path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the changed module before the true one."""

    def __init__(self, mutant: Mutant) -> None:
        parts = Path(mutant.module).with_suffix("").parts
        self.package = parts[-1] == "__init__"
        self.name = ".".join(parts[:-1] if self.package else parts)
        self.loader = _Changed(self.name, str(ROOT / mutant.module), mutant.tree)

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname != self.name:
            return None
        places = [str(Path(self.loader.path).parent)] if self.package else None
        return importlib.util.spec_from_file_location(
            fullname, self.loader.path, loader=self.loader, submodule_search_locations=places
        )


def tests_of(module: str) -> list[str]:
    """Return what is run for a module: its own examples, its tests, and the golden forecast at last."""
    names = next(tests for pattern, tests in TESTS.items() if Path(module).match(pattern))
    return [module, *(f"tests/{name}.py" for name in names if (ROOT / f"tests/{name}.py").exists()), f"tests/{LAST}"]


def run_tests(mutant: Mutant | None, module: str, told: int) -> None:
    """Run the tests in this process, which is a fork, and tell which one failed first."""
    import pytest

    first: list[str] = []

    class Plugin:
        def pytest_sessionstart(self) -> None:
            if mutant is not None:  # before the finder by which pytest rewrites assertions
                sys.meta_path.insert(0, _Finder(mutant))

        def pytest_runtest_logreport(self, report: Any) -> None:
            if report.failed and not first:
                first.append(report.nodeid)

        def pytest_collectreport(self, report: Any) -> None:
            if report.failed and not first:
                first.append(f"{report.nodeid} (import)")

    options = [
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "no:timeout",
        "--no-header",
        "-o",
        "addopts=",
    ]
    code = 0
    for path in tests_of(module):  # one after the other: what is not needed is not even collected
        plugin = Plugin()
        code = pytest.main(["--doctest-modules", "-m", "not slow", *options, path], plugins=[plugin])
        code = 0 if code == pytest.ExitCode.NO_TESTS_COLLECTED else code
        if code or first:
            break
    os.write(told, (first[0] if first else "" if code == 0 else f"exit code {int(code)}").encode()[:500])


def judge(mutant: Mutant | None, module: str, folder: str) -> tuple[int, int]:
    """Start the tests against a mutant; return the process and where it tells."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    os.setsid()
    os.close(reading)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    try:
        run_tests(mutant, module, writing)
    except BaseException as problem:  # a mutant may do anything
        os.write(writing, f"{type(problem).__name__} outside a test".encode())
    finally:
        os._exit(0)


def run_all(tasks: list[tuple[Mutant | None, str]], workers: int, limit: float, minutes: float) -> dict[Any, str]:
    """Return the first test that fails for each mutant, empty where none does; as many as the minutes allow.

    A task without a mutant asks whether the tests of its module hold as they are.
    """
    waiting, running, found = list(tasks), {}, {}
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="forecast-mutants-") as folder:
        while waiting or running:
            while waiting and len(running) < workers:
                if time.monotonic() - begun > 60 * minutes:
                    waiting.clear()
                    break
                mutant, module = waiting.pop(0)
                process, reading = judge(mutant, module, folder)
                running[process] = mutant or module, reading, time.monotonic()
            time.sleep(0.05)
            for process, (name, reading, since) in list(running.items()):
                late = time.monotonic() - since > limit
                if late:
                    os.killpg(process, signal.SIGKILL)
                if os.waitpid(process, 0 if late else os.WNOHANG)[0] or late:
                    with os.fdopen(reading, "rb") as pipe:
                        said = pipe.read().decode()
                    found[name] = "took too long" if late else said
                    del running[process]
                    if isinstance(name, Mutant) and not said and not late:
                        print(f"{len(found)} of {len(tasks)}, alive: {name.name}", file=sys.stderr, flush=True)
    return found


def equivalent() -> dict[str, str]:
    """Return the mutants that change nothing, each with the reason."""
    lines = [line for line in EQUIVALENT.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {name.strip(): reason.strip() for name, _, reason in (line.rpartition(" | ") for line in lines)}


def main() -> int:
    """Draw mutants, try each, and say what was killed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutants", type=int, default=300, help="how many; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for one mutant")
    parser.add_argument("--minutes", type=float, default=20.0, help="no mutant is begun later")
    parser.add_argument("--aim", type=float, default=0.90, help="share killed below which the exit code is 1")
    parser.add_argument("modules", nargs="*", help="words in the paths of modules")
    asked = parser.parse_args()
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)  # threads of BLAS rest
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    sys.dont_write_bytecode = True
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    paths = [path for pattern in TESTS for path in sorted(ROOT.glob(pattern))]
    paths = [path for path in paths if not asked.modules or any(word in str(path) for word in asked.modules)]
    every = [mutant for path in paths for mutant in mutants_of(path)]
    left_out = equivalent()
    counted = [mutant for mutant in every if mutant.name not in left_out]
    chosen = counted
    if asked.mutants and asked.mutants < len(counted):
        chosen = random.Random(asked.seed).sample(counted, asked.mutants)
    for name in BEFORE:
        importlib.import_module(name)
    first = {tests_of(path.relative_to(ROOT).as_posix())[1]: path.relative_to(ROOT).as_posix() for path in paths}
    broken = {
        module: said for module, said in run_all([(None, m) for m in first.values()], 2, 600.0, 60.0).items() if said
    }
    if broken:
        print(f"got tests that fail without any mutant: {broken}, expected none: make them pass first")
        return 2
    found = run_all([(mutant, mutant.module) for mutant in chosen], asked.workers, asked.limit, asked.minutes)
    if len(found) < len(chosen):
        print(f"stopped after {asked.minutes:g} minutes: {len(found)} of the {len(chosen)} mutants drawn were tried")
        chosen = [mutant for mutant in chosen if mutant in found]
    alive = [mutant for mutant in chosen if not found[mutant]]
    for module in dict.fromkeys(mutant.module for mutant in every):
        mine = [mutant for mutant in chosen if mutant.module == module]
        dead = [mutant for mutant in mine if found[mutant]]
        late = sum(found[mutant].startswith(f"tests/{LAST}") for mutant in dead)
        print(
            f"{module:48} {len(dead):4} of {len(mine):4} killed"
            + (f", {late} by the golden forecast alone" if late else "")
        )
    for mutant in alive:
        print(f"survived: {mutant.name}  (line {mutant.line})")
    share = 1 - len(alive) / max(len(chosen), 1)
    late = sum(said.startswith(f"tests/{LAST}") for said in found.values())
    print(
        f"{share:.1%} killed of {len(chosen)} mutants (seed {asked.seed}), {late} of them by the golden forecast alone; "
        f"{len(every)} in all, {len(every) - len(counted)} of which are equivalent"
    )
    return 0 if share >= asked.aim else 1


if __name__ == "__main__":
    sys.exit(main())
