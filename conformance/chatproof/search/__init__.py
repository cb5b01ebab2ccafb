"""The search: requests beyond the planned ones, found by hypothesis and schemathesis.

hypothesis combines the document's own values and shrinks what fails to the smallest request that
shows it; schemathesis brings requests that nobody here thought of, and judges the replies again.
"""

from __future__ import annotations

COVERAGE = "coverage"
KINDS = (
    "valid",
    "one_mistake",
    "two_mistakes",
    COVERAGE,
    "invalid_for_schemathesis",
    "valid_for_schemathesis",
)
"""What is made up, in this order. All but the coverage cases are hunted through."""
