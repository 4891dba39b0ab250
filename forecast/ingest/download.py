"""One file over http or https, whole or not at all: bounded in size, time and redirects."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from typing import IO, Any
from urllib.parse import urlsplit

from forecast.errors import InputError

STAYS = "nothing was changed; try again later, or give another address with --from"
"""What to do when a fetch fails."""

LARGEST_BODY = 64 * 2**20
"""Largest body that is read (bytes); judgement: the table has about 7 MB in 2026."""

PATIENCE = 30.0
"""Longest silence of the server (seconds); judgement."""

DEADLINE = 300.0
"""Longest time for the whole body (seconds); judgement: 7 MB at 0.2 Mbit a second."""

REDIRECTS = 5
"""Redirects that are followed (count); judgement: a published file needs one or two."""


def fetch(address: str) -> bytes:
    """Fetch a whole body over http or https.

    Parameters
    ----------
    address : str
        The address; redirects are followed, but not from https to http.

    Returns
    -------
    bytes
        At most `LARGEST_BODY`.

    Raises
    ------
    InputError
        If the address is of another kind, the server cannot be reached or answers otherwise, or the body is too
        large or not whole.
    """
    try:
        if urlsplit(address).scheme not in ("http", "https"):
            raise InputError(f"the address {address!r}", "one that begins with https:// or http://", STAYS)
        request = urllib.request.Request(
            address, headers={"User-Agent": "data-depletion", "Accept-Encoding": "identity"}
        )
        with _opener().open(request, timeout=PATIENCE) as response:
            return _body(response, address)
    except urllib.error.HTTPError as error:
        with error:
            endless = "infinite loop" in str(error.msg)  # how urllib says that it has followed enough
            reason = f"more than {REDIRECTS} redirects" if endless else f"HTTP {error.code}"
        raise InputError(f"{reason} from {address}", "a model table in CSV", STAYS) from None
    except (http.client.IncompleteRead, ConnectionResetError):
        raise cut_off(address, "the connection ended early") from None
    except TimeoutError:
        raise InputError(f"no answer from {address} in {PATIENCE:g} s", "a model table in CSV", STAYS) from None
    except InputError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = str(getattr(error, "reason", None) or error)
        raise InputError(f"no answer from {address} ({reason})", "a server that can be reached", STAYS) from None


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = REDIRECTS
    max_repeats = REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme != "https" and urlsplit(req.full_url).scheme == "https":
            raise InputError(f"a redirect from {req.full_url} to {newurl}", "one that stays with https", STAYS)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Build an opener for http and https alone: the usual one also reads files of this machine."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    return opener


def _body(response: Any, address: str) -> bytes:
    """Read a body piece by piece: what is too large or too slow is left before it is all here."""
    stated = response.headers.get("Content-Length", "")
    expected = int(stated) if stated.isdecimal() else None
    end = time.monotonic() + DEADLINE
    body = bytearray()
    if expected is None or expected <= LARGEST_BODY:
        while len(body) <= LARGEST_BODY and (piece := response.read1(2**16)):
            body += piece
            if time.monotonic() > end:
                raise InputError(f"{address}, not whole after {DEADLINE:g} s", "a faster answer", STAYS)
        if len(body) <= LARGEST_BODY:
            if expected is not None and len(body) < expected:
                raise cut_off(address, f"{len(body)} of {expected} bytes")
            return bytes(body)
    size = f"{expected} bytes" if expected is not None else f"more than {LARGEST_BODY} bytes"
    raise InputError(f"{size} from {address}", f"at most {LARGEST_BODY} bytes", STAYS)


def cut_off(address: str, how: str) -> InputError:
    """Build the error for a body that is not whole.

    Parameters
    ----------
    address : str
        Where it was fetched.
    how : str
        What shows it.

    Returns
    -------
    InputError
        Ready to raise.
    """
    return InputError(f"a table cut off from {address} ({how})", "the whole table", STAYS)
