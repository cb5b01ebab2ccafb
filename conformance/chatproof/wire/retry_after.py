"""How long a server asks to wait before the next request (RFC 9110, 10.2.3)."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .exchange import Reply


def retry_after(reply: Reply) -> float | None:
    """Seconds from now on; None where there is no Retry-After, or none that can be read.

    The official SDKs read fractions of seconds too.
    """
    value = (reply.header("retry-after") or "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def pushes_back(reply: Reply) -> bool:
    """Whether a reply asks to come again later (RFC 6585, 4; RFC 9110, 15.6.4)."""
    return reply.status == 429 or (reply.status == 503 and retry_after(reply) is not None)
