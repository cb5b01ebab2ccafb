"""Recordings: a run, or somebody's real traffic, as an HTTP Archive (HAR 1.2), to judge it offline.

A recording of ours is a plain HAR file that any viewer opens. What HAR has no place for (segments
and their times, failures, bytes that are no text, what the run was asked to do) stands in members
named ``_chatproof``. Keys and cookies are taken out before anything is written.
"""

from __future__ import annotations

from .archive import read
from .entry import Sent
from .foreign import Foreign
from .playback import NOT_RECORDED, Playback, RecordedHunts
from .recorder import Recorder
from .recording import About, Recording, write

__all__ = [
    "NOT_RECORDED",
    "About",
    "Foreign",
    "Playback",
    "RecordedHunts",
    "Recorder",
    "Recording",
    "Sent",
    "read",
    "write",
]
