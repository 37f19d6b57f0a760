"""Where bytes come from.

``files`` reads files and folders somebody named, ``inbox`` watches a folder; ``reading`` is how both read a file.
"""

from digest.sources.files import FileSource
from digest.sources.inbox import InboxSource

__all__ = ["FileSource", "InboxSource"]
