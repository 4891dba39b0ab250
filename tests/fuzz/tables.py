"""Model tables: headers that are known, near, doubled or foreign, cells of every kind, and the bytes around them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile

from hypothesis import strategies as st

from fuzz.cases import Case
from fuzz.hostile import dates, mangled, numbers, rarely, words

NAMES = ["Model", "System", "model", "Model name", "model_name"]
DAYS = ["Publication date", "date", "publication_date", "Release date"]
SIZES = [
    "Training dataset size (total)", "Training dataset size (gradients)", "Training dataset size (datapoints)", "tokens",
    "(DEPRECATED) Training dataset size (datapoints)", "Training dataset size", "dataset_size", "Training dataset size (GB)",
    "Training dataset size (billions of tokens)", "Dataset size words", "Training dataset size (total) lower bound",
]  # fmt: skip
OTHERS = [
    "Organization", "Domain", "Task", "Training dataset size notes", "Dataset size notes", "Confidence", "Epochs", "Parameters",
    "Parameters notes", "Active parameters", "Training compute (FLOP)", "Open model weights?", "Model accessibility", "Link",
    "Country (of organization)", "Base model", "Finetune compute (FLOP)", "Training dataset size source", "dataset_unit",
    "unit_basis", "is_finetune", "Training dataset",
]  # fmt: skip
ENCODINGS = ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-be", "utf-32", "utf-7"]
FILES = ["models.csv"] * 20 + [
    "models.tsv",
    "models.json",
    "models.xlsx",
    "models.parquet",
    "models.csv.gz",
    "models",
    "a\x1bb.csv",
]
MARKS = [
    b"",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"PAR1",
    b"sep=;\n",
    b"\0",
    b"<html>",
    b"\r",
]

near = st.sampled_from(
    ["{}", " {} ", "{}s", "{} notes", "{} source", "{} lower bound", "{} (billions of tokens)", "({})"]
)
notes = st.one_of(
    words,
    st.sampled_from(
        ["1.4T tokens", "[WORDS] 3e11", "3e11 words = 4e11 tokens", "2 epochs over 1e12 tokens", "1.05e15"]
    ),
    st.builds(
        "{} {} {}".format, numbers, st.sampled_from(["tokens", "words", "images", "GB of text", "-" * 30_000]), words
    ),
)
CELLS = {"Domain": st.sampled_from(["Language", "Vision", "Multimodal", "Image", "Speech", "Biology", "Lange", ""])}


@st.composite
def header(draw: st.DrawFn) -> list[str]:
    """Return names of columns, mostly such that the table can be read."""
    sure = [draw(st.sampled_from(kind)) for kind in (NAMES, DAYS, SIZES)]
    more = draw(st.lists(st.one_of(*[st.sampled_from(OTHERS)] * 6, st.sampled_from(SIZES), words), max_size=6))
    if rarely(draw, 12):
        sure = draw(st.permutations(sure))[:2]
    return [draw(near).format(name) if rarely(draw, 25) else name for name in [*sure, *more]]


@st.composite
def rows(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """Return a header and rows whose cells mostly fit it; two sound ones mostly come first, so that others are read."""
    names = draw(header())
    records = []
    sound = 0 if rarely(draw, 6) else 2
    for number in range(sound + draw(st.integers(0, 5))):
        record = []
        for name in names:
            if number < sound and name in (*NAMES, *DAYS, *SIZES):
                kept = (
                    f"Model {number}"
                    if name in NAMES
                    else f"202{number + 2}-05-01"
                    if name in DAYS
                    else f"{number + 1}e12"
                )
                record.append(kept)
                continue
            fitting = numbers
            if name in CELLS:
                fitting = CELLS[name]
            elif name in DAYS:
                fitting = dates
            elif name in NAMES:
                fitting = words
            elif "notes" in name:
                fitting = notes
            record.append(draw(words if rarely(draw, 15) else fitting))
        if rarely(draw, 15):
            record = record[:-1] if draw(st.booleans()) else [*record, draw(words)]
        records.append(record)
    return names, records


@st.composite
def content(draw: st.DrawFn) -> bytes:
    """Return the bytes of a table, as a spreadsheet, a script or a broken download would leave them."""
    damage = draw(
        st.sampled_from(["none"] * 12 + ["encoding", "mark", "gzip", "zip", "json", "mangled", "bytes", "mark"])
    )
    if damage == "bytes":
        return draw(
            st.one_of(st.binary(max_size=200), st.sampled_from(MARKS), words.map(lambda w: w.encode("utf-8", "ignore")))
        )
    names, records = draw(rows())
    if damage == "json":
        return json.dumps([dict(zip(names, record, strict=False)) for record in records]).encode()
    text = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if rarely(draw, 4) else csv.QUOTE_MINIMAL
    delimiter, end = draw(st.sampled_from(",,,,,;\t")), draw(st.sampled_from(["\n", "\r\n"]))
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows([names, *records])
    packed = text.getvalue().encode(draw(st.sampled_from(ENCODINGS)) if damage == "encoding" else "utf-8", "replace")
    if damage == "mark":
        return draw(st.sampled_from(MARKS)) + packed
    if damage == "zip":
        handle = io.BytesIO()
        with zipfile.ZipFile(handle, "w") as archive:
            archive.writestr(draw(st.sampled_from(["xl/workbook.xml", "../out.csv", "a"])), packed)
        return handle.getvalue()
    if damage == "gzip":
        return gzip.compress(packed, mtime=0)
    return draw(mangled(packed)) if damage == "mangled" else packed


@st.composite
def tables(draw: st.DrawFn) -> Case:
    """Return a case about a model table."""
    name = draw(st.sampled_from(FILES))
    arguments = draw(
        st.sampled_from(
            [
                ("data", "check", name, "--rejected"),
                ("data", "check", name, "--rejected", "--json"),
                ("data", "check", name),
                ("run", "--models", name, "--out", "out"),
                ("run", "--models", name, "--out", "out", "--json", "--as-of", "2024-06-30"),
                ("report", "--models", name, "--out", "out", "--quiet"),
                ("api:load_models", name),
            ]
        )
    )
    return Case(arguments, ((name, draw(content())),))
