"""The one validator of e-mail addresses."""

from __future__ import annotations

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from digest.errors import AddressError

_OF_ONE_HOUSE = ("localhost", ".local", ".lan", ".internal", ".test")
"""Ends of domains that exist inside one house only: an operator may well send there."""
_ELSEWHERE = ".example.org"


def address(text: str) -> str:
    """Return ``text`` as the bare e-mail address we would send to, its domain in lower case (punycode where needed).

    Display names, several addresses at once, control characters and local parts outside ASCII are refused with an
    ``AddressError``. Whether the mailbox exists is not looked up.
    """
    stripped = text.strip()
    inside = stripped.lower().endswith(_OF_ONE_HOUSE)
    try:
        valid = _validated(stripped + _ELSEWHERE if inside else stripped)
    except EmailNotValidError as error:
        raise AddressError(
            f"not an e-mail address: {str(error).rstrip('.')}", place=repr(text), hint="write it as name@example.org"
        ) from error
    return (valid.ascii_email or valid.normalized).removesuffix(_ELSEWHERE if inside else "")


def _validated(text: str) -> ValidatedEmail:
    return validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
