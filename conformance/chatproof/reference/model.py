"""The deterministic model of the reference server: a request in, what it would say out.

``generate`` takes a valid request body and honours every parameter that bears on the text; it
knows nothing of HTTP and of dialects. ``chunks`` cuts a choice into the pieces of a stream.

The text comes from ``sampling`` token by token, or, for tool calls and structured outputs, from
``constrain``, whose JSON takes the same way through tokens, limits and log probabilities.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import jsonschema_rs

from .constrain import JSON_OBJECT, ImpossibleSchema, json_for
from .sampling import Draws, Sampler, Speaker, usable_bias
from .speech import LONGEST, Asked, given, spelling, utter
from .tokens import Prompt, Token, encode, prompt_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..contract.document import Json

FinishReason = Literal["stop", "length", "tool_calls"]

MOST_CHOICES = 128
SHORTEST_TEXT, LENGTHS = 20, 37
"""A text that nothing cuts has about 20 to 60 tokens; the prompt decides how many."""
THOUGHTS = 6
"""About so many tokens it thinks before it speaks, where the user asks it to."""


class Unanswerable(ValueError):
    """A valid request that cannot be carried out; `param` is the field at fault."""

    def __init__(self, message: str, param: str) -> None:
        super().__init__(message)
        self.param = param


class UnknownTool(Unanswerable):
    """tool_choice names a function that is not among the tools."""


@dataclass(frozen=True, slots=True)
class GeneratedToolCall:
    """A call of a function. `tokens` spell the arguments, which a token limit may have cut."""

    id: str
    name: str
    arguments: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class GeneratedChoice:
    """One answer.

    `tokens` spell the content exactly. `steps` are all tokens that were generated: besides
    those, the token that ended the text, what a stop sequence took away, a character that was
    not finished, and the tokens of tool calls. `stopped_by` is the stop sequence that was found,
    `stop` are those that were looked for. `reasoning` was thought before; with `refused` the
    content says that there will be no answer.
    """

    index: int
    tokens: tuple[Token, ...]
    content: str
    tool_calls: tuple[GeneratedToolCall, ...]
    finish_reason: FinishReason
    completion_tokens: int
    stopped_by: str | None
    steps: tuple[Token, ...]
    stop: tuple[str, ...] = ()
    reasoning: tuple[Token, ...] = ()
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Generation:
    """The answers to one request. Nothing is ever cached, so `cached_tokens` is 0."""

    prompt_tokens: int
    cached_tokens: int
    choices: tuple[GeneratedChoice, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """What one chunk of a stream brings.

    `text` goes on the content, or the arguments of the tool call number `call`, or what was
    thought. The first piece of a call has its `id` and `name` and no text.
    """

    text: str
    tokens: tuple[Token, ...]
    thought: bool = False
    call: int | None = None
    id: str | None = None
    name: str | None = None


def generate(body: Mapping[str, Json], *, entropy: int | None = None) -> Generation:
    """Carry out a valid request.

    `entropy` decides what chance decides, where the request has no seed, and the ids of tool
    calls; without it every call gives something new.

    Raises:
        UnknownTool: tool_choice names no tool of the request.
        Unanswerable: no value fits the JSON schema, or more than 128 choices are asked for.
    """
    if entropy is None:
        entropy = secrets.randbits(64)
    count = int(given(body, "n", 1))
    if count > MOST_CHOICES:
        raise Unanswerable(f"n: no more than {MOST_CHOICES} choices are made", "n")
    prompt = prompt_of(body)
    functions = _called(body)
    choices = (_choice(body, prompt, functions, entropy, index) for index in range(count))
    return Generation(prompt.tokens, 0, tuple(choices))


def chunks(choice: GeneratedChoice) -> Iterator[Piece]:
    """A choice as it streams: what was thought, the content token by token, the tool calls.

    A piece holds whole characters, and as many tokens as needed for that. What may be the
    beginning of a stop sequence waits until it is known not to be. All pieces together are the
    choice, none of them is empty.
    """
    for text, tokens in _spoken(choice.reasoning, ()):
        yield Piece(text, tokens, thought=True)
    spelled = b"".join(token.bytes for token in choice.tokens)
    if spelled == choice.content.encode("utf-8", "surrogatepass"):
        for text, tokens in _spoken(choice.tokens, choice.stop):
            yield Piece(text, tokens)
    else:  # somebody changed the content afterwards
        yield Piece(choice.content, choice.tokens)
    for number, call in enumerate(choice.tool_calls):
        yield Piece("", (), False, number, call.id, call.name)
        for text, tokens in _spoken(call.tokens, ()):
            yield Piece(text, tokens, False, number)


def _spoken(
    tokens: Sequence[Token], stop: Sequence[str]
) -> Iterator[tuple[str, tuple[Token, ...]]]:
    """Texts, each with the tokens that spell it."""
    held: list[Token] = []
    for token in tokens:
        held.append(token)
        data = b"".join(member.bytes for member in held)
        text = data.decode("utf-8", "ignore")
        if len(text.encode()) == len(data) and not _may_begin(text, stop):
            yield text, tuple(held)
            held.clear()
    if held:
        yield b"".join(token.bytes for token in held).decode("utf-8", "ignore"), tuple(held)


def _may_begin(text: str, stop: Sequence[str]) -> bool:
    """Whether the end of a text is the beginning of a stop sequence."""
    return any(
        text.endswith(sequence[:size])
        for sequence in stop
        for size in range(1, min(len(sequence), len(text) + 1))
    )


def _choice(
    body: Mapping[str, Json],
    prompt: Prompt,
    functions: Sequence[Mapping[str, Json]],
    entropy: int,
    index: int,
) -> GeneratedChoice:
    sampler = _sampler(body, prompt, entropy, index)
    asked = Asked.of(body)
    if functions:
        return _calls(functions, prompt, sampler, asked, f"{entropy}:{index}", index)
    script = _structured(body, sampler.draws)
    speaker = Speaker(prompt.digest, _length(prompt, sampler), script)
    words = last_words(body["messages"]) if script is None else ""
    thought = _think(prompt, sampler, asked) if words.startswith("Think") else ()
    said = utter(speaker, sampler, asked.less(len(thought)), _stops(body))
    tokens = spelling(said.steps, len(said.text.encode()))
    return GeneratedChoice(
        index=index,
        tokens=tokens,
        content=said.text,
        tool_calls=(),
        finish_reason="stop" if said.ended else "length",
        completion_tokens=len(thought) + len(said.steps),
        stopped_by=said.stopped_by,
        steps=thought + said.steps,
        stop=_stops(body),
        reasoning=thought,
        refused=words.startswith("Refuse"),
    )


def _think(prompt: Prompt, sampler: Sampler, asked: Asked) -> tuple[Token, ...]:
    """What the model thinks before it speaks; whole characters."""
    digest = hashlib.blake2b(prompt.digest, digest_size=16).digest()
    said = utter(Speaker(digest, THOUGHTS - 2, None), sampler, asked)
    return spelling(said.steps, len(said.text.encode()))


# What the request asks for --------------------------------------------------------------------


def _sampler(body: Mapping[str, Json], prompt: Prompt, entropy: int, index: int) -> Sampler:
    temperature, top_p = given(body, "temperature", 1.0), given(body, "top_p", 1.0)
    seed = body.get("seed")
    source: tuple[object, ...] = ("entropy", entropy, index)
    if temperature == 0 or top_p == 0:
        source = ("greedy",)
    elif seed is not None:
        source = ("seed", int(seed), index)
    asked = [int(given(body, name, 0)) for name in ("min_tokens", "min_completion_tokens")]
    return Sampler(
        draws=Draws(prompt.digest, *source),
        temperature=temperature,
        top_p=top_p,
        bias=usable_bias(body.get("logit_bias")),
        frequency=given(body, "frequency_penalty", 0),
        presence=given(body, "presence_penalty", 0),
        least=LONGEST if -1 in asked else max(asked),
    )


def _length(prompt: Prompt, sampler: Sampler) -> int:
    return max(SHORTEST_TEXT + prompt.digest[0] % LENGTHS, sampler.least - 1)


def _stops(body: Mapping[str, Json]) -> tuple[str, ...]:
    """The stop sequences; empty ones, which would stop everything, are ignored."""
    stop = body.get("stop") or ()
    return tuple(filter(None, (stop,) if isinstance(stop, str) else stop))


def _structured(body: Mapping[str, Json], draws: Draws) -> list[int] | None:
    """The tokens of an answer whose format is given; None where it is text."""
    form = body.get("response_format") or {}
    if form.get("type") not in ("json_object", "json_schema"):
        return None
    asked = form.get("json_schema") or {}
    schema = JSON_OBJECT if asked.get("schema") is None else asked["schema"]
    return encode(_json(schema, draws, "response_format", strict=asked.get("strict") is True))


def _json(schema: Json, draws: Draws, param: str, *, strict: bool) -> str:
    """A JSON text for a schema; for a strict one it is seen that nothing was passed over."""
    try:
        text = json_for(schema, draws)
        if strict and not jsonschema_rs.is_valid(schema, json.loads(text)):
            raise ImpossibleSchema("the schema has a keyword that is not supported")
    except jsonschema_rs.ValidationError as error:
        raise Unanswerable(f"{param}: no JSON Schema: {error.message}", param) from None
    except ValueError as error:
        raise Unanswerable(f"{param}: {error}", param) from None
    return text


# Tool calls -------------------------------------------------------------------------------------


def _called(body: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """The functions to call: as tool_choice demands, or those that the user speaks of."""
    functions = [tool["function"] for tool in body.get("tools") or () if tool.get("function")]
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice.get("function"):
        name = choice["function"]["name"]
        chosen = [function for function in functions if function["name"] == name]
        if not chosen:
            raise UnknownTool(f"tool_choice: there is no tool {name!r}", "tool_choice")
        return chosen[:1]
    if choice == "none":
        return []
    if choice == "required":
        return functions[:1]
    words = last_words(body["messages"]) if functions else ""
    spoken_of = [f for f in functions if re.search(rf"(?<!\w){re.escape(f['name'])}(?!\w)", words)]
    return spoken_of[:1] if body.get("parallel_tool_calls") is False else spoken_of


def last_words(messages: Sequence[Mapping[str, Json]]) -> str:
    """The last message of the user, unless tools have answered to it."""
    for message in reversed(messages):
        if message.get("role") == "tool":
            break
        if message.get("role") == "user":
            content = message.get("content") or ""
            parts = [{"text": content}] if isinstance(content, str) else content
            return "\n".join(part["text"] for part in parts if isinstance(part.get("text"), str))
    return ""


def _calls(
    functions: Sequence[Mapping[str, Json]],
    prompt: Prompt,
    sampler: Sampler,
    asked: Asked,
    source: str,
    index: int,
) -> GeneratedChoice:
    """A choice that calls functions. A call that the limit cuts in its name is not there."""
    scripts = []
    for function in functions:
        schema = {"type": "object", **(function.get("parameters") or {})}
        strict = function.get("strict") is True
        arguments = _json(schema, sampler.draws, "tools", strict=strict)
        scripts.append((function["name"], encode(function["name"]), encode(arguments)))
    script = [token for _, name, arguments in scripts for token in (*name, *arguments)]
    said = utter(Speaker(prompt.digest, 0, script), sampler, asked)
    calls: list[GeneratedToolCall] = []
    rest = said.steps
    for name, head, body in scripts:
        if len(rest) < len(head):
            break
        spoken, rest = rest[len(head) : len(head) + len(body)], rest[len(head) + len(body) :]
        text = b"".join(token.bytes for token in spoken).decode("utf-8", "ignore")
        tokens = spelling(spoken, len(text.encode()))
        calls.append(GeneratedToolCall(_call_id(source, len(calls)), name, text, tokens))
    return GeneratedChoice(
        index=index,
        tokens=(),
        content="",
        tool_calls=tuple(calls),
        finish_reason="tool_calls" if said.ended else "length",
        completion_tokens=len(said.steps),
        stopped_by=None,
        steps=said.steps,
    )


def _call_id(source: str, number: int) -> str:
    """Nine hexadecimal digits, as Cerebras writes them."""
    return hashlib.blake2b(f"{source}:{number}".encode()).hexdigest()[:9]
