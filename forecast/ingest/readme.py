"""Keep the description of the tables current: hashes, sizes and ``data/README.md``, all from ``datapackage.json``.

After a table has been edited, one command brings the rest up to date and says whether the table still holds::

    python -m forecast.ingest.readme
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from forecast.core.files import atomic_file, sha256_of
from forecast.ingest.catalog import PACKAGE_FILE, UNLICENSED, data_directory, read_package

README_FILE = "README.md"
"""The page made from the description, beside the tables."""

_HEAD = """\
<!-- Made from datapackage.json by: python -m forecast.ingest.readme - do not edit by hand. -->

# {title}

{description}

**Licences.** The code of this project is under Apache-2.0. The data are not: every table keeps the licence of its
publisher, named below. Epoch AI's data are under CC BY 4.0, and this line goes wherever they are used:

> {epoch}

Tables marked "figures quoted as facts" collect single published numbers with their sources; the collection is under
Apache-2.0, the sources keep their own terms. Print the lines of the tables that you use with `forecast data cite`.

**Secondary readings.** Where a table has a column `secondary_reading`, `true` marks a figure that was read in a
second-hand text citing the source and was not checked against the primary.

**Conventions.** UTF-8, lines end with LF, an empty cell is missing (the language code `nan` is Min Nan Chinese). Check
all tables and hashes with `forecast data check`; after editing one, run `python -m forecast.ingest.readme`.

**A text.** `tiny_shakespeare.txt` is what the transformer of the collapse laboratory reads besides its generated language:
40,000 lines from plays of William Shakespeare, which are in the public domain, as Andrej Karpathy put them together for
char-rnn (<https://github.com/karpathy/char-rnn>, data/tinyshakespeare/input.txt), unchanged; 1,115,394 bytes,
`sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed`. No forecast reads it.

| table | rows | publisher | licence | snapshot |
|---|---:|---|---|---|
"""


_UNLICENSED_HEAD = """\
<!-- Made from datapackage.json by: python -m forecast.ingest.readme - do not edit by hand. -->

# {title}

{description}
"""


def render(package: Mapping[str, Any]) -> str:
    """Make the text of ``data/README.md``.

    Examples
    --------
    >>> render(read_package(data_directory())).splitlines()[2].startswith("# ")
    True
    """
    resources = package["resources"]
    epoch = next(resource["attribution"] for resource in resources if resource["name"] == "epoch_models")
    lines = [_HEAD.format(title=package["title"], description=package["description"], epoch=epoch).rstrip("\n")]
    lines += [
        f"| [{r['name']}](#{r['name']}) | {r['rows']} | {_cell(_publisher(r))} | {_cell(r['licenses'][0]['title'])} "
        f"| {r['snapshot']} |"
        for r in resources
    ]
    for resource in resources:
        lines += _section(resource)
    return "\n".join(lines) + "\n"


def render_unlicensed(package: Mapping[str, Any]) -> str:
    """Make the page beside the tables that no package carries.

    Examples
    --------
    >>> render_unlicensed({"title": "A", "description": "B.", "resources": []}).splitlines()[2]
    '# A'
    """
    lines = [_UNLICENSED_HEAD.format(**package).rstrip("\n")]
    for resource in package["resources"]:
        lines += _section(resource)
    return "\n".join(lines) + "\n"


def refresh(directory: Path | None = None) -> list[str]:
    """Bring hashes, sizes and row counts in ``datapackage.json`` up to date, and ``README.md`` with it.

    Examples
    --------
    >>> refresh()  # doctest: +SKIP
    []
    """
    folder = data_directory() if directory is None else directory
    changed = _refresh(folder, render)
    if (folder / UNLICENSED).is_dir():
        changed += _refresh(folder / UNLICENSED, render_unlicensed)
    return changed


def _refresh(folder: Path, text: Callable[[Mapping[str, Any]], str]) -> list[str]:
    package = read_package(folder)
    changed = []
    for resource in package["resources"]:
        path = folder / resource["path"]
        now = {"bytes": path.stat().st_size, "hash": f"sha256:{sha256_of(path)}", "rows": _count_rows(path)}
        if now["hash"] != resource["hash"]:
            changed.append(resource["name"])
        resource.update(now)
    _write(folder / PACKAGE_FILE, json.dumps(package, indent=2, ensure_ascii=False) + "\n")
    _write(folder / README_FILE, text(package))
    return changed


def main() -> int:
    """Refresh the shipped tables and check them.

    Examples
    --------
    >>> main()  # doctest: +SKIP
    0
    """
    changed = refresh()
    print(f"hashes changed: {', '.join(changed) or 'none'}")
    from forecast.ingest.schema import check_all

    findings = check_all()
    for finding in findings:
        print(finding.sentence(), file=sys.stderr)
    return 1 if findings else 0


def _section(resource: Mapping[str, Any]) -> list[str]:
    licence = resource["licenses"][0]
    schema = resource["schema"]
    lines = [
        "",
        f"## {resource['name']}",
        "",
        f"**{resource['title']}.** {resource['description']}",
        "",
        f"- Publisher: {_publisher(resource)}, {_link(resource['homepage'])}",
        f"- Newer: {resource.get('refresh') or 'by hand'}",
        f"- Licence: [{licence['title']}]({licence['path']})",
        f"- Credit: {resource['attribution']}",
        f"- Snapshot: {resource['snapshot']}; {resource['rows']} rows, {resource['bytes']} bytes, `{resource['hash']}`",
        f"- Read from: {'; '.join(_source(source) for source in resource['sources'])}",
    ]
    if schema.get("primaryKey"):
        lines.append(f"- One row for each: {', '.join(f'`{name}`' for name in schema['primaryKey'])}")
    lines += ["", "| column | unit | meaning |", "|---|---|---|"]
    lines += [f"| `{f['name']}` | {_cell(f['unit'])} | {_cell(f['description'])} |" for f in schema["fields"]]
    return lines


def _publisher(resource: Mapping[str, Any]) -> str:
    return str(resource["contributors"][0]["title"])


def _source(source: Mapping[str, str]) -> str:
    version = f", {source['version']}" if "version" in source else ""
    return f"[{source['title']}]({source['path']}){version}"


def _link(address: str) -> str:
    return f"<{address}>"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _count_rows(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as handle:
        return max(_length(csv.reader(handle)) - 1, 0)


def _length(rows: Iterable[object]) -> int:
    return sum(1 for _ in rows)


def _write(path: Path, text: str) -> None:
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    raise SystemExit(main())
