"""One polite, bounded, suspicious GET.

http(s) only; public addresses only (``guard``), each redirect vetted again; one deadline for everything; a cap on what
comes out of the decompression; a body that ends early is an error, else papers "vanish"; conditional where we have
something to compare with (RFC 9110, section 13); as slow as the host asks for (Retry-After, a pause per host).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Lock

import httpcore2
import httpx2

from digest import __version__
from digest.errors import SourceError
from digest.sources.tls import trusting, way_out
from digest.sources.web.guard import Guard, PinnedBackend
from digest.sources.web.unpack import TruncatedError, unpacked

REDIRECTS = 5
PATIENCE = 60.0
"""Seconds of Retry-After that are waited for on the spot; more means: next time."""

PAUSES: Mapping[str, float] = {
    "arxiv.org": 3.0,
    "export.arxiv.org": 3.0,
    "rss.arxiv.org": 3.0,
    "oaipmh.arxiv.org": 3.0,
}
"""Seconds between two requests to a host (https://info.arxiv.org/help/api/tou.html)."""

LATER = "it is tried again later"

PAUSE = 1.0
"""Seconds between two requests to any other host."""


class FetchError(SourceError):
    """An address gave no document. ``retry_after`` is what the host asked us to wait, if it did."""

    def __init__(self, message: str, *, place: str = "", hint: str = "", retry_after: timedelta | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message, place=place, hint=hint)


@dataclass(frozen=True, slots=True)
class Validators:
    """What an earlier answer said of its version, as it said it; "" where it did not."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer: ``body`` is ``None`` where nothing has changed since the validators that were sent."""

    url: str
    body: bytes | None
    content_type: str = ""
    validators: Validators = field(default_factory=Validators)

    @property
    def modified_at(self) -> datetime | None:
        """Return the instant of the Last-Modified header, where there is a readable one."""
        return _http_date(self.validators.last_modified)


class Rates:
    """Keeps requests to one host apart. ``sleep`` and ``steady`` are the clock to go by."""

    def __init__(
        self,
        pauses: Mapping[str, float] = PAUSES,
        pause: float = PAUSE,
        *,
        sleep: Callable[[float], None] = time.sleep,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pauses = pauses
        self._pause = pause
        self._steady = steady
        self._last: dict[str, float] = {}
        self._turns: dict[str, Lock] = {}
        self.sleep = sleep

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait until the host may be asked again, and hold it: one connection to a host at a time, whoever asks."""
        with self._turns.setdefault(host, Lock()):
            if host in self._last:
                left = self._last[host] + self._pauses.get(host, self._pause) - self._steady()
                if left > 0:
                    self.sleep(left)
            self._last[host] = self._steady()
            yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Fetches documents for all sources of a program.

    ``seconds`` is the deadline of one document, redirects and waiting for Retry-After left out; ``max_bytes`` the most
    that is unpacked of it; ``contact`` goes into the User-Agent, so that a host can write to us instead of blocking us;
    authorities in ``ca_file`` are trusted beside those of this machine.
    """

    guard: Guard = field(default_factory=Guard)
    rates: Rates = field(default_factory=Rates)
    seconds: float = 60.0
    max_bytes: int = 32 * 1024 * 1024
    contact: str = ""
    ca_file: Path | None = None

    def get(self, url: str, known: Validators = Validators()) -> Fetched:
        """Return the document of an address; raises ``FetchError`` with the address, the reason and the way out."""
        try:
            return self._followed(url, known)
        except FetchError:
            raise
        except SourceError as error:
            raise FetchError(error.message, place=url, hint=error.hint) from error
        except (httpcore2.TimeoutException, TimeoutError) as error:
            raise FetchError(f"no whole answer within {self.seconds:g} s", place=url, hint=LATER) from error
        except TruncatedError as error:
            raise FetchError(str(error), place=url, hint=LATER) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise FetchError(_network_reason(error), place=url, hint=way_out(error, LATER)) from error

    def _followed(self, url: str, known: Validators) -> Fetched:
        at = _vetted(url)
        for _ in range(REDIRECTS + 1):
            answer = self._patiently(at, known)
            if isinstance(answer, Fetched):
                return answer
            at = _vetted(str(at.join(answer)), came_from=at)
        raise FetchError(f"is redirected more than {REDIRECTS} times", place=url, hint="check the address")

    def _patiently(self, url: httpx2.URL, known: Validators) -> Fetched | str:
        for last_try in (False, True):
            with self.rates.turn(url.host):
                try:
                    return self._once(url, known)
                except FetchError as error:
                    wait = error.retry_after
                    if last_try or wait is None or wait.total_seconds() > PATIENCE:
                        raise
                    self.rates.sleep(wait.total_seconds())
        raise AssertionError("unreachable: the last try returns or raises")

    def _once(self, url: httpx2.URL, known: Validators) -> Fetched | str:
        """Return the document, or where the host sends us instead."""
        backend = PinnedBackend(self.guard, time.monotonic() + self.seconds)
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        with (
            httpcore2.ConnectionPool(
                ssl_context=trusting(self.ca_file) if url.scheme == "https" else None,
                network_backend=backend,
                max_keepalive_connections=0,
            ) as pool,
            pool.stream("GET", target, headers=self._headers(url, known)) as answer,
        ):
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status in {301, 302, 303, 307, 308} and headers.get("location"):
                return headers["location"]
            if answer.status == 304 and known != Validators():
                return Fetched(url=str(url), body=None, validators=known)
            if answer.status != 200:
                raise _refusal(answer.status, headers, str(url))
            body = unpacked(answer.iter_stream(), headers.get("content-encoding", ""), self.max_bytes)
        return Fetched(
            url=str(url),
            body=body,
            content_type=headers.get("content-type", ""),
            validators=Validators(headers.get("etag", ""), headers.get("last-modified", "")),
        )

    def _headers(self, url: httpx2.URL, known: Validators) -> Mapping[bytes | str, bytes | str]:
        contact = f" (+{self.contact})" if self.contact else ""
        return {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": f"preprint-digest/{__version__}{contact}",
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            **({"If-None-Match": known.etag} if known.etag else {}),
            **({"If-Modified-Since": known.last_modified} if known.last_modified else {}),
        }


def _vetted(url: str, came_from: httpx2.URL | None = None) -> httpx2.URL:
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError) as error:
        raise FetchError(f"is no web address: {error}", place=url, hint="check the address") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise FetchError("is no http(s) address", place=url, hint="only http:// and https:// are fetched")
    if parsed.userinfo:
        raise FetchError("has a user name in it", place=url, hint="leave it out: it would stand in logs")
    if came_from is not None and came_from.scheme == "https" and parsed.scheme == "http":
        raise FetchError("is redirected from https to http", place=url, hint="check the address")
    return parsed


def _refusal(status: int, headers: Mapping[str, str], url: str) -> FetchError:
    wait = _retry_after(headers.get("retry-after", "")) if status in {429, 503} else None
    hint = {401: "needs a log-in", 403: "the host does not want us", 404: "check the address", 410: "it is gone"}
    return FetchError(
        f"answers {status}" + (f" and asks to wait {wait.total_seconds():.0f} s" if wait is not None else ""),
        place=url,
        hint=hint.get(status, LATER),
        retry_after=wait,
    )


def _retry_after(value: str) -> timedelta | None:
    """Return what a Retry-After header asks for (RFC 9110, section 10.2.3), at most a day."""
    if re.fullmatch(r"\d{1,9}", value.strip(), re.ASCII):
        wait = timedelta(seconds=int(value))
    else:
        when = _http_date(value)
        wait = when - datetime.now(UTC) if when else timedelta(seconds=-1)
    return min(max(wait, timedelta(0)), timedelta(days=1)) if value else None


def _http_date(value: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value)
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _network_reason(error: Exception) -> str:
    reason = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, httpcore2.RemoteProtocolError):
        return f"the answer broke off or is no HTTP: {reason}"
    return f"cannot be reached: {reason}"
