"""How requests reach a server: live over HTTP/1.1, with each byte, its time and failure kept.

The line that reproduces a request with curl is made by :func:`chatproof.transport.curl.curl`.
"""

from __future__ import annotations

from .base_url import BaseUrl, parse_base_url
from .limits import Limits
from .live import Live

__all__ = ["BaseUrl", "Limits", "Live", "parse_base_url"]
