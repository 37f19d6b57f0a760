"""Every setting: name, type, default, and what it may be. What each means to a user is said in config/digest.toml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from digest.errors import AddressError
from digest.model import Cadence, ChannelName, Order
from digest.pipeline.deliver import Doubt

Check = Callable[[Any], str]
"""Says in words what is wrong with a value, or "" where nothing is."""


LONGEST_URL = 300
"""Two addresses under it stand in one header line, which may have 998 bytes."""


LONGEST_MAIL_DOMAIN = 197
"""A path on an envelope has 256 characters (RFC 5321, 4.5.3.1.3), and our longest has 56 before the @, in <>."""


def setting(default: Any, *checks: Check) -> Any:
    """Declare a setting by its default and what its value must hold to."""
    return field(default=default, metadata={"checks": checks})


def between(low: float, high: float) -> Check:
    """Return a check that a number lies between two others, both included."""
    return lambda value: "" if low <= value <= high else f"must be between {low} and {high}, not {value}"


def _timezone(value: str) -> str:
    return "" if value in available_timezones() else f"{value!r} is no IANA time zone such as Europe/Berlin"


def _timezone_or_none(value: str) -> str:
    return _timezone(value) if value else ""


def _address(value: str) -> str:
    from digest.addresses import address

    try:
        written = address(value)
    except AddressError as error:
        return error.message
    return "" if written.lower() == value.lower() else f"{value!r} must be written as {written}"


def _domain(value: str) -> str:
    labels = value.split(".") if value else []
    if all(label and label.isascii() and label.replace("-", "").isalnum() for label in labels) and len(value) < 256:
        return ""
    return f"{value!r} is no domain such as digest.example.org (others than in ASCII as xn--…)"


def _short_enough(value: str) -> str:
    """Return what is wrong with an address, or a domain, that mail is to come back to."""
    domain = value.rpartition("@")[2]
    if len(domain) <= LONGEST_MAIL_DOMAIN:
        return ""
    return (
        f"a mail domain may have {LONGEST_MAIL_DOMAIN} characters, not {len(domain)}: with an address for each reader "
        "before it, it would be longer than mail servers take"
    )


def _web_address(value: str) -> str:
    is_sendable = value.isascii() and value.isprintable() and len(value) <= LONGEST_URL
    if not value or (
        value.startswith(("http://", "https://")) and is_sendable and not any(c in value for c in " ?#<>")
    ):
        return ""
    return f"{value!r} is no http(s) address such as https://digest.example.org"


def _lmtp_address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not value or "/" in value or (host and port.isdecimal() and int(port) < 65_536):
        return ""
    return f"{value!r} is neither HOST:PORT nor the path of a socket"


def _named_files(values: tuple[str, ...]) -> str:
    wrong = [value for value in values if not all(value.partition("="))]
    return f"{wrong[0]!r} is not SELECTOR=FILE" if wrong else ""


def _store_url(value: str) -> str:
    if value.startswith(("sqlite://", "postgresql+psycopg://")):
        return ""
    return "must begin with sqlite:/// or postgresql+psycopg://"


def _weekdays(values: tuple[int, ...]) -> str:
    return "" if all(0 <= day <= 6 for day in values) else "days are 0 (Monday) to 6 (Sunday)"


class Secret(str):
    """Text that never shows itself in a log or an error; ``reveal`` hands it out."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Hide the text."""
        return "Secret('***')" if self else "Secret('')"

    __str__ = __repr__

    def reveal(self) -> str:
        """Return the text itself."""
        return "".join(self)


NO_SECRET = Secret("")


class Security(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Attach(StrEnum):
    """The citations that are attached to each mail."""

    NOTHING = ""
    BIBTEX = "bibtex"
    RIS = "ris"
    CSL = "csl"


class Protocol(StrEnum):
    """What is spoken with the mail server."""

    SMTP = "smtp"
    LMTP = "lmtp"


class MailBy(StrEnum):
    """How e-mail leaves."""

    FOLDER = "folder"
    SMTP = "smtp"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """[store]: the database."""

    url: str = setting("sqlite:///digest-data/digest.db", _store_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """One line of [sources]: where listings come from."""

    name: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings:
    """[ingest]: reading documents."""

    max_megabytes: int = setting(200, between(1, 100_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """[fetch]: asking web servers for listings. ``ca_file`` counts for IMAP mailboxes too."""

    contact: str = ""
    timeout_seconds: float = setting(60.0, between(1, 3_600))
    max_megabytes: int = setting(32, between(1, 10_000))
    allow_hosts: tuple[str, ...] = ()
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """[mail]: what stands on the envelope, and which way it goes."""

    by: MailBy = MailBy.FOLDER
    folder: Path = Path("digest-data/mail")
    from_name: str = "Paper digest"
    from_address: str = setting("digest@localhost", _address, _short_enough)
    domain: str = setting("", _domain, _short_enough)
    attach: Attach = Attach.NOTHING

    @property
    def mail_domain(self) -> str:
        """Return the domain of Message-IDs and bounce addresses: ``domain``, or that of the sender."""
        return self.domain or self.from_address.rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """[smtp]: the mail server, where mail goes by smtp. ``password`` comes from a file or the environment only."""

    host: str = "localhost"
    port: int = setting(25, between(1, 65_535))
    security: Security = Security.NONE
    username: str = ""
    password_file: Path | None = None
    timeout_seconds: float = setting(60.0, between(1, 3_600))
    answer_seconds: float = setting(600.0, between(1, 840))
    protocol: Protocol = Protocol.SMTP
    ca_file: Path | None = None
    token_command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimSettings:
    """[dkim]: signatures. ``keys`` are "SELECTOR=FILE"; without any, nothing is signed."""

    keys: tuple[str, ...] = setting((), _named_files)
    domain: str = setting("", _domain)

    @property
    def files(self) -> Mapping[str, Path]:
        """Return the key files by selector."""
        return {name: Path(file) for name, _, file in (key.partition("=") for key in self.keys)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings:
    """[delivery]: claims, retries and doubt."""

    processes: int = setting(1, between(1, 64))
    connections: int = setting(1, between(1, 64))
    batch: int = setting(50, between(1, 10_000))
    lease_minutes: float = setting(10.0, between(1, 1_440))
    domain_a_minute: int = setting(0, between(0, 100_000))
    domain_burst: int = setting(10, between(1, 10_000))
    domain_failures: int = setting(20, between(0, 10_000))
    stop_seconds: float = setting(5.0, between(0, 840))
    doubt: Doubt = Doubt.HOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSettings:
    """[evidence]: who saw what the mail server did, where doubt is settled by evidence."""

    postfix_log: Path | None = None
    wait_minutes: float = setting(10.0, between(6, 1_440))
    clients: tuple[str, ...] = ("127.0.0.1", "::1")
    timezone: str = setting("", _timezone_or_none)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedSettings:
    """[returned]: mail that comes back. ``lmtp`` is where the service takes it, "HOST:PORT" or the path of a socket."""

    maildir: Path | None = None
    lmtp: str = setting("", _lmtp_address)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """[feeds]: the files that feed readers follow."""

    folder: Path | None = Path("digest-data/feeds")
    entries: int = setting(100, between(1, 10_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """[reports]: what each run did."""

    folder: Path | None = Path("digest-data/reports")
    keep: int = setting(90, between(1, 100_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """[links]: the key that signs the links in mails."""

    secret_file: Path = Path("digest-data/secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """[web]: the small web server of ``digest serve``."""

    base_url: str = setting("", _web_address)
    host: str = "127.0.0.1"
    port: int = setting(8470, between(0, 65_535))
    threads: int = setting(4, between(1, 256))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """[service]: the ticker of ``digest serve``."""

    tick_seconds: float = setting(30.0, between(0.05, 3_600))


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSettings:
    """[templates]: what a reader sees."""

    folder: Path | None = None
    theme: str = "modern"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingSettings:
    """[matching]: the engine that has all saved queries."""

    engine_file: Path | None = Path("digest-data/engine")


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticSettings:
    """[semantic]: what ``like:`` knows meanings by."""

    model: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultSettings:
    """[defaults]: what a new subscriber and a new subscription start with."""

    channel: ChannelName = ChannelName.EMAIL
    timezone: str = setting("UTC", _timezone)
    send_at: time = time(7, 0)
    cadence: Cadence = Cadence.DAILY
    weekdays: tuple[int, ...] = setting((), _weekdays)
    max_papers: int = setting(20, between(1, 500))
    min_score: float = setting(0.0, between(0, 1_000))
    order: Order = Order.RELEVANCE
    empty_digest: bool = False
    events: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings. ``file`` is where they were read ("" for the built-in ones); secrets never show in its repr."""

    store: StoreSettings = field(default_factory=StoreSettings)
    sources: tuple[SourceSettings, ...] = (SourceSettings(name="inbox", kind="folder", options={"path": "inbox"}),)
    ingest: IngestSettings = field(default_factory=IngestSettings)
    fetch: FetchSettings = field(default_factory=FetchSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    smtp: SmtpSettings = field(default_factory=SmtpSettings)
    dkim: DkimSettings = field(default_factory=DkimSettings)
    delivery: DeliverySettings = field(default_factory=DeliverySettings)
    returned: ReturnedSettings = field(default_factory=ReturnedSettings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    feeds: FeedSettings = field(default_factory=FeedSettings)
    reports: ReportSettings = field(default_factory=ReportSettings)
    links: LinkSettings = field(default_factory=LinkSettings)
    web: WebSettings = field(default_factory=WebSettings)
    service: ServiceSettings = field(default_factory=ServiceSettings)
    templates: TemplateSettings = field(default_factory=TemplateSettings)
    matching: MatchingSettings = field(default_factory=MatchingSettings)
    semantic: SemanticSettings = field(default_factory=SemanticSettings)
    defaults: DefaultSettings = field(default_factory=DefaultSettings)
    smtp_password: Secret = NO_SECRET
    file: str = ""
