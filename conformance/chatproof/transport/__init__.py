"""How requests reach a server: live over HTTP/1.1, with each byte, its time and failure kept.

The line that reproduces a request with curl is made by :func:`chatproof.transport.curl.curl`.
"""

from __future__ import annotations

from .base_url import BaseUrl, parse_base_url
from .limits import Limits
from .live import Live
from .message import check_key

__all__ = ["BaseUrl", "Limits", "Live", "check_key", "parse_base_url"]
