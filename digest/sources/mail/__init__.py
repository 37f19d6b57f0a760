"""Listings that come as mail: a maildir, an mbox file, an IMAP mailbox; each mail is read once, none is removed."""

from digest.sources.mail.imap import Account, ImapSource
from digest.sources.mail.maildir import MaildirSource
from digest.sources.mail.mbox import MboxSource

__all__ = ["Account", "ImapSource", "MaildirSource", "MboxSource"]
