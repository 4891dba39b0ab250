"""Compiled templates are kept beside the templates, taken for the same text alone, and never written unasked."""

from __future__ import annotations

import sys

import jinja2
import pytest

from forecast.report import _TEMPLATES
from forecast.report.compiled_templates import CompiledTemplates


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    (tmp_path / "a.html").write_text("one {{ word }}")
    return tmp_path


def page(folder):
    """Return what a new process would fill in, and how often it compiled."""
    compiled = []

    class Counting(jinja2.Environment):
        def compile(self, *given, **named):
            compiled.append(1)
            return super().compile(*given, **named)

    environment = Counting(loader=jinja2.FileSystemLoader(folder), bytecode_cache=CompiledTemplates(folder))
    return environment.get_template("a.html").render(word="more"), len(compiled)


def test_a_template_is_compiled_once(folder):
    assert [page(folder) for _ in range(3)] == [("one more", 1), ("one more", 0), ("one more", 0)]
    assert len(list((folder / "__pycache__").iterdir())) == 1


def test_another_text_is_compiled_again(folder):
    page(folder)
    (folder / "a.html").write_text("two {{ word }}")
    assert page(folder) == ("two more", 1)


@pytest.mark.parametrize("content", [b"", b"\0" * 60, b"no byte code"])
def test_a_damaged_one_is_compiled_again(folder, content):
    page(folder)
    (entry,) = (folder / "__pycache__").iterdir()
    entry.write_bytes(content)
    assert page(folder) == ("one more", 1)
    assert page(folder) == ("one more", 0)


def test_none_is_kept_where_python_keeps_none(folder, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert [page(folder) for _ in range(2)] == [("one more", 1)] * 2
    assert not (folder / "__pycache__").exists()


def test_they_lie_where_python_would_put_them(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    assert CompiledTemplates(_TEMPLATES).folder.is_relative_to(tmp_path)
