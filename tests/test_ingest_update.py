"""The newest model table: what a server may send, what has changed, and that the old table stays."""

from __future__ import annotations

import csv
import io
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from forecast.cli.main import main
from forecast.errors import InputError, MissingFileError
from forecast.ingest import download
from forecast.ingest import update as module
from forecast.ingest.corpora import audited_as_of
from forecast.ingest.download import fetch
from forecast.ingest.fetched import LATEST, data_folder, latest
from forecast.ingest.models import read_models
from forecast.ingest.update import compare, record_of, update

HEADER = ("Model", "Organization", "Publication date", "Domain", "Training dataset size (total)", "Confidence")
GIB = 2**30


def table(*more: tuple[str, ...], header: tuple[str, ...] = HEADER, drop: str = "", sizes: float = 1e9) -> bytes:
    """A small model table: one model a quarter from 2018 on, and some more."""
    rows = [
        (
            f"model {year} {month}",
            "Someone",
            f"{year}-{month:02}-11",
            "Language",
            f"{sizes * 2 ** (year - 2018)}",
            "Likely",
        )
        for year in range(2018, 2026)
        for month in (1, 4, 7, 10)
    ]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *(row for row in rows if row[0] != drop), *more])
    return text.getvalue().encode()


def first(rows: int) -> bytes:
    """The first rows of the small table."""
    return b"\n".join(table().split(b"\n")[: 1 + rows]) + b"\n"


Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Gives the answer that the test has set for a path."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.close_connection = True
        try:
            self.server.answers[self.path](self)
        except (BrokenPipeError, ConnectionResetError):
            self.server.hung_up.set()

    def log_message(self, *words: object) -> None:
        pass

    def begin(self, code: int = 200, **headers: object) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()


class Server(ThreadingHTTPServer):
    """A server on this machine alone."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.hung_up = threading.Event()
        self.sent = 0

    def handle_error(self, request: object, client_address: object) -> None:
        pass

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def gives(self, body: bytes, path: str = "/models.csv") -> str:
        def answer(handler: Handler) -> None:
            handler.begin(Content_Length=len(body), Content_Type="text/csv")
            handler.wfile.write(body)

        return self.does(answer, path)

    def does(self, answer: Answer, path: str = "/models.csv") -> str:
        self.answers[path] = answer
        return self.address + path


@pytest.fixture
def server(monkeypatch, tmp_path) -> Iterator[Server]:
    """A server, a data folder of the test's own, and no proxy between."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("FORECAST_DATA", str(tmp_path / "data"))
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()


# --- what goes wrong: one line, exit code 2, the old table stays


def cut_off(handler: Handler) -> None:
    body = table()
    handler.begin(Content_Length=len(body))
    handler.wfile.write(body[: len(body) // 2])


def cut_off_in_chunks(handler: Handler) -> None:
    handler.begin(Transfer_Encoding="chunked")
    handler.wfile.write(b"1000\r\n" + table()[:300])


def cut_off_without_a_length(handler: Handler) -> None:
    handler.begin()
    body = table()
    handler.wfile.write(body[: body.rindex(b"Language")])


def cut_off_in_the_header(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")


def not_http(handler: Handler) -> None:
    handler.wfile.write(b"hello\r\n\r\n")


def html(handler: Handler) -> None:
    body = b"<!DOCTYPE html><html><body>Sign in to this network</body></html>"
    handler.begin(Content_Length=len(body), Content_Type="text/html")
    handler.wfile.write(body)


def code(number: int) -> Answer:
    return lambda handler: handler.begin(number, Content_Length=0)


def to(place: str) -> Answer:
    return lambda handler: handler.begin(302, Location=place, Content_Length=0)


def body_of(content: bytes) -> Answer:
    def answer(handler: Handler) -> None:
        handler.begin(Content_Length=len(content))
        handler.wfile.write(content)

    return answer


def announced_gigabyte(handler: Handler) -> None:
    handler.begin(Content_Length=GIB)
    send_gigabyte(handler)


def unannounced_gigabyte(handler: Handler) -> None:
    handler.begin()
    send_gigabyte(handler)


def send_gigabyte(handler: Handler) -> None:
    piece = b"x" * 2**20
    for _ in range(GIB // len(piece)):
        handler.wfile.write(piece)
        handler.server.sent += len(piece)


CHANGED = tuple(name.replace("(total)", "(bytes)") for name in HEADER)
GONE = tuple(name.replace("Training dataset size (total)", "Compute") for name in HEADER)

FAULTS: dict[str, tuple[Answer, str]] = {
    "truncated": (cut_off, "cut off"),
    "truncated in chunks": (cut_off_in_chunks, "cut off"),
    "truncated, no length": (cut_off_without_a_length, "fewer cells than the header"),
    "truncated header": (cut_off_in_the_header, "empty"),
    "not http": (not_http, "no answer"),
    "404": (code(404), "HTTP 404"),
    "500": (code(500), "HTTP 500"),
    "nothing": (code(204), "empty"),
    "redirect loop": (to("/models.csv"), "redirects"),
    "redirect to a file": (to("file:///etc/passwd"), "HTTP 302"),
    "html": (html, "web page (HTML)"),
    "zip": (body_of(b"PK\x03\x04 a spreadsheet"), "binary"),
    "gzip": (body_of(b"\x1f\x8b\x08 squeezed"), "binary"),
    "size column changed": (body_of(table(header=CHANGED)), "with the unit 'bytes'"),
    "size column gone": (body_of(table(header=GONE)), "no size column"),
    "sizes are words": (body_of(table().replace(b"Likely", b"Wrong")), "none can be used"),
    "broken quotes": (body_of(table() + b'"open,Someone'), "broken CSV"),
    "announced gigabyte": (announced_gigabyte, str(GIB)),
    "unannounced gigabyte": (unannounced_gigabyte, "more than"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_whatever_comes_the_old_table_stays(name, server, capsys, monkeypatch):
    monkeypatch.setattr(download, "LARGEST_BODY", 2**22)
    update(server.gives(table()), accept=True)
    before = {path: path.read_bytes() for path in data_folder().rglob("*") if path.is_file()}
    answer, words = FAULTS[name]
    address = server.does(answer)
    assert main(["data", "update", "--from", address]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: got ")
    assert said.err.count("\n") == 1
    assert words in said.err
    assert "nothing was changed" in said.err
    assert {path: path.read_bytes() for path in data_folder().rglob("*") if path.is_file()} == before
    assert len(read_models(LATEST).rows) == 32


@pytest.mark.parametrize("name", ["html", "404", "truncated"])
def test_a_first_fetch_that_fails_leaves_nothing(name, server):
    with pytest.raises(InputError):
        update(server.does(FAULTS[name][0]))
    assert not data_folder().exists()
    with pytest.raises(MissingFileError, match="forecast data update"):
        read_models(LATEST)


def test_a_gigabyte_is_left_on_the_server(server):
    with pytest.raises(InputError, match="more than"):
        fetch(server.does(unannounced_gigabyte))
    assert server.hung_up.wait(20)
    assert server.sent < 2**27


def test_no_network_is_one_line(server, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        port = taken.getsockname()[1]
        for address in (f"http://127.0.0.1:{port}/models.csv", "http://name.invalid/models.csv"):
            assert main(["data", "update", "--from", address]) == 2
            said = capsys.readouterr()
            assert said.err.startswith("error: got no answer from ")
            assert said.err.count("\n") == 1
    assert not data_folder().exists()


def test_silence_and_slowness_end(server, monkeypatch):
    release = threading.Event()

    def silent(handler: Handler) -> None:
        release.wait(30)

    def slow(handler: Handler) -> None:
        handler.begin(Content_Length=10_000)
        while not release.wait(0.02):
            handler.wfile.write(b"x")

    monkeypatch.setattr(download, "PATIENCE", 0.2)
    try:
        with pytest.raises(InputError, match="no answer"):
            fetch(server.does(silent))
        monkeypatch.setattr(download, "PATIENCE", 5.0)
        monkeypatch.setattr(download, "DEADLINE", 0.2)
        with pytest.raises(InputError, match="not whole after"):
            fetch(server.does(slow))
    finally:
        release.set()


def endless_header(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-A: ")
    drip(handler, b"a")


def endless_continue(handler: Handler) -> None:
    drip(handler, b"HTTP/1.1 100 Continue\r\n\r\n" * 50)


def endless_trailers(handler: Handler) -> None:
    body = table()
    handler.begin(Transfer_Encoding="chunked")
    handler.wfile.write(b"%x\r\n%s\r\n0\r\n" % (len(body), body))
    drip(handler, b"X: y\r\n")


def endless_chunk_size(handler: Handler) -> None:
    handler.begin(Transfer_Encoding="chunked")
    drip(handler, b"0")


def endless_chunks(handler: Handler) -> None:
    handler.begin(Transfer_Encoding="chunked")
    drip(handler, b"1\r\na\r\n")


def endless_error(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 404 Not Found\r\nX-A: ")
    drip(handler, b"a")


def drip(handler: Handler, piece: bytes) -> None:
    """Never silent for long, and never done, until the other side hangs up."""
    for _ in range(1500):
        handler.wfile.write(piece)
        time.sleep(0.02)


ENDLESS = (endless_header, endless_continue, endless_trailers, endless_chunk_size, endless_chunks, endless_error)


@pytest.mark.parametrize("answer", ENDLESS, ids=lambda answer: answer.__name__)
def test_the_deadline_holds_whatever_the_server_does(answer, server, monkeypatch):
    monkeypatch.setattr(download, "DEADLINE", 0.5)
    began = time.monotonic()
    with pytest.raises(InputError, match=r"not whole after 0\.5 s"):
        fetch(server.does(answer))
    assert time.monotonic() - began < 5
    assert server.hung_up.wait(10), "the connection was left open"
    assert not data_folder().exists()


def test_the_deadline_holds_in_the_look_up_of_a_name(server, monkeypatch):
    """The system's look-up knows no limit of ours."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: time.sleep(3))
    monkeypatch.setattr(download, "DEADLINE", 0.3)
    began = time.monotonic()
    with pytest.raises(InputError, match="not whole after"):
        fetch("http://name.invalid/models.csv")
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://example.org/a.csv", "models.csv", "", "http://[", "data:,a"]
)
def test_other_addresses_are_refused(address, server):
    with pytest.raises(InputError):
        fetch(address)


def test_a_redirect_never_leaves_https():
    import urllib.request

    asked = urllib.request.Request("https://example.org/models.csv")
    handler = download._Redirects()
    with pytest.raises(InputError, match="stays with https"):
        handler.redirect_request(asked, None, 302, "Found", {}, "http://example.org/models.csv")
    assert handler.redirect_request(asked, None, 302, "Found", {}, "https://example.org/b.csv").full_url.endswith(
        "/b.csv"
    )


@pytest.mark.parametrize(
    "place", ["ftp://127.0.0.1/models.csv", "file:///etc/passwd", "data:text/csv,a", "http://[::1", "/go od\x1b[31m"]
)
def test_a_redirect_to_another_kind_of_address_is_refused(place, server, capsys):
    assert main(["data", "update", "--from", server.does(to(place))]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: got ")
    assert said.count("\n") == 1
    assert said.strip().isprintable()
    assert not data_folder().exists()


def test_what_a_server_says_cannot_command_the_terminal(server, capsys):
    def refuse(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 404 Not\x1b[31mFound\r\nContent-Length: 0\r\n\r\n")

    assert main(["data", "update", "--from", server.does(refuse)]) == 2
    assert capsys.readouterr().err.strip().isprintable()
    names = ("M\x1b[31;5mRED\x1b]0;owned\x07", "Z\x9b31m\u202eevil", "a\u2028b", "=1+1")
    rows = [(name, name, "2025-12-01", "Language", "5e11", "Likely") for name in names]
    assert main(["data", "update", "--accept", "--from", server.gives(table(*rows))]) == 0
    said = capsys.readouterr().out
    assert "[31;5mRED" in said
    assert said.replace("\n", "").isprintable()


# --- secrets


SECRETS = {
    "http://reader:hunter2@{}/models.csv": "hunter2",
    "http://{}/models.csv?token=hunter2&format=csv": "hunter2",
    "http://{}/models.csv?X-Amz-Signature=hunter2": "hunter2",
    "http://{}/models.csv#hunter2": "hunter2",
}


@pytest.mark.parametrize(("address", "secret"), SECRETS.items())
def test_secrets_of_an_address_are_used_and_neither_kept_nor_shown(address, secret, server, capsys):
    seen = []

    def answer(handler: Handler) -> None:
        seen.append(f"{handler.path} {handler.headers['Authorization']}")
        body_of(table())(handler)

    whole = address.format(f"127.0.0.1:{server.server_address[1]}")
    asked = whole.partition("#")[0].split("/", 3)[3]
    server.does(answer, f"/{asked}")
    assert main(["data", "update", "--accept", "--from", whole]) == 0
    said = capsys.readouterr()
    kept = "".join(path.read_text() for path in data_folder().rglob("*.json"))
    assert secret not in said.out + said.err + kept + json.dumps(latest().source)
    assert "/models.csv" in kept
    used = seen[0].replace("cmVhZGVyOmh1bnRlcjI=", secret)  # base64 of reader:hunter2
    assert secret in used or "#" in address
    assert main(["data", "update", "--from", whole.replace("models.csv", "none.csv")]) == 2
    assert secret not in capsys.readouterr().err


@pytest.mark.parametrize(
    "address",
    [
        "http://reader:hunter2@name.invalid:x/models.csv",
        "http://reader:hunter2@/models.csv",
        "reader:hunter2@example.org/models.csv",
        "ftp://reader:hunter2@example.org/models.csv",
        "http://127.0.0.1:1/a b.csv?token=hunter2",
        "http://[/?token=hunter2",
    ],
)
def test_secrets_of_an_address_that_fails_are_not_shown(address, server, capsys):
    assert main(["data", "update", "--from", address]) == 2
    said = capsys.readouterr().err
    assert "hunter2" not in said
    assert said.count("\n") == 1


def test_a_password_does_not_follow_a_redirect(server):
    seen = []

    def answer(handler: Handler) -> None:
        seen.append(handler.headers["Authorization"])
        body_of(table())(handler)

    server.does(answer, "/there.csv")
    address = server.does(to("/there.csv"))
    fetch(address.replace("http://", "http://reader:hunter2@"))
    assert seen == [None]


def test_a_few_redirects_are_followed(server):
    server.gives(table(), "/here.csv")
    server.does(to("/here.csv"), "/there.csv")
    assert fetch(server.does(to("/there.csv"), "/models.csv")) == table()


# --- what has changed


def test_rows_added_changed_and_removed_are_named(server, capsys):
    update(server.gives(table()), accept=True)
    new = ("model new", "Someone", "2025-12-01", "Language", "5e11", "Likely")
    body = table(new, drop="model 2019 4").replace(
        b"model 2020 7,Someone,2020-07-11,Language,4000000000.0", b"model 2020 7,Someone,2020-07-11,Language,5e9"
    )
    found = update(server.gives(body))
    assert found.changes.added == ({"model": "model new", "publication_date": "2025-12-01"},)
    assert found.changes.removed == ({"model": "model 2019 4", "publication_date": "2019-04-11"},)
    (changed,) = found.changes.changed
    assert (changed["model"], changed["publication_date"]) == ("model 2020 7", "2020-07-11")
    assert changed["columns"]["quantity"] == [4e9, 5e9]
    assert set(changed["columns"]) == {"quantity", "tokens"}
    assert (found.rows, found.rows_before) == (32, 32)
    assert "fetched on" in found.against


def test_the_same_numbers_written_otherwise_are_no_change(server):
    update(server.gives(table()), accept=True)
    found = update(server.gives(table().replace(b"1000000000.0", b"1e9")))
    assert found.changes == module.Changes((), (), ())
    assert not found.record_moved


def test_the_record_moves_only_when_it_does(server, capsys):
    rows = read_models().rows
    held = record_of(rows)
    small = ("model small", "Someone", "2026-11-01", "Language", f"{held['tokens'] / 2:.0f}", "Likely")
    large = ("model large", "Someone", "2026-11-02", "Language", f"{held['tokens'] * 4:.0f}", "Likely")
    first = update(server.gives(table(small)), accept=True)
    assert not first.record_moved
    assert first.record == first.record_before == held
    assert main(["data", "update", "--from", server.gives(table(small, large))]) == 0
    said = capsys.readouterr().out
    assert "The record has moved: model large (Someone, 2026-11-02)" in said
    assert f"before: {held['model']}" in said
    assert "CC BY 4.0" in said
    assert "only with --models latest" in said


def test_tables_of_one_kind_differ_by_name_and_date():
    rows = read_models().rows
    assert compare(rows, rows) == module.Changes((), (), ())
    later = rows.copy()
    later.loc[0, "publication_date"] = later.loc[0, "publication_date"].replace(year=2001)
    found = compare(rows, later)
    assert (len(found.added), len(found.changed), len(found.removed)) == (1, 0, 1)


def test_json_is_one_document(server, capsys):
    assert main(["data", "update", "--json", "--accept", "--from", server.gives(table())]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["record_moved"] in (True, False)
    assert document["kept"]["address"].endswith("/models.csv")
    assert len(document["changes"]["added"]) == 32
    assert document["against"] == "the table that comes with this package"
    assert "CC BY 4.0" in document["credit"]


# --- a table that lost rows


def test_a_table_that_lost_a_fifth_waits_beside_the_old_one_until_it_is_accepted(server, capsys):
    update(server.gives(table()), accept=True)
    held = latest()
    short = first(25)  # of 32
    assert main(["data", "update", "--from", server.gives(short)]) == 1
    said = capsys.readouterr().out
    assert "25 can be used, before 32" in said
    assert "forecast data update --accept" in said
    assert latest() == held
    assert len(read_models(LATEST).rows) == 32
    (beside,) = (path for path in (data_folder() / "models").glob("*.csv") if path != held.path)
    assert beside.read_bytes() == short
    assert str(beside) in said.replace("\n", " ")
    asked = len(server.asked)
    assert main(["data", "update", "--accept"]) == 0
    assert len(server.asked) == asked  # what is taken is what was seen, not what a server gives now
    assert latest().path.read_bytes() == short
    assert held.path.is_file()  # a run may be about to read it
    assert main(["data", "update", "--accept"]) == 2
    assert "forecast data update" in capsys.readouterr().err


def test_a_few_rows_less_are_no_loss(server):
    update(server.gives(table()), accept=True)
    assert update(server.gives(first(26))).taken  # 19 % less


def test_eighteen_rows_do_not_replace_the_shipped_table(server):
    found = update(server.gives(first(18)))
    assert (found.rows, found.rows_before > 1000, found.taken) == (18, True, False)
    with pytest.raises(MissingFileError):
        latest()


def test_what_waits_is_forgotten_when_a_whole_table_comes(server):
    update(server.gives(table()), accept=True)
    assert not update(server.gives(first(8))).taken
    assert update(server.gives(table(sizes=2e9))).taken
    assert sorted(path.suffix for path in (data_folder() / "models").iterdir()) == [".csv", ".csv", ".json"]


# --- what is kept


def test_what_is_kept_says_where_when_and_what(server):
    address = server.gives(table())
    kept = update(address, accept=True).kept
    assert latest() == kept
    assert kept.path.read_bytes() == table()
    assert (kept.address, kept.fetched[:2]) == (address, "20")
    assert kept.source["licence"] == "not stated"  # this server is not Epoch AI's
    theirs = module.Kept(kept.path, module.ADDRESS, kept.fetched, kept.sha256).source
    assert (theirs["publisher"], theirs["licence"]) == ("Epoch AI", "CC BY 4.0")
    likeness = module.Kept(kept.path, "https://notepoch.ai/models.csv", kept.fetched, kept.sha256).source
    assert likeness["licence"] == "not stated"


def test_a_damaged_table_is_refused_and_fetched_anew(server):
    kept = update(server.gives(table()), accept=True).kept
    kept.path.write_bytes(table()[:-40])
    with pytest.raises(InputError, match="not what was fetched"):
        read_models(LATEST)
    assert update(server.gives(table()), accept=True).against == "the table that comes with this package"
    assert len(read_models(LATEST).rows) == 32
    (data_folder() / "models" / "latest.json").write_text('{"sha256": "../../x", "address": "", "fetched": ""}')
    with pytest.raises(InputError, match="cannot be read"):
        latest()


def test_only_the_table_before_is_kept_beside(server):
    for size in (1e9, 2e9, 3e9, 4e9):
        update(server.gives(table(sizes=size)), accept=True)
    assert len(list((data_folder() / "models").glob("*.csv"))) == 2
    assert len(list((data_folder() / "models").iterdir())) == 3


def test_a_kill_before_the_record_is_written_keeps_the_old_table(server, monkeypatch):
    update(server.gives(table()), accept=True)
    monkeypatch.setattr(module.json, "dumps", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        update(server.gives(table(sizes=2e9)))
    assert latest().path.read_bytes() == table()


# --- who uses it


def test_latest_is_never_used_unless_asked_for(server):
    from forecast.core.resources import RESOURCES
    from forecast.runs.inputs import read_inputs

    def read(models=None):
        found = read_inputs(RESOURCES["public_text"], models)
        return found.data, found.rows, found.sources

    before = read()
    late = ("model late", "Someone", "2026-11-21", "Language", "9e13", "Likely")
    update(server.gives(table(late)), accept=True)
    assert read_models().source != read_models(LATEST).source
    data, rows, sources = read()
    assert (data.digest(), rows, sources) == (before[0].digest(), *before[1:])
    data, rows, sources = read(LATEST)
    assert data.as_of >= audited_as_of()
    assert "model late" in {row["model"] for row in rows}
    assert sources[0]["sha256"] == latest().sha256
    assert {"table", "sha256", "snapshot", "licence"} <= set(sources[0])
    # The audit is laid over it, and its models are there though the table lacks them.
    assert {row["model"] for row in before[1] if row["audited"]} & {row["model"] for row in rows}


def test_a_file_named_latest_can_still_be_named(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("latest").write_bytes(table())
    assert len(read_models("./latest").rows) == 32
    assert len(read_models(Path("latest")).rows) == 32
    with pytest.raises(MissingFileError):
        read_models("latest")


def test_asking_for_latest_before_any_fetch_is_one_line(server, tmp_path, capsys):
    assert main(["run", "--models", "latest", "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: got no fetched model table")
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_run_does_not_load_what_fetches():
    code = (
        "import sys; from forecast.ingest.models import read_models; import forecast.cli.main; read_models();"
        "print('forecast.ingest.update' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
