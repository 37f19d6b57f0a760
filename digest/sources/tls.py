"""Whom to believe that a server is the one it says it is: the authorities this machine trusts, and one's own."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

import httpcore2

from digest.errors import ConfigError


@lru_cache(16)
def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """Return a context that checks certificates and names; ``ca_file`` holds authorities (PEM) that are trusted too.

    Raises ``ConfigError`` where the file cannot be read or holds no certificate.
    """
    context = httpcore2.default_ssl_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as error:  # ssl.SSLError is one
            reason = error.strerror if isinstance(error, FileNotFoundError | PermissionError) else "holds none"
            raise ConfigError(
                f"{ca_file} cannot be read: {reason}",
                place="[fetch] ca_file",
                hint="name a file of certificates in PEM form",
            ) from error
    return context


def way_out(error: BaseException, otherwise: str) -> str:
    """Return what to do about a connection that failed: a server nobody vouches for wants another setting."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "if it is your own server, name its authority in [fetch] ca_file"
    return otherwise
