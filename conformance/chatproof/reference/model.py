"""The model of the reference server: a conversation in, a generation out, nothing of HTTP.

It understands nothing and babbles, but every parameter has its documented effect, so that a
suite can see the effect of each.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .constrain import value_for
from .sampling import Settings, choose, digest, distribution
from .tokens import Token, count, encode

PER_MESSAGE = 4
SHORTEST, LONGEST = 40, 70
"""How many tokens an answer has that nothing cuts."""
CERTAIN = -0.01
"""The log probability of a token that the format leaves no choice about."""


class UnknownTool(ValueError):
    """`tool_choice` names a function that is not among the tools."""


@dataclass(frozen=True, slots=True)
class GeneratedToolCall:
    """A call: `arguments` is JSON as text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class GeneratedChoice:
    """One answer. `stopped_by` is the stop sequence that ended it."""

    index: int
    tokens: tuple[Token, ...]
    content: str
    tool_calls: tuple[GeneratedToolCall, ...]
    finish_reason: str
    completion_tokens: int
    stopped_by: str | None = None


@dataclass(frozen=True, slots=True)
class Generation:
    """All answers to a request, and what the prompt cost."""

    prompt_tokens: int
    cached_tokens: int
    choices: tuple[GeneratedChoice, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """What of an answer can be sent at once: whole characters, and the tokens they end with."""

    text: str
    tokens: tuple[Token, ...]


def generate(body: Mapping[str, Any], *, entropy: int | None = None) -> Generation:
    """Answer a valid request. `entropy` takes the place of chance where no seed is given.

    Raises:
        UnknownTool: `tool_choice` names a function that is not among the tools.
    """
    messages = [_text(message) for message in body["messages"]]
    tools = body.get("tools") or []
    prompt_tokens = 3 + sum(PER_MESSAGE + count(text) for text in messages)
    prompt_tokens += sum(count(json.dumps(tool)) for tool in tools)
    prompt = digest("\0".join(messages))
    chosen = _tool_to_call(body, tools, messages)
    if entropy is None:
        entropy = random.SystemRandom().getrandbits(48)
    made = []
    for index in range(body.get("n") or 1):
        chance = random.Random(f"{body.get('seed', entropy) or entropy} {prompt} {index}")  # noqa: S311
        if chosen is not None:
            made.append(_call(index, chosen, body, prompt + entropy))
        else:
            made.append(_speak(index, body, prompt, chance))
    return Generation(prompt_tokens, 0, tuple(made))


def chunks(choice: GeneratedChoice) -> Iterator[Piece]:
    """An answer piece by piece: as soon as characters are whole, and never beyond the content.

    What is left of the content when the tokens are used up comes as a last piece.
    """
    sent, pending = 0, []
    data = b""
    for token in choice.tokens:
        data += token.bytes
        pending.append(token)
        whole = len(data.decode("utf-8", "ignore"))
        end = min(whole, len(choice.content))
        if end > sent:
            yield Piece(choice.content[sent:end], tuple(pending))
            sent, pending = end, []
    if sent < len(choice.content) or pending:
        yield Piece(choice.content[sent:], tuple(pending))


def _text(message: Mapping[str, Any]) -> str:
    """What a message says, the same for a text and for its only part."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(part.get("text", "") for part in content)
    calls = json.dumps(message["tool_calls"]) if message.get("tool_calls") else ""
    return f"{content or ''}{calls}"


def _tool_to_call(
    body: Mapping[str, Any], tools: list[Any], messages: list[str]
) -> Mapping[str, Any] | None:
    """The function that is called: the named one, the first, or one that the user mentions."""
    choice = body.get("tool_choice") or ("auto" if tools else "none")
    functions = [tool["function"] for tool in tools]
    if isinstance(choice, dict):
        name = choice["function"]["name"]
        found = next((f for f in functions if f["name"] == name), None)
        if found is None:
            raise UnknownTool(f"tool_choice: there is no tool {name!r}")
        return found  # type: ignore[no-any-return]
    if choice == "required":
        return functions[0] if functions else None
    if choice == "auto":
        return next((f for f in functions if f["name"] in messages[-1]), None)
    return None


def _call(
    index: int, function: Mapping[str, Any], body: Mapping[str, Any], entropy: int
) -> GeneratedChoice:
    arguments = json.dumps(value_for(function.get("parameters") or {"type": "object"}))
    tokens = encode(arguments)
    limit = _limit(body)
    cut = limit is not None and len(tokens) >= limit
    if cut:
        tokens = tokens[:limit]
        arguments = b"".join(tokens).decode("utf-8", "ignore")
    name = f"{digest(f'{entropy} {index} {random.SystemRandom().random()}'):x}"[:9]
    call = GeneratedToolCall(name, function["name"], arguments)
    used = len(tokens) if cut else len(tokens) + 1
    reason = "length" if cut else "tool_calls"
    return GeneratedChoice(index, (), "", (call,), reason, used)


def _limit(body: Mapping[str, Any]) -> int | None:
    given = (body.get(name) for name in ("max_completion_tokens", "max_tokens"))
    return min((limit for limit in given if limit is not None and limit >= 0), default=None)


def _speak(
    index: int, body: Mapping[str, Any], prompt: int, chance: random.Random
) -> GeneratedChoice:
    limit = _limit(body)
    stop = body.get("stop")
    stops = [text for text in ([stop] if isinstance(stop, str) else stop or []) if text]
    tokens: list[Token] = []
    data = b""
    for token in _tokens(body, prompt, chance):
        if limit is not None and len(tokens) >= limit:
            return _made(index, tokens, data, "length", len(tokens))
        tokens.append(token)
        data += token.bytes
        if stops:
            found = _first_stop(data, stops)
            if found:
                cut = data[: data.index(found.encode())]
                return _made(index, tokens, cut, "stop", len(tokens), found)
    if limit is not None and len(tokens) >= limit:
        return _made(index, tokens, data, "length", len(tokens))
    return _made(index, tokens, data, "stop", len(tokens) + 1)


def _made(
    index: int,
    tokens: list[Token],
    data: bytes,
    reason: str,
    used: int,
    stopped_by: str | None = None,
) -> GeneratedChoice:
    content = data.decode("utf-8", "ignore")
    return GeneratedChoice(index, tuple(tokens), content, (), reason, used, stopped_by)


def _first_stop(data: bytes, stops: list[str]) -> str | None:
    found = [(at, stop) for stop in stops if (at := data.find(stop.encode())) >= 0]
    return min(found)[1] if found else None


def _tokens(body: Mapping[str, Any], prompt: int, chance: random.Random) -> Iterator[Token]:
    """The tokens of an answer that nothing cuts."""
    wanted = (body.get("top_logprobs") or 0) if body.get("logprobs") else 0
    settings = _settings(body)
    format_ = body.get("response_format") or {}
    forced = _formatted(format_)
    if forced is not None:
        for place, token in enumerate(encode(forced)):
            yield _certain(token, distribution(prompt, place, {}, settings), wanted)
        return
    said: Counter[bytes] = Counter()
    counted = bool(settings.frequency_penalty or settings.presence_penalty)
    place, length = 0, SHORTEST + prompt % (LONGEST - SHORTEST)
    while place < length:
        ranked = distribution(prompt, place, said if counted else {}, settings)
        word, logprob = choose(ranked, settings, chance)
        said[word] += 1
        first, *rest = encode(word.decode())
        head = [(encode(other.decode())[0], value) for other, value in ranked[:wanted]]
        yield Token(first, logprob, tuple(head))
        for token in rest:
            yield _certain(token, ranked, wanted)
        place += 1 + len(rest)


def _settings(body: Mapping[str, Any]) -> Settings:
    def given(name: str, default: float) -> float:
        value = body.get(name)
        return default if value is None else value

    return Settings(
        temperature=given("temperature", 1.0),
        top_p=given("top_p", 1.0),
        frequency_penalty=given("frequency_penalty", 0.0),
        presence_penalty=given("presence_penalty", 0.0),
        bias=body.get("logit_bias") or {},
    )


def _formatted(format_: Mapping[str, Any]) -> str | None:
    """The JSON text that a format leaves no choice about; None for free text."""
    if format_.get("type") == "json_object":
        return json.dumps({"colour": "blue"}, separators=(",", ":"))
    if format_.get("type") == "json_schema":
        schema = format_["json_schema"].get("schema") or {}
        return json.dumps(value_for(schema), separators=(",", ":"), ensure_ascii=False)
    return None


def _certain(token: bytes, ranked: list[tuple[bytes, float]], wanted: int) -> Token:
    others = [(encode(word.decode())[0], value - 5) for word, value in ranked[: max(0, wanted - 1)]]
    return Token(token, CERTAIN, ((token, CERTAIN), *others)[:wanted])
