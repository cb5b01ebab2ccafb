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


@variation("chunks.finish_with_call", stage="chunks")
def finish_with_the_call(chunks: list[Json], situation: Situation) -> list[Json]:
    """The finish reason comes with the last piece of a tool call, not in a chunk of its own."""
    made: list[Json] = []
    for chunk in chunks:
        if made and _brings(made[-1], "tool_calls") and _only_finishes(made[-1], chunk):
            made[-1] = _merged(made[-1], chunk)
        else:
            made.append(chunk)
    return made


@variation("chunks.finish_empty_text", stage="chunks")
def finish_with_an_empty_text(chunks: list[Json], situation: Situation) -> list[Json]:
    """The finish reason has an empty text beside it."""
    for choice in _choices(chunks):
        if choice.get("finish_reason") and not choice["delta"]:
            choice["delta"]["content"] = ""
    return chunks


@variation("chunks.begin_at_once", stage="chunks")
def begin_at_once(chunks: list[Json], situation: Situation) -> list[Json]:
    """The role comes with the first piece of text, of thoughts or of a call."""
    made: list[Json] = []
    for chunk in chunks:
        if made and _only_begins(made[-1]) and _goes_on(made[-1], chunk):
            made[-1] = _merged(made[-1], chunk)
        else:
            made.append(chunk)
    return made


@variation("chunks.whole_calls", stage="chunks", dialects=("openai",))
def give_calls_whole(chunks: list[Json], situation: Situation) -> list[Json]:
    """A tool call comes in one piece, as of engines that read it when it is whole."""
    made: list[Json] = []
    for chunk in chunks:
        call = _only_call(chunk)
        before = _only_call(made[-1]) if made else None
        if call and before and _goes_on(made[-1], chunk) and call["index"] == before["index"]:
            before["function"]["arguments"] += call["function"]["arguments"]
        else:
            made.append(chunk)
    return made


@variation("chunks.split_calls", stage="chunks", dialects=("openai",))
def split_calls(chunks: list[Json], situation: Situation) -> list[Json]:
    """The arguments of a tool call come two characters at a time."""
    made: list[Json] = []
    for chunk in chunks:
        made.append(chunk)
        call = _only_call(chunk)
        if call is None:
            continue
        arguments = call["function"]["arguments"]
        call["function"]["arguments"] = arguments[:2]
        finish, chunk["choices"][0]["finish_reason"] = chunk["choices"][0]["finish_reason"], None
        for at in range(2, len(arguments), 2):
            piece = {"index": call["index"], "function": {"arguments": arguments[at : at + 2]}}
            made.append(_like(chunk, {"tool_calls": [piece]}))
        made[-1]["choices"][0]["finish_reason"] = finish  # if it came with the call
    return made


@variation("chunks.nulls", stage="chunks", dialects=("openai",))
def write_nulls(chunks: list[Json], situation: Situation) -> list[Json]:
    """A delta that brings no text says so with null."""
    for choice in _choices(chunks):
        for name in ("content", "refusal"):
            choice["delta"].setdefault(name, None)
    return chunks


def _only_begins(chunk: Json) -> bool:
    """Whether a chunk gives the role of one choice, and nothing that is said."""
    said = [n for n, v in chunk["choices"][0]["delta"].items() if v] if chunk["choices"] else []
    return said == ["role"]


def _brings(chunk: Json, name: str) -> bool:
    return len(chunk["choices"]) == 1 and bool(chunk["choices"][0]["delta"].get(name))


def _goes_on(before: Json, chunk: Json) -> bool:
    """Whether a chunk brings more of the same choice, and not its end."""
    if len(chunk["choices"]) != 1 or len(before["choices"]) != 1:
        return False
    choice = chunk["choices"][0]
    same = choice["index"] == before["choices"][0]["index"]
    return same and not choice.get("finish_reason") and "role" not in choice["delta"]


def _only_call(chunk: Json) -> Json | None:
    """The piece of a tool call in a chunk that has one and no more."""
    calls = chunk["choices"][0]["delta"].get("tool_calls") if chunk["choices"] else None
    return calls[0] if calls and len(calls) == 1 else None


def _merged(one: Json, two: Json) -> Json:
    """A chunk that brings what two chunks of one choice do."""
    first, second = one["choices"][0], two["choices"][0]
    choice = {**first, **second, "delta": {**first["delta"], **second["delta"]}}
    if first.get("logprobs") and not second.get("logprobs"):
        choice["logprobs"] = first["logprobs"]
    return {**one, **two, "choices": [choice]}
