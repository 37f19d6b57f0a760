"""How a message leaves: ``folder`` writes it, ``smtp`` hands it to a mail server, signed by ``dkim``."""

from digest.channels.folder import FolderChannel
from digest.channels.login import Server
from digest.channels.smtp import SmtpChannel

__all__ = ["FolderChannel", "Server", "SmtpChannel"]
