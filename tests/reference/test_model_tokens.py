"""Tokens: text there and back, and the price of a prompt."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof.reference.model import generate
from chatproof.reference.tokens import END, VOCABULARY, decode, encode, prompt_of


def price(*messages: Any, **fields: Any) -> int:
    return generate({"messages": list(messages), "max_tokens": 1, **fields}).prompt_tokens


def user(content: Any, **fields: Any) -> dict[str, Any]:
    return {"role": "user", "content": content, **fields}


@given(st.text())
def test_text_comes_back(text):
    assert decode(encode(text)) == text


def test_tokens_are_as_long_as_possible():
    assert [VOCABULARY[n] for n in encode("The wind sings.")] == [
        b"The",
        b" wind",
        b" sing",
        b"s",
        b".",
    ]
    assert len(set(VOCABULARY)) == len(VOCABULARY)


@pytest.mark.parametrize("character", ["é", "漢", "\U0001f642"])
def test_other_characters_fall_back_to_bytes(character):
    ids = encode(character)
    assert bytes(ids) == character.encode()
    assert decode(ids[:-1]) == ""


def test_the_end_has_a_name_but_no_text():
    assert decode([END]) == ""
    assert END not in encode(VOCABULARY[END].decode())


def test_every_message_and_tool_costs():
    one = price(user("The sea."))
    assert price(user("The sea."), user("The sea.")) > one
    assert price(user("The sea and the wind.")) > one
    assert price(user("The sea.", name="Ada")) > one
    tool = {"type": "function", "function": {"name": "ring_bell"}}
    assert price(user("The sea."), tools=[tool]) > one
    assert price(user("The sea."), tools=[tool, tool]) > price(user("The sea."), tools=[tool])
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    assert price(user([{"type": "text", "text": "The sea."}, image])) > one
    call = {"id": "1", "type": "function", "function": {"name": "ring_bell", "arguments": "{}"}}
    called = {"role": "assistant", "tool_calls": [call]}
    assert price(called) > price({"role": "assistant", "content": ""})


def test_writings_of_the_same_prompt_are_one_prompt():
    tool: dict[str, Any] = {"type": "function", "function": {"name": "ring_bell"}}
    nulls = {"type": "function", "function": {"name": "ring_bell", "description": None}}
    assistant = {"role": "assistant", "content": None, "name": None, "tool_calls": None}
    for one, two in (
        ({"messages": [user("Hi.")]}, {"messages": [user([{"type": "text", "text": "Hi."}])]}),
        ({"messages": [assistant]}, {"messages": [{"role": "assistant"}]}),
        ({"messages": [user("")], "tools": None}, {"messages": [user("")]}),
        ({"messages": [], "tools": [tool]}, {"messages": [], "tools": [nulls]}),
    ):
        assert prompt_of(one) == prompt_of(two)


def test_prompts_that_differ_are_told_apart():
    texts = ["a", "b", "ab", " a"]
    prompts = [prompt_of({"messages": [user(text)]}) for text in texts]
    prompts.append(prompt_of({"messages": [{"role": "system", "content": "a"}]}))
    prompts.append(prompt_of({"messages": [user("a"), user("b")]}))
    assert len({prompt.digest for prompt in prompts}) == len(prompts)
