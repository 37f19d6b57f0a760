"""What somebody who saw a message knows of it: the four answers about a delivery in doubt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delivered:
    """The relay took the message and answers for it; ``reply`` says how that is known."""

    reply: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The relay refused the message, or gave it back."""

    reply: str


@dataclass(frozen=True, slots=True)
class NotYet:
    """Nothing is known of the message, by one who would know it by now or soon: after a while this means "no"."""

    reply: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say: ``reply`` tells why."""

    reply: str


Finding = Delivered | Refused | NotYet | Unknown
