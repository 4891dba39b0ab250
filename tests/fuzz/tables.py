"""Model tables: headers that are known, near, doubled or foreign, cells of every kind, and the bytes around them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile

from hypothesis import strategies as st

from fuzz.cases import Case
from fuzz.hostile import dates, mangled, numbers, words

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
FILES = ["models.csv"] * 6 + [
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
        "{} {} {}".format, numbers, st.sampled_from(["tokens", "words", "images", "GB of text", "-" * 500]), words
    ),
)
CELLS = {"Domain": st.sampled_from(["Language", "Vision", "Multimodal", "Image", "Speech", "Biology", "Lange", ""])}


@st.composite
def header(draw: st.DrawFn) -> list[str]:
    """Return names of columns, mostly such that the table can be read."""
    sure = [draw(st.sampled_from(kind)) for kind in (NAMES, DAYS, SIZES)]
    more = draw(st.lists(st.one_of(st.sampled_from(OTHERS), st.sampled_from(SIZES), words), max_size=6))
    names = [*sure, *more] if draw(st.integers(0, 9)) else more
    return [draw(near).format(name) if draw(st.integers(0, 7)) == 0 else name for name in names]


@st.composite
def rows(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """Return a header and rows whose cells mostly fit it."""
    names = draw(header())
    records = []
    for number in range(draw(st.integers(0, 6))):
        record = []
        for name in names:
            fitting = (
                CELLS[name]
                if name in CELLS
                else dates
                if name in DAYS
                else notes
                if "notes" in name
                else st.one_of(words, st.just(f"Model {number}"))
                if name in NAMES
                else numbers
            )
            record.append(draw(words if draw(st.integers(0, 11)) == 0 else fitting))
        records.append(
            (record + draw(words.map(lambda word: [word])) * 2)[: len(names) + draw(st.integers(-1, 1)) // 1]
        )
    return names, records


@st.composite
def content(draw: st.DrawFn) -> bytes:
    """Return the bytes of a table, as a spreadsheet, a script or a broken download would leave them."""
    if draw(st.integers(0, 19)) == 0:
        return draw(
            st.one_of(st.binary(max_size=200), st.sampled_from(MARKS), words.map(lambda w: w.encode("utf-8", "ignore")))
        )
    names, records = draw(rows())
    form = draw(st.sampled_from(["csv"] * 8 + ["json", "zip"]))
    if form == "json":
        text = json.dumps([dict(zip(names, record, strict=False)) for record in records])
    else:
        handle = io.StringIO(newline="")
        quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
        end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
        csv.writer(handle, delimiter=draw(st.sampled_from(",,,;\t|")), quoting=quoting, lineterminator=end).writerows(
            [names, *records]
        )
        text = handle.getvalue()
    packed = text.encode(draw(st.sampled_from(["utf-8", *ENCODINGS])), "replace")
    packed = draw(st.sampled_from([b""] * 8 + MARKS)) + packed
    if form == "zip":
        handle = io.BytesIO()
        with zipfile.ZipFile(handle, "w") as archive:
            archive.writestr(draw(st.sampled_from(["xl/workbook.xml", "../out.csv", "a"])), packed)
        packed = handle.getvalue()
    if draw(st.integers(0, 9)) == 0:
        packed = gzip.compress(packed, mtime=0)
    return draw(mangled(packed)) if draw(st.integers(0, 5)) == 0 else packed


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
