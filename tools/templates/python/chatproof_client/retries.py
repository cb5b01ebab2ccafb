"""When a request is sent again, and how long to wait before."""

from __future__ import annotations

import random
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 120.0
"""Seconds; who asks for more is not waited for."""


def may_be_repeated(status: int, headers: Mapping[str, str]) -> bool:
    """Whether a reply says that another attempt may succeed."""
    said = headers.get("x-should-retry")
    if said in ("true", "false"):
        return said == "true"
    return status in (408, 409, 429) or status >= 500


def delay(attempt: int, headers: Mapping[str, str]) -> float | None:
    """Seconds to wait after attempt number `attempt` (from 0); None: longer than it is worth."""
    asked = _asked(headers)
    if asked is not None and asked > LONGEST:
        return None
    if asked is not None and asked > 0:
        return asked
    backoff: float = min(0.5 * 2**attempt, 8.0)
    return backoff * (1 - 0.25 * random.random())


def _asked(headers: Mapping[str, str]) -> float | None:
    """What Retry-After asks for: milliseconds, seconds, or a date."""
    try:
        if "retry-after-ms" in headers:
            return float(headers["retry-after-ms"]) / 1000
        value = headers.get("retry-after", "")
        try:
            return float(value)
        except ValueError:
            return parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, TypeError):
        return None
