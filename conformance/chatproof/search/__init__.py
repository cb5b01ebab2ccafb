"""The search: requests beyond the planned ones, found by hypothesis and schemathesis.

hypothesis combines the document's own values and shrinks what fails to the smallest request that
shows it; schemathesis brings requests that nobody here thought of, and judges the replies again.
"""

from __future__ import annotations
