"""Who saw a message leave: evidence that settles a delivery in doubt.

``PostfixLog`` reads the log of a Postfix on this machine. A provider with an interface of its own (Amazon SES,
Postmark, Mailgun …) is one class with one method, ``ports.Evidence.find``: ask its interface for messages with our
Message-ID to that recipient since that instant, and answer

* ``Delivered`` where it has one (accepted, queued or delivered: it answers for the message from there on),
* ``Refused`` where it has one that it rejected or bounced,
* ``NotYet`` where it answered, and what it answers is complete up to now or soon will be, and has none,
* ``Unknown`` in every other case: no answer, an error, an incomplete list. When in doubt, ``Unknown``: it holds the
  message, while a wrong ``NotYet`` sends it twice and a wrong ``Delivered`` loses it.
"""

from __future__ import annotations

from digest.channels.evidence.postfix import PostfixLog

__all__ = ["PostfixLog"]
