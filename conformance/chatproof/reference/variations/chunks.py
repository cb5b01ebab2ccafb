"""What stands in the chunks of a stream, and how much of it in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import variation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...contract.document import Json
    from ..faults.registry import Situation

MORE = {"x_vendor": {"region": "eu"}, "provider": "house"}


def _choices(chunks: list[Json]) -> Iterator[Json]:
    for chunk in chunks:
        yield from chunk["choices"]


def _like(chunk: Json, delta: Json) -> Json:
    """A chunk with another delta, and without what stands only once in a stream."""
    first = chunk["choices"][0]
    choice = {"index": first["index"], "delta": delta}
    choice |= {name: None for name in ("finish_reason", "logprobs") if name in first}
    rest = {key: value for key, value in chunk.items() if key not in ("usage", "time_info")}
    if "usage" in chunk and chunk["usage"] is None:
        rest["usage"] = None
    return {**rest, "choices": [choice]}


@variation("chunks.more_fields", stage="chunks")
def add_fields(chunks: list[Json], situation: Situation) -> list[Json]:
    """Every object of a stream has members that nobody knows."""
    for choice in _choices(chunks):
        choice |= MORE
        choice["delta"] |= MORE
    return [{**chunk, **MORE} for chunk in chunks]


@variation("chunks.empty_deltas", stage="chunks")
def say_nothing_now_and_then(chunks: list[Json], situation: Situation) -> list[Json]:
    """Behind every piece of text comes a delta without any."""
    made: list[Json] = []
    for chunk in chunks:
        made.append(chunk)
        if chunk["choices"] and chunk["choices"][0]["delta"].get("content"):
            made.append(_like(chunk, {}))
    return made


@variation("chunks.empty_text", stage="chunks")
def say_empty_texts(chunks: list[Json], situation: Situation) -> list[Json]:
    """The first delta has an empty text beside the role."""
    for choice in _choices(chunks):
        if "role" in choice["delta"] and not choice["delta"].get("content"):
            choice["delta"]["content"] = ""
    return chunks


@variation("chunks.content_null", stage="chunks")
def begin_with_null(chunks: list[Json], situation: Situation) -> list[Json]:
    """The first delta has null beside the role."""
    for choice in _choices(chunks):
        if "role" in choice["delta"] and not choice["delta"].get("content"):
            choice["delta"]["content"] = None
    return chunks


@variation("chunks.keys_reversed", stage="chunks")
def reverse_keys(chunks: list[Json], situation: Situation) -> list[Json]:
    """The members of a chunk are in another order."""
    return [{key: chunk[key] for key in reversed(chunk)} for chunk in chunks]


@variation("chunks.no_service_tier", stage="chunks")
def leave_out_the_tier(chunks: list[Json], situation: Situation) -> list[Json]:
    """Nothing is said of a service tier."""
    return [{k: v for k, v in chunk.items() if k != "service_tier"} for chunk in chunks]


@variation("chunks.no_fingerprint", stage="chunks", dialects=("openai",))
def leave_out_the_fingerprint(chunks: list[Json], situation: Situation) -> list[Json]:
    """Nothing is said of what the server runs."""
    return [{k: v for k, v in chunk.items() if k != "system_fingerprint"} for chunk in chunks]


@variation("chunks.no_obfuscation", stage="chunks")
def fill_nothing_up(chunks: list[Json], situation: Situation) -> list[Json]:
    """Chunks are not filled up to hide the length of the text."""
    return [{k: v for k, v in chunk.items() if k != "obfuscation"} for chunk in chunks]


@variation("chunks.two_tokens", stage="chunks")
def join_pairs(chunks: list[Json], situation: Situation) -> list[Json]:
    """Two pieces of text come in one chunk, with the log probabilities of both."""
    made: list[Json] = []
    for chunk in chunks:
        if made and _text_only(chunk) and _text_only(made[-1]) and not made[-1].get("joined"):
            made[-1] = _joined(made[-1], chunk) | {"joined": True}
        else:
            made.append(chunk)
    return [{k: v for k, v in chunk.items() if k != "joined"} for chunk in made]


@variation("chunks.all_at_once", stage="chunks")
def join_all(chunks: list[Json], situation: Situation) -> list[Json]:
    """The whole text comes in one chunk."""
    made: list[Json] = []
    for chunk in chunks:
        if made and _text_only(chunk) and _text_only(made[-1]):
            made[-1] = _joined(made[-1], chunk)
        else:
            made.append(chunk)
    return made


def _text_only(chunk: Json) -> bool:
    """Whether a chunk brings text of one choice, and nothing else."""
    if len(chunk["choices"]) != 1 or chunk.get("usage"):
        return False
    choice = chunk["choices"][0]
    return set(choice["delta"]) == {"content"} and not choice.get("finish_reason")


def _joined(one: Json, two: Json) -> Json:
    first, second = one["choices"][0], two["choices"][0]
    if first["index"] != second["index"]:
        return two
    text = first["delta"]["content"] + second["delta"]["content"]
    choice = {**first, "delta": {"content": text}}
    if first.get("logprobs") and second.get("logprobs"):
        entries = first["logprobs"]["content"] + second["logprobs"]["content"]
        choice["logprobs"] = {**first["logprobs"], "content": entries}
    return {**one, "choices": [choice]}


@variation("chunks.finish_with_text", stage="chunks")
def finish_at_once(chunks: list[Json], situation: Situation) -> list[Json]:
    """The finish reason comes with the last piece of text, not in a chunk of its own."""
    made: list[Json] = []
    for chunk in chunks:
        before = made[-1] if made else None
        if before is not None and _text_only(before) and _only_finishes(before, chunk):
            delta, logprobs = before["choices"][0]["delta"], before["choices"][0].get("logprobs")
            choice = {**chunk["choices"][0], "delta": delta}
            if logprobs:
                choice["logprobs"] = logprobs
            made[-1] = {**chunk, "choices": [choice]}
        else:
            made.append(chunk)
    return made


def _only_finishes(before: Json, chunk: Json) -> bool:
    if len(chunk["choices"]) != 1:
        return False
    choice = chunk["choices"][0]
    same = choice["index"] == before["choices"][0]["index"]
    return same and bool(choice.get("finish_reason")) and not any(choice["delta"].values())
