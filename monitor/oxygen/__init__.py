"""The pure core: from a channel's life to its vital signs and a verdict. No I/O and no clock."""

from __future__ import annotations

from monitor.oxygen.activity import Activity, Promise
from monitor.oxygen.backtest import backtest
from monitor.oxygen.diagnosis import CODES, diagnose
from monitor.oxygen.people import staff_matcher
from monitor.oxygen.recipe import oxygen, oxygen_trend
from monitor.oxygen.silence import Life, outlook
from monitor.oxygen.vitals import measure
from monitor.oxygen.weeks import weekly

__all__ = [
    "CODES",
    "Activity",
    "Life",
    "Promise",
    "backtest",
    "diagnose",
    "measure",
    "outlook",
    "oxygen",
    "oxygen_trend",
    "staff_matcher",
    "weekly",
]
