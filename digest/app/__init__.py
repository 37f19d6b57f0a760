"""Wiring: Config to App; the only reader of the clock.

``wiring`` puts the rooms together, ``report`` says what a run did, ``inputs`` reads what the command line names,
``published`` writes the feed files, ``records`` gives the stable JSON shapes, ``secret`` keeps the signing key.
"""

from digest.app.report import RunReport
from digest.app.wiring import App

__all__ = ["App", "RunReport"]
