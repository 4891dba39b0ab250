"""Tables as people have them: CSV, JSON, Excel or Parquet, compressed or not, as records of text cells.

What a file is shows in its first bytes, whatever its name. Every size is bounded before it is unpacked, and cells are
handed on as text, so that a number reads the same from every form.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import hashlib
import io
import itertools
import json
import re
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast.errors import InputError, MissingFileError

MOST_BYTES = 500_000_000
"""Largest table that is read, unpacked (bytes): 200,000 rows as long as Epoch's."""

MOST_JSON = 100_000_000
"""Largest JSON that is read (bytes): its values take some ten times as much in memory."""

MOST_CELLS = 50_000_000
"""Most cells of a table that is not text (count); such forms can hold far more cells than bytes."""

_CHUNK = 1 << 20  # bytes
_EXTRA = "tables"
_HTML = re.compile(r"<(!doctype|html|head|body|\?xml|!--)")


@dataclass(frozen=True)
class Records:
    """A table as text.

    Parameters
    ----------
    header : list of str
        Names of the columns as the file has them.
    rows : iterator of list of str
        The cells of each row; they can be fewer or more than the header's.
    notes : tuple of str
        What the reader should know of how the file was read.
    sha256 : str
        Of the file as it lies on disk.
    """

    header: list[str]
    rows: Iterator[list[str]]
    notes: tuple[str, ...] = ()
    sha256: str = ""


def read_records(path: Path) -> Records:
    """Read a table."""
    data = _read_bytes(path)
    found = records_of(data, str(path))
    return Records(found.header, found.rows, found.notes, hashlib.sha256(data).hexdigest())


def records_of(data: bytes, place: str) -> Records:
    r"""Read a table out of bytes.

    Examples
    --------
    >>> found = records_of(b'[{"model": "A", "tokens": 1.5e13}]', "here")
    >>> found.header, list(found.rows)
    (['model', 'tokens'], [['A', '1.5e13']])
    """
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(data, place)
    if data[:4] == b"PK\x03\x04":
        return _from_workbook(data, place)
    if data[:4] == b"PAR1":
        return _from_parquet(data, place)
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not utf16 and (b"\0" in data[:65536] or data[:4] == b"%PDF" or data[:2] == b"\x1f\x8b"):
        raise InputError(f"{place}, which is binary", "a model table in CSV (text)", "export it as CSV")
    encoding = "utf-16" if utf16 else "utf-8-sig" if _is_utf8(data) else "latin-1"  # of spreadsheets on many desktops
    text = io.TextIOWrapper(io.BytesIO(data), encoding, errors="replace", newline="")
    first = next((line for line in text if line.strip("\ufeff \t\r\n\0")), None)
    if first is None:
        raise InputError(f"{place}, which is empty", "a model table in CSV", "download or fill it again")
    first = first.lstrip("\ufeff ")
    if "\0" in first[:65536]:
        raise InputError(f"{place}, which is binary", "a model table in CSV (text)", "export it as CSV")
    if _HTML.match(first[:100].lstrip().lower()):
        raise InputError(f"{place}, which is a web page (HTML)", "a model table in CSV", "download the CSV itself")
    if first.lstrip()[:1] in ("[", "{"):
        return _from_json(first, text, _small(place, len(data), MOST_JSON))
    return _from_csv(first, text, place)


def _read_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}, which is a folder", "a CSV file", "name the file in it")
    try:
        with path.open("rb") as handle:
            data = handle.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise MissingFileError(f"no file {path}", "a model table in CSV", "check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise InputError(f"{path}, which cannot be read ({reason})", "a readable CSV file", "check it") from None
    _small(str(path), len(data))
    return data


def _small(place: str, size: int, most: int | None = None) -> str:
    """Refuse what is too large (bytes); else give the place back."""
    most = most or MOST_BYTES
    if size > most:
        raise InputError(
            f"{place}, which holds more than {most / 1e6:.0f} MB", "a smaller table", "keep only the columns needed"
        )
    return place


def _unpacked(data: bytes, place: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as handle:
            found = handle.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise InputError(
            f"{place}, which is binary (a damaged gzip file)", "a whole file", "download it again"
        ) from None
    _small(f"{place}, unpacked", len(found))
    return found


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(data[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _from_csv(first: str, rest: Iterable[str], place: str) -> Records:
    """Split text into records; broken quotes are an error, since they would swallow rows in silence."""
    named = re.fullmatch(r'"?sep=(.)"?\s*', first)
    lines = iter(rest) if named else itertools.chain([first], rest)
    outside = re.sub(r'"[^"]*"', "", first)
    counts = Counter({mark: outside.count(mark) for mark in ",;\t"})
    mark = named[1] if named else counts.most_common(1)[0][0]
    csv.field_size_limit(max(csv.field_size_limit(), 10_000_000))
    try:
        reader = csv.reader(lines, delimiter=mark, strict=True)
    except (TypeError, ValueError):
        raise InputError(
            f"{place}, whose first line names {mark!r}",
            "a separator such as ;",
            "write sep=; in the first line, or leave it out",
        ) from None
    rows = _whole(reader, place)
    header = next((record for record in rows if any(cell.strip() for cell in record)), None)
    if header is None:
        raise InputError(f"{place}, which is empty", "a model table in CSV", "download or fill it again")
    return Records(header, rows)


def _whole(reader: Any, place: str) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise InputError(
            f"{place} with broken CSV near line {reader.line_num} ({error})", "closed quotes", "correct that line"
        ) from None


def _from_json(first: str, rest: Iterable[str], place: str) -> Records:
    """Read a list of records, or one record a line."""
    try:
        if first.lstrip().startswith("{"):
            records = [_loads(line) for line in itertools.chain([first], rest) if not line.isspace()]
        else:
            records = _loads(first + "".join(rest))
    except (ValueError, RecursionError):
        records = None
    if (
        not records
        or not all(isinstance(record, dict) for record in records)
        or (len(records) == 1 and all(isinstance(value, dict) for value in records[0].values()))  # column by column
    ):
        raise InputError(
            f"{place}, which is JSON but no list of records", '[{"model": ...}, ...]', "export it as records"
        )
    header = list(dict.fromkeys(name for record in records for name in record))
    if len(header) * len(records) > MOST_CELLS:
        raise InputError(
            f"{place} with {len(header)} names of columns",
            "the same ones in every record",
            "give every record the same names",
        )
    return Records(header, ([_text(record.get(name)) for name in header] for record in records))


def _loads(text: str) -> Any:
    # Numbers stay the text that they are; of two equal names the first one counts, as everywhere else.
    return json.loads(
        text,
        parse_int=str,
        parse_float=str,
        parse_constant=str,
        object_pairs_hook=lambda pairs: dict(pairs) | dict(pairs[::-1]),
    )


def _from_workbook(data: bytes, place: str) -> Records:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = {part.filename: part.file_size for part in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, OSError):
        sizes = {}
    if "xl/workbook.xml" not in sizes:
        raise InputError(f"{place}, which is binary (a zip archive)", "a table", "unpack it, or export it as CSV")
    _small(f"{place}, unpacked", sum(sizes.values()))
    try:
        import openpyxl
    except ImportError:
        raise _without("openpyxl", place) from None
    rows = _cells_of_workbook(openpyxl, data, place)
    names = next(rows)
    header = next(rows, None)
    if header is None:
        raise InputError(f"{place}, which is empty", "a sheet with a model table", "add the table to it")
    others = ", ".join(repr(name[:40]) for name in names[1:6])
    notes = (f"only the first sheet is read, {names[0][:40]!r}, and not {others}",) if others else ()
    return Records(header, rows, notes)


def _cells_of_workbook(openpyxl: Any, data: bytes, place: str) -> Iterator[list[str]]:
    """Give the names of the sheets, then the rows of the first one that are not blank."""
    count = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and checks that no reader of cells needs
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        yield [sheet.title for sheet in book.worksheets]
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file claims of its own extent may be far too much
        for row in sheet.iter_rows(values_only=True):
            count += 1 + len(row)
            if count > MOST_CELLS:
                break
            cells = [_text(value) for value in row]
            if any(cells):
                yield cells
    except Exception:  # a damaged workbook fails in any of the parser's many ways
        raise InputError(f"{place}, a damaged workbook", "a whole .xlsx file", "export it as CSV") from None
    if count > MOST_CELLS:
        raise InputError(f"{place} with more than {MOST_CELLS:,} cells", "a smaller sheet", "export it as CSV")


def _from_parquet(data: bytes, place: str) -> Records:
    try:
        import pyarrow as pa
        import pyarrow.parquet as parquet
    except ImportError:
        raise _without("pyarrow", place) from None
    broken = InputError(f"{place}, a damaged Parquet file", "a whole one", "export it again, or as CSV")
    try:
        file = parquet.ParquetFile(pa.BufferReader(data))
        meta = file.metadata
        unpacked = sum(meta.row_group(number).total_byte_size for number in range(meta.num_row_groups))
        header = [str(name) for name in file.schema_arrow.names]
    except (pa.ArrowException, OSError, ValueError):
        raise broken from None
    _small(f"{place}, unpacked", unpacked)
    if meta.num_rows * max(1, len(header)) > MOST_CELLS:
        raise InputError(f"{place} with more than {MOST_CELLS:,} cells", "a smaller table", "keep the columns needed")

    def rows() -> Iterator[list[str]]:
        held = 0
        try:
            for batch in file.iter_batches(batch_size=256):
                columns = [[_text(value) for value in column.to_pylist()] for column in batch.columns]
                held += sum(len(cell) for column in columns for cell in column)
                _small(f"{place}, unpacked", held)
                yield from (list(row) for row in zip(*columns, strict=True))
        except InputError:
            raise
        except (pa.ArrowException, OSError, ValueError):
            raise broken from None

    return Records(header, rows())


def _without(package: str, place: str) -> InputError:
    return InputError(
        f"{place}, which needs {package} to be read",
        f"the extra {_EXTRA!r}",
        f'pip install "data-depletion[{_EXTRA}]", or save it as CSV',
    )


def _text(value: Any) -> str:
    """Return a value as the text that a CSV would have."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return ",".join(value)
    if isinstance(value, float) and value != value:
        return ""
    return repr(value) if isinstance(value, int | float) else str(value)
