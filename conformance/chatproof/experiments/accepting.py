"""Requests that look odd, and that a server has to live with: answer, or refuse, but not fail."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, check, experiment, inconclusive
from .asking import accepted, first, greedy, no_server_error, prompt_tokens, unanswered

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session

CALL: Json = {
    "id": "call00001",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
}
TOOL: Json = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}},
}
LENGTHS = (8, 200, 2000)
"""Words of prompts, the last one longer than many default contexts."""
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwAD"
    "hgGAWjR9awAAAABJRU5ErkJggg=="
)


@experiment("request.assistant.content_absent")
async def a_call_needs_no_content(session: Session) -> AsyncChecks:
    messages = [
        {"role": "user", "content": "What is the weather in Paris?"},
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": CALL["id"], "content": "sunny"},
    ]
    body = session.body(messages=messages, tools=[TOOL], max_completion_tokens=1)
    yield accepted(await session.chat(body), "an assistant message without content")


@experiment("request.round_trip")
async def what_it_said_can_be_sent_back(session: Session) -> AsyncChecks:
    view = await session.chat(session.body())
    if view.kind != "completion" or first(view) is None:
        yield unanswered(view)
        return
    message = view.json.value["choices"][0]["message"]
    user = {"role": "user", "content": "Go on."}
    body = session.body(messages=[{"role": "user", "content": "Say hello."}, message, user])
    if session.contract.breaches(body):
        yield inconclusive("the message itself breaks the schema of requests")
        return
    yield accepted(await session.chat(body), "the server's own message")


@experiment("request.roles.order")
async def any_order_of_roles_is_survived(session: Session) -> AsyncChecks:
    orders = list(itertools.product(("system", "user", "assistant"), repeat=2))
    talks = [[{"role": role, "content": "Hello."} for role in roles] for roles in orders]
    bodies = [session.body(messages=talk, max_completion_tokens=1) for talk in talks]
    views = await asyncio.gather(*map(session.chat, bodies))
    for roles, view in zip(orders, views, strict=True):
        yield no_server_error(view, f"messages of {' and '.join(roles)}")


@experiment("request.limit.beyond_context")
async def a_huge_limit_is_no_accident(session: Session) -> AsyncChecks:
    """Letters that soon come up end the answer, so that it costs little."""
    body = session.body(max_completion_tokens=1_000_000, stop=["e", "a", " ", "."])
    yield no_server_error(await session.chat(body), "a limit of a million tokens")


@experiment("request.logit_bias.unknown_token", turn="last")
async def a_bias_for_no_token_is_survived(session: Session) -> AsyncChecks:
    tokens = ("999999999", "-1")
    bodies = [session.body(logit_bias={t: 1}, max_completion_tokens=1) for t in tokens]
    views = await asyncio.gather(*map(session.chat, bodies))
    for token, view in zip(tokens, views, strict=True):
        yield no_server_error(view, f"a bias for the token {token}")
    health = await session.chat(session.body(max_completion_tokens=1), repeat=200)
    yield accepted(health, "what follows a bias for tokens that do not exist")


@experiment("stop.empty")
async def an_empty_stop_sequence_stops_nothing(session: Session) -> AsyncChecks:
    """Whether the model would say anything is seen without it."""
    body = greedy(session, "Say hello.", max_completion_tokens=4)
    plain = first(await session.chat(body))
    for stop in ("", [""]):
        view = await session.chat({**body, "stop": stop})
        answer = first(view)
        if view.failure is not None or plain is None or not plain.content:
            yield inconclusive("there is no answer to compare with")
        elif view.rejected:
            yield no_server_error(view, "an empty stop sequence")
        elif answer is not None:
            yield check(
                bool(answer.content),
                "an empty stop sequence ended the answer before it began",
                expected=plain.content,
                actual=answer.content,
                at="/choices/0/message/content",
                exchange=view.exchange.id,
            )


@experiment("request.parts.equivalent")
async def one_part_is_a_text(session: Session) -> AsyncChecks:
    """The prompt counts as many tokens in both forms."""
    for role in ("user", "tool"):
        counts: list[int | None] = []
        for content in ("It is sunny.", [{"type": "text", "text": "It is sunny."}]):
            view = await session.chat(_with_content(session, role, content))
            counts.append(prompt_tokens(view))
        if None in counts:
            yield inconclusive("the answers have no usage, or one form was refused")
            continue
        yield check(
            counts[0] == counts[1],
            f"{role} content has {counts[0]} prompt tokens as a text and {counts[1]} as a part",
            expected=counts[0],
            actual=counts[1],
            at="/usage/prompt_tokens",
            exchange=view.exchange.id,
        )


def _with_content(session: Session, role: str, content: Json) -> dict[str, Json]:
    if role == "user":
        return session.body(messages=[{"role": role, "content": content}], max_completion_tokens=1)
    messages = [
        {"role": "user", "content": "What is the weather in Paris?"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": CALL["id"], "content": content},
    ]
    return session.body(messages=messages, tools=[TOOL], max_completion_tokens=1)


@experiment("request.image.counted")
async def an_image_is_not_overlooked(session: Session) -> AsyncChecks:
    text = {"type": "text", "text": "What is this?"}
    image = {"type": "image_url", "image_url": {"url": PIXEL}}
    without = await session.chat(_with_content(session, "user", [text]))
    view = await session.chat(_with_content(session, "user", [text, image]))
    fewer, more = prompt_tokens(without), prompt_tokens(view)
    if view.rejected:
        yield check(True, exchange=view.exchange.id)
    elif fewer is None or more is None:
        yield inconclusive("the answers have no usage", exchange=view.exchange.id)
    else:
        yield check(
            more > fewer,
            "the prompt has no more tokens with an image than without",
            expected=f"more than {fewer}",
            actual=more,
            at="/usage/prompt_tokens",
            exchange=view.exchange.id,
        )


@experiment("usage.prompt_grows")
async def a_longer_prompt_counts_more(session: Session) -> AsyncChecks:
    """Each word of the same text costs about the same, unless some of them are thrown away."""
    counts: list[int] = []
    for words in LENGTHS:
        content = "Remember the word sea. " + "wave " * words
        body = session.body(
            messages=[{"role": "user", "content": content}], max_completion_tokens=1
        )
        view = await session.chat(body)
        count = prompt_tokens(view)
        if view.failure is not None or (view.accepted and count is None):
            yield inconclusive("the answer has no usage", exchange=view.exchange.id)
            return
        if count is None:
            yield no_server_error(view, f"a prompt of {words} words")
            return
        least = _least(counts)
        yield check(
            count > least,
            f"a prompt of {words} words has {count} tokens, after {counts} for shorter ones",
            expected=f"more than {least}",
            actual=count,
            at="/usage/prompt_tokens",
            exchange=view.exchange.id,
        )
        counts.append(count)


def _least(counts: list[int]) -> int:
    """More tokens than these the next prompt has, with half a mind for how words are joined."""
    if len(counts) < 2:
        return counts[-1] if counts else 0
    one, two = counts[-2:]
    first, second, third = LENGTHS
    return two + (two - one) * (third - second) // (second - first) // 2
