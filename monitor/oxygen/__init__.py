"""The pure core: from a channel's life to its vital signs and a verdict. No I/O and no clock."""

from __future__ import annotations

from monitor.oxygen.activity import Activity, Promise
from monitor.oxygen.advice import advise, whether_to_open
from monitor.oxygen.backtest import backtest
from monitor.oxygen.diagnosis import CODES, diagnose
from monitor.oxygen.marks import marks
from monitor.oxygen.people import participants, participants_of, staff_matcher
from monitor.oxygen.recipe import looks_back, of_organisation, oxygen
from monitor.oxygen.silence import Life, outlook
from monitor.oxygen.vitals import measure
from monitor.oxygen.weeks import weekly

__all__ = [
    "CODES",
    "Activity",
    "Life",
    "Promise",
    "advise",
    "backtest",
    "diagnose",
    "looks_back",
    "marks",
    "measure",
    "of_organisation",
    "outlook",
    "oxygen",
    "participants",
    "participants_of",
    "staff_matcher",
    "weekly",
    "whether_to_open",
]
