"""One file over http or https, whole or not at all: bounded in size, time and redirects."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import threading
import urllib.error
import urllib.request
from typing import IO, Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from forecast.errors import InputError

STAYS = "nothing was changed; try again later, or give another address with --from"
"""What to do when a fetch fails."""

LARGEST_BODY = 64 * 2**20
"""Largest body that is read (bytes); judgement: the table has about 7 MB in 2026."""

PATIENCE = 30.0
"""Longest silence of the server (seconds); judgement."""

DEADLINE = 300.0
"""Longest time for the whole exchange, from the name's look-up on (seconds); judgement: 7 MB at 0.2 Mbit a second."""

REDIRECTS = 5
"""Redirects that are followed (count); judgement: a published file needs one or two."""

SHOWN_PARAMETERS = frozenset({"dl", "download", "format", "gid", "output", "raw", "sheet", "single", "version"})
"""Parameters of an address that say which table is meant; every other one may be a key, and its value is not kept."""


def fetch(address: str) -> bytes:
    """Fetch a whole body over http or https."""
    exchange = _Exchange(address)
    exchange.start()
    exchange.join(DEADLINE)
    if exchange.is_alive():
        exchange.hang_up()
        raise InputError(f"{without_secrets(address)}, not whole after {DEADLINE:g} s", "a faster answer", STAYS)
    if exchange.error is not None:
        raise exchange.error
    return exchange.body


def without_secrets(address: str) -> str:
    """Return an address as it may be kept and shown.

    Examples
    --------
    >>> without_secrets("https://me:pass@example.org/a.csv?format=csv&token=abc#x")
    'https://example.org/a.csv?format=csv&token=...'
    """
    try:
        parts = urlsplit(address)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return "(unreadable)"
    if not parts.netloc:  # no address: what comes before an @ may be a password all the same
        return address.rpartition("@")[2].partition("?")[0]
    shown = [(name, value if name.lower() in SHOWN_PARAMETERS else "...") for name, value in pairs]
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, urlencode(shown), ""))


class _Exchange(threading.Thread):
    """One fetch in a thread of its own: whatever the server does, the caller can leave when time is up."""

    def __init__(self, address: str) -> None:
        super().__init__(name="fetch", daemon=True)
        self.body = b""
        self.error: Exception | None = None
        self._address = address
        self._sockets: list[socket.socket] = []

    def run(self) -> None:
        try:
            self.body = _fetched(self._address, self._sockets)
        except Exception as error:  # handed to the caller
            self.error = error

    def hang_up(self) -> None:
        """End what the thread waits for, so that neither it nor the server goes on."""
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _fetched(address: str, sockets: list[socket.socket]) -> bytes:
    shown = without_secrets(address)
    try:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(f"the address {shown!r}", "one that begins with https:// or http://", STAYS)
        with _opener(sockets).open(_request(parts), timeout=PATIENCE) as response:
            return _body(response, shown)
    except urllib.error.HTTPError as error:
        with error:
            said = str(error.msg)  # how urllib says that it has followed enough, or will not follow
            reason = f"HTTP {error.code}"
            if "infinite loop" in said:
                reason = f"more than {REDIRECTS} redirects"
            elif "is not allowed" in said:
                reason += ", a redirect to another kind of address,"
        raise InputError(f"{reason} from {shown}", "a model table in CSV", STAYS) from None
    except (http.client.IncompleteRead, ConnectionResetError):
        raise cut_off(shown, "the connection ended early") from None
    except TimeoutError:
        raise InputError(f"no answer from {shown} in {PATIENCE:g} s", "a model table in CSV", STAYS) from None
    except InputError:
        raise
    except OSError as error:
        cause = getattr(error, "reason", None) or error
        # Only what the system says: a text of the parser may repeat the address, with its secrets.
        reason = getattr(cause, "strerror", None) or (str(cause) if type(cause) is OSError else type(cause).__name__)
        if isinstance(cause, TimeoutError):
            reason = f"silent for {PATIENCE:g} s"
        raise InputError(f"no answer from {shown} ({reason})", "a server that can be reached", STAYS) from None
    except http.client.InvalidURL:
        raise InputError(
            f"the address {shown!r}", "one without spaces and with a whole number as port", STAYS
        ) from None
    except http.client.HTTPException:
        raise InputError(f"no answer from {shown} (it is not HTTP)", "a server that speaks HTTP", STAYS) from None
    except (ValueError, RecursionError):
        raise InputError(f"the address {shown!r}", "a valid address", STAYS) from None


def _request(parts: SplitResult) -> urllib.request.Request:
    """Build the request; user and password go into a header that no redirect carries on."""
    user, _, place = parts.netloc.rpartition("@")
    plain = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
    headers = {"User-Agent": "data-depletion", "Accept-Encoding": "identity"}
    request = urllib.request.Request(plain, headers=headers)
    if user:
        token = base64.b64encode(unquote(user).encode()).decode("ascii")
        request.add_unredirected_header("Authorization", f"Basic {token}")
    return request


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = REDIRECTS
    max_repeats = REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        scheme, before = urlsplit(newurl).scheme, urlsplit(req.full_url).scheme
        if scheme not in ("http", "https") or (scheme == "http" and before == "https"):
            kind = "https" if before == "https" else "http or https"
            places = f"from {without_secrets(req.full_url)} to {without_secrets(newurl)}"
            raise InputError(f"a redirect {places}", f"one that stays with {kind}", STAYS)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(sockets: list[socket.socket]) -> urllib.request.OpenerDirector:
    """Build an opener for http and https alone, which notes its sockets: the usual one also reads files of this machine."""

    class Plain(http.client.HTTPConnection):
        def connect(self) -> None:
            super().connect()
            sockets.append(self.sock)

    class Secure(http.client.HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            sockets.append(self.sock)

    class PlainHandler(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Plain, req)

    class SecureHandler(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(Secure, req)

    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        PlainHandler(),
        SecureHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    return opener


def _body(response: Any, shown: str) -> bytes:
    """Read a body piece by piece: what is too large is left before it is all here."""
    stated = response.headers.get("Content-Length", "")
    expected = int(stated[:20]) if stated.isdecimal() else None  # twenty digits are too many, whatever follows
    body = bytearray()
    if expected is None or expected <= LARGEST_BODY:
        while len(body) <= LARGEST_BODY and (piece := response.read1(2**16)):
            body += piece
        if len(body) <= LARGEST_BODY:
            if expected is not None and len(body) < expected:
                raise cut_off(shown, f"{len(body)} of {expected} bytes")
            return bytes(body)
    size = f"{expected} bytes" if expected is not None else f"more than {LARGEST_BODY} bytes"
    raise InputError(f"{size} from {shown}", f"at most {LARGEST_BODY} bytes", STAYS)


def cut_off(address: str, how: str) -> InputError:
    """Build the error for a body that is not whole."""
    return InputError(f"a table cut off from {address} ({how})", "the whole table", STAYS)
