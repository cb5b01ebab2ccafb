"""The list of models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..replies import dump
from .registry import Situation, fault

if TYPE_CHECKING:
    from ..replying import Reply


@fault("models.other_names", stage="models", breaks=("models.contains", "models.retrieve"))
def list_other_names(reply: Reply, situation: Situation) -> Reply:
    """The list does not have the model that answers (give its name to the run)."""
    if situation.path == "/models":
        for entry in reply.value["data"]:
            entry["id"] = f"prefix/{entry['id']}"
        reply.parts = [dump(reply.value)]
    return reply


@fault("models.retrieved_wrong", stage="models", breaks="models.retrieve")
def give_another_model(reply: Reply, situation: Situation) -> Reply:
    """Asked for one model, the server gives another."""
    if situation.path == "/models/":
        reply.value["id"] = "another"
        reply.parts = [dump(reply.value)]
    return reply


@fault("models.as_text", stage="models", breaks="models.listed")
def declare_text(reply: Reply, situation: Situation) -> Reply:
    """The list of models is declared to be text/plain."""
    if situation.path == "/models":
        reply.headers["content-type"] = "text/plain"
    return reply


@fault("models.no_id", stage="models", breaks="models.list.data.items.id.required")
def leave_out_an_id(reply: Reply, situation: Situation) -> Reply:
    """The last entry of the list has no id."""
    if situation.path == "/models":
        reply.value["data"].append({k: v for k, v in reply.value["data"][0].items() if k != "id"})
        reply.parts = [dump(reply.value)]
    return reply


@fault("models.unknown_as_500", stage="error", breaks="models.unknown")
def fail_at_an_unknown_model(reply: Reply, situation: Situation) -> Reply:
    """Asked for a model that does not exist, the server fails."""
    if situation.path == "/models/" and reply.status == 404:
        reply.status = 500
    return reply
