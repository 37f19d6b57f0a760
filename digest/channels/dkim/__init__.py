"""DKIM (RFC 6376): signatures by which a mail host knows that the message is ours and unchanged.

raw message ─▶ canonical ─▶ sign (RSA-SHA256, Ed25519-SHA256) ─▶ DKIM-Signature headers before the message
"""

from digest.channels.dkim.keys import DkimKey, load
from digest.channels.dkim.signing import Signer

__all__ = ["DkimKey", "Signer", "load"]
