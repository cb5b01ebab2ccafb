"""The reference server: it answers as the document says, or wrong on purpose.

``serving`` runs it in the background, ``serve`` by itself.
"""

from __future__ import annotations

from .serving import serve, serving

__all__ = ["serve", "serving"]
