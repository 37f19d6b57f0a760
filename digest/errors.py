"""Every error this program raises on purpose.

    DigestError                 something a user can mend; its text names the place and the way out
    ├── UsageError              the command line or a setting is wrong                    (exit 2)
    │   ├── ConfigError         a setting in digest.toml or the environment
    │   ├── QueryError          a saved query, with the column where it goes wrong
    │   └── AddressError        something that is not an e-mail address
    ├── SourceError             a whole source could not be read                          (exit 1)
    ├── ListingError            a document is no listing we know, or is broken as a whole (exit 1)
    ├── StoreError              the database cannot be opened, migrated, read or written  (exit 1)
    ├── TemplateError           a template is broken, with file and line                  (exit 1)
    └── DeliveryError           a message did not leave                                   (exit 1)
        ├── RetryLater          a temporary refusal: try again, nobody is to blame
        │   └── RelayFault      the relay failed over this message by itself: charge nobody, say so
        ├── AddressRefused      the relay will never accept this recipient or message
        ├── RelayDown           the relay itself cannot be used now: pause, charge nobody
        └── DeliveryDoubt       the body went out and no answer came: it may have arrived

One bad entry of a listing is no exception but a value in the stream (``model.Skipped``).
"""

from __future__ import annotations


class DigestError(Exception):
    """Something a user can mend.

    ``place`` says where (a file, a setting, a column), ``hint`` the way out; both may be empty.
    ``str(error)`` is one line, ready to be shown.
    """

    exit_code = 1

    def __init__(self, message: str, *, place: str = "", hint: str = "") -> None:
        self.message = message
        self.place = place
        self.hint = hint
        super().__init__(message)

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text} ({self.hint})" if self.hint else text


class UsageError(DigestError):
    """The command line or a setting is wrong; nothing was done."""

    exit_code = 2


class ConfigError(UsageError):
    """A setting is unknown, has the wrong type or contradicts another; ``place`` is ``file: [section] key``."""


class QueryError(UsageError):
    """A saved query that cannot be understood.

    ``query`` is the text, ``column`` the 0-based code point where it goes wrong, ``length`` how far the
    mistake reaches, ``suggestion`` a corrected query or word, or "".
    """

    def __init__(self, message: str, *, query: str, column: int, length: int = 1, suggestion: str = "") -> None:
        self.query = query
        self.column = column
        self.length = max(1, length)
        self.suggestion = suggestion
        super().__init__(message, place=f"column {column + 1}", hint=suggestion and f"did you mean {suggestion}?")

    def caret(self) -> str:
        """Return the query with a caret line under the mistake, ready to print below the message."""
        return f"{self.query}\n{' ' * self.column}{'^' * self.length}"


class AddressError(UsageError):
    """Something that is not an e-mail address we would send to."""


class SourceError(DigestError):
    """A whole source could not be read; the other sources go on."""


class ListingError(DigestError):
    """A document is no listing we know, or is broken as a whole; nothing of it is stored."""


class StoreError(DigestError):
    """The database cannot be opened, migrated, read or written."""


class TemplateError(DigestError):
    """A template is broken; ``place`` is ``file, line N``."""


class DeliveryError(DigestError):
    """A message did not leave. ``code`` and ``enhanced`` are the SMTP reply, where there was one."""

    def __init__(
        self, message: str, *, code: int | None = None, enhanced: str = "", place: str = "", hint: str = ""
    ) -> None:
        self.code = code
        self.enhanced = enhanced
        super().__init__(message, place=place, hint=hint)


class RetryLater(DeliveryError):  # noqa: N818 - named for what to do about it
    """A temporary refusal (4xx): the message is tried again after a while."""


class RelayFault(RetryLater):
    """The relay failed over one message for a reason of its own (its disk, its queue, an answer that is none).

    The message waits, uncharged, and the others go on: it may be that the relay cannot bear just this one.
    ``of_domain``: it was said of one recipient, so the fault may be its domain's.
    """

    def __init__(self, message: str, *, of_domain: bool = False, code: int | None = None, enhanced: str = "") -> None:
        self.of_domain = of_domain
        super().__init__(message, code=code, enhanced=enhanced)


class AddressRefused(DeliveryError):  # noqa: N818
    """A permanent refusal (5xx). ``suppress`` says whether the address itself is at fault and gets no more mail.

    ``suspect``: the recipient was refused without saying why; the same after some days means the address.
    ``of_relay``: refused was the sender, or the mail after the recipient was accepted: with one mail after the other
    that is the relay's opinion of us.
    """

    def __init__(
        self,
        message: str,
        *,
        suppress: bool,
        suspect: bool = False,
        of_relay: bool = False,
        code: int | None = None,
        enhanced: str = "",
        place: str = "",
    ) -> None:
        self.suppress = suppress
        self.suspect = suspect
        self.of_relay = of_relay
        super().__init__(message, code=code, enhanced=enhanced, place=place)


class RelayDown(DeliveryError):  # noqa: N818
    """The relay cannot be used now (no connection, log-in refused, TLS): pause it, charge no message a try."""


class DeliveryDoubt(DeliveryError):  # noqa: N818
    """The body was handed over and no answer came: the message may or may not have arrived."""
