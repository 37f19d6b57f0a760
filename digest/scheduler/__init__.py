"""The one ticker of the one-machine service.

``ticker`` wakes up at intervals and does its duties, ``clock`` notices a wall clock that jumped, ``rounds`` makes the
three verbs of an ``App`` into duties. What is due is data in the store, never a job in the scheduler: a restart, a
DST change or a second service neither doubles nor drops a digest.
"""

from digest.scheduler.clock import ClockWatch, steady
from digest.scheduler.rounds import duties
from digest.scheduler.ticker import Duty, Pulse, Ticker

__all__ = ["ClockWatch", "Duty", "Pulse", "Ticker", "duties", "steady"]
