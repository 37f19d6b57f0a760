"""How a message leaves: ``folder`` writes it, ``smtp`` hands it to a mail server."""

from digest.channels.folder import FolderChannel
from digest.channels.smtp import SmtpChannel

__all__ = ["FolderChannel", "SmtpChannel"]
