"""Reading an HTTP Archive, whoever wrote it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..options import BadOption
from .entry import MEMBER
from .foreign import Foreign, foreign_of
from .recording import Recording, recording_of

if TYPE_CHECKING:
    from pathlib import Path

    from ..contract.document import Json


def read(path: Path, base: str | None = None) -> Recording | Foreign:
    """The recording in a HAR file: one of ours, or what others recorded of the server `base`.

    Raises:
        BadOption: it cannot be read, is damaged, or has nothing to judge.
    """
    log = _log(path)
    try:
        if MEMBER not in log:
            return foreign_of(log, base)
        recording = recording_of(log)
    except BadOption as error:
        raise BadOption(f"{path}: {error}") from None
    except ValueError as error:
        raise BadOption(f"{path}: cannot be used ({error}); record again") from None
    if base is not None:
        raise BadOption(f"{path}: is of {recording.url} alone; leave out --base")
    return recording


def _log(path: Path) -> Json:
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise BadOption(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except (ValueError, RecursionError) as error:
        at = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise BadOption(f"{path}: is no JSON{at}, so no HAR file, or a part of one") from None
    log = value.get("log") if isinstance(value, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        raise BadOption(f"{path}: is no HAR file: it has no log with entries")
    return log
