"""Keys that are not looked at. Seen only by a run that has a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import Situation, fault

if TYPE_CHECKING:
    from ..replying import Reply


@fault("auth.not_needed", stage="key", breaks=("auth.missing", "auth.before_validation"))
def need_no_key(good: bool, situation: Situation) -> bool:
    """A request without a key is answered."""
    return good or situation.body is None


@fault("auth.any_key", stage="key", breaks=("auth.wrong", "auth.models"))
def take_any_key(good: bool, situation: Situation) -> bool:
    """Every key is good."""
    return good or situation.body is not None


@fault(
    "auth.forbidden",
    stage="error",
    breaks=("auth.missing", "auth.wrong", "auth.before_validation", "auth.models"),
)
def forbid(reply: Reply, situation: Situation) -> Reply:
    """A missing or wrong key is answered with 403."""
    if reply.status == 401:
        reply.status = 403
    return reply
