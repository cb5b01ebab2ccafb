"""The reference model: every parameter that it honours, and what holds for any answer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof.reference.model import (
    LONGEST,
    Unanswerable,
    UnknownTool,
    chunks,
    generate,
)
from chatproof.reference.tokens import END, VOCABULARY, encode

if TYPE_CHECKING:
    from chatproof.reference.model import GeneratedChoice

WORDS = "Tell me something about the sea."


def body(words: str = WORDS, **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": words}], **fields}


def answer(words: str = WORDS, *, entropy: int = 1, **fields: Any) -> GeneratedChoice:
    return generate(body(words, **fields), entropy=entropy).choices[0]


def greedy(words: str = WORDS, **fields: Any) -> GeneratedChoice:
    return answer(words, temperature=0, **fields)


def tool(name: str, parameters: Any = None) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


TOOLS = [tool("find_ship", {"type": "object", "required": ["x"]}), tool("ring_bell")]
OPTIONS = st.fixed_dictionaries(
    {"temperature": st.sampled_from([0, 0.5, 1, 2])},
    optional={
        "max_completion_tokens": st.integers(-1, 70),
        "min_tokens": st.integers(-1, 70),
        "top_p": st.sampled_from([0, 0.1, 0.9, 1]),
        "seed": st.integers(),
        "n": st.integers(1, 3),
        "stop": st.lists(st.sampled_from([" the", "a", "é", ", ", "er by", "\U0001f642"])),
        "frequency_penalty": st.floats(-2, 2),
        "logit_bias": st.dictionaries(
            st.integers(-1, len(VOCABULARY)).map(str), st.floats(-100, 100), max_size=3
        ),
        "logprobs": st.just(value=True),
        "top_logprobs": st.integers(0, 20),
        "response_format": st.just({"type": "json_object"}),
        "tools": st.just(TOOLS),
        "tool_choice": st.sampled_from(["none", "auto", "required"]),
    },
)


@given(st.text(), OPTIONS)
def test_any_answer_is_sound(words, options):
    generation = generate(body(words, **options), entropy=3)
    assert [choice.index for choice in generation.choices] == list(range(options.get("n", 1)))
    for choice in generation.choices:
        spelled = b"".join(token.bytes for token in choice.tokens)
        assert spelled == choice.content.encode()
        assert choice.completion_tokens == len(choice.steps)
        limit = options.get("max_completion_tokens", -1)
        if limit >= 0:
            assert choice.completion_tokens <= limit
        if choice.finish_reason == "length":
            assert choice.completion_tokens == (limit if limit >= 0 else LONGEST)
        if choice.finish_reason == "tool_calls":
            assert choice.tool_calls
        assert not any(stop in choice.content for stop in options.get("stop", ()))
        pieces = list(chunks(choice))
        assert "".join(p.text for p in pieces if p.call is None) == choice.content
        assert tuple(t for p in pieces if p.call is None for t in p.tokens) == choice.tokens
        assert all(p.text or p.id for p in pieces)


# Length ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["a", "b", "c", "d", "e", "f"])
def test_a_text_ends_by_itself(words):
    choice = greedy(words)
    assert choice.finish_reason == "stop"
    assert 20 <= len(choice.tokens) <= 60
    assert choice.steps[-1].id == END
    assert choice.completion_tokens == len(choice.tokens) + 1


@pytest.mark.parametrize(
    "fields",
    [
        {"max_completion_tokens": 3},
        {"max_tokens": 3},
        {"max_tokens": 3, "max_completion_tokens": 9},
        {"max_tokens": 9, "max_completion_tokens": 3},
        {"max_tokens": -1, "max_completion_tokens": 3},
        {"max_tokens": None, "max_completion_tokens": 3},
    ],
)
def test_the_smaller_limit_cuts(fields):
    choice = greedy(**fields)
    assert choice.completion_tokens == 3
    assert choice.finish_reason == "length"
    assert greedy().content.startswith(choice.content)


@pytest.mark.parametrize("limit", [None, -1])
def test_no_limit_is_the_natural_end(limit):
    assert greedy(max_completion_tokens=limit, max_tokens=limit) == greedy()


def test_a_limit_of_zero_gives_nothing():
    choice = greedy(max_completion_tokens=0)
    assert (choice.content, choice.completion_tokens, choice.finish_reason) == ("", 0, "length")


@pytest.mark.parametrize("name", ["min_tokens", "min_completion_tokens"])
def test_a_least_length_is_reached(name):
    assert greedy(**{name: 80}).completion_tokens >= 80
    assert answer(temperature=2, **{name: 80}).completion_tokens >= 80
    end = greedy(**{name: 30}, logit_bias={str(END): 100})
    assert end.completion_tokens == 30
    assert greedy(**{name: -1}).completion_tokens >= LONGEST


def test_a_character_that_was_cut_is_withheld():
    words = next(w for w in map(str, range(99)) if not greedy(w).content.isascii())
    whole = greedy(words)
    first = next(n for n, token in enumerate(whole.tokens) if token.bytes[0] >= 0x80)
    cut = greedy(words, max_completion_tokens=first + 1)
    assert cut.content == b"".join(token.bytes for token in whole.tokens[:first]).decode()
    assert cut.completion_tokens == first + 1
    assert len(cut.tokens) == first


def test_characters_of_several_tokens_stream_whole():
    words = next(w for w in map(str, range(999)) if "\U0001f642" in greedy(w).content)
    pieces = list(chunks(greedy(words)))
    assert [len(p.tokens) for p in pieces if p.text == "\U0001f642"] == [4]


# Sampling -----------------------------------------------------------------------------------


def test_greedy_knows_no_chance():
    assert greedy(entropy=1) == greedy(entropy=2)
    assert answer(top_p=0, entropy=1).content == greedy().content


def test_null_is_the_default():
    nulls = dict.fromkeys(
        [
            "temperature",
            "top_p",
            "seed",
            "stop",
            "n",
            "tools",
            "tool_choice",
            "logprobs",
            "top_logprobs",
            "response_format",
            "frequency_penalty",
            "presence_penalty",
            "logit_bias",
            "max_tokens",
            "min_tokens",
            "stream",
            "user",
        ]
    )
    assert generate(body(**nulls), entropy=5) == generate(body(), entropy=5)
    assert answer(temperature=1.0, top_p=1.0, entropy=5) == answer(entropy=5)


def test_the_seed_decides_and_else_chance():
    assert answer(seed=7, entropy=1).content == answer(seed=7, entropy=2).content
    assert answer(seed=7).content != answer(seed=8).content
    assert answer(entropy=1).content == answer(entropy=1).content
    assert answer(entropy=1).content != answer(entropy=2).content
    texts = {generate(body()).choices[0].content for _ in range(5)}
    assert len(texts) == 5


def test_temperature_and_top_p_narrow_the_choice():
    def kinds(**fields: Any) -> int:
        options = {"max_completion_tokens": 1, **fields}
        return len({answer(entropy=e, **options).content for e in range(60)})

    assert kinds(temperature=0.01) == 1
    assert kinds(temperature=0.5) < kinds(temperature=1) < kinds(temperature=2)
    assert kinds(top_p=0.05) == 1
    assert kinds(top_p=0.4) < kinds(top_p=0.7) < kinds(top_p=1)


def test_the_choices_of_one_answer_differ():
    generation = generate(body(n=4, seed=1), entropy=1)
    assert len({choice.content for choice in generation.choices}) == 4
    assert generation == generate(body(n=4, seed=1), entropy=1)


def test_penalties_keep_from_repeating():
    def share(**fields: Any) -> float:
        choices = [greedy(str(n), min_tokens=100, **fields) for n in range(8)]
        return sum(len({t.id for t in c.tokens}) / len(c.tokens) for c in choices)

    for name in ("frequency_penalty", "presence_penalty"):
        assert share(**{name: 2}) > share() > share(**{name: -2})


def test_a_bias_bans_and_forces_tokens():
    plain = greedy()
    first = plain.tokens[0].id
    assert greedy(logit_bias={str(first): -100}).tokens[0].id != first
    assert greedy(logit_bias={str(first): 100}, max_tokens=3).content == plain.tokens[0].text * 3
    rare = encode("Perhaps")[0]
    forced = answer(logit_bias={str(rare): 100}, max_tokens=1)
    assert forced.content == "Perhaps"
    assert greedy(logit_bias={str(END): 100}).completion_tokens == 1


@pytest.mark.parametrize("key", ["99999999", "-1", "blue", "", "²", str(len(VOCABULARY)), "255"])
def test_a_bias_of_no_usable_token_is_ignored(key):
    assert greedy(logit_bias={key: 100}) == greedy()


# Stop sequences -----------------------------------------------------------------------------


@given(st.data(), st.integers(0, 20), st.booleans())
def test_any_part_of_the_text_stops_it_there(data, number, listed):
    text = greedy(str(number)).content
    start = data.draw(st.integers(0, len(text) - 1))
    stop = text[start : data.draw(st.integers(start + 1, min(len(text), start + 20)))]
    choice = greedy(str(number), stop=["never said", stop] if listed else stop)
    assert choice.content == text[: text.index(stop)]
    assert choice.finish_reason == "stop"
    assert choice.stopped_by == stop
    assert "".join(piece.text for piece in chunks(choice)) == choice.content


def test_the_earliest_match_wins():
    text = greedy().content
    choice = greedy(stop=[text[9:12], text[5:8], text[7:10]])
    assert choice.content == text[: text.index(text[5:8])]


def test_empty_stop_sequences_are_ignored():
    assert greedy(stop=["", ""]) == greedy(stop="") == greedy(stop=[]) == greedy()


def test_what_may_begin_a_stop_sequence_waits():
    whole = greedy()
    text = "".join(token.text for token in whole.tokens[:4])
    missed = greedy(stop=text[2:] + "never said")
    assert missed.content == whole.content
    assert next(chunks(missed)).text.startswith(text)
    assert len(list(chunks(missed))) < len(list(chunks(whole)))


def test_a_choice_that_was_changed_still_streams_its_content():
    stop = greedy().content[6:9]
    choice = greedy(stop=stop)
    changed = replace(choice, content=choice.content + stop)
    assert [piece.text for piece in chunks(changed)] == [changed.content]


# Log probabilities --------------------------------------------------------------------------


@pytest.mark.parametrize("top", [0, 1, 5, 20])
@pytest.mark.parametrize("temperature", [0, 1])
def test_log_probabilities_are_those_of_a_distribution(top, temperature):
    choice = answer(temperature=temperature, logprobs=True, top_logprobs=top)
    for step in choice.steps:
        logprobs = [logprob for _, logprob in step.top]
        assert len(logprobs) == top
        assert step.logprob <= 0
        assert logprobs == sorted(logprobs, reverse=True)
        assert len({data for data, _ in step.top}) == top
        assert sum(2.718281828459045**p for p in logprobs) <= 1 + 1e-9
        listed = dict(step.top)
        assert listed.get(VOCABULARY[step.id], step.logprob) == step.logprob
        if temperature == 0 and top:
            assert step.top[0] == (VOCABULARY[step.id], step.logprob)


def test_the_distribution_is_the_model_s_whatever_is_asked_for():
    """What temperature and bias make of it does not show."""
    plain = answer(temperature=0, max_tokens=1, logprobs=True, top_logprobs=5).steps[0]
    rare = str(encode("Perhaps")[0])
    other = answer(
        temperature=2, logit_bias={rare: 100}, max_tokens=1, logprobs=True, top_logprobs=5
    ).steps[0]
    assert other.top == plain.top
    assert other.logprob < plain.logprob


def test_log_probabilities_change_no_text():
    asked = greedy(logprobs=True, top_logprobs=3)
    assert asked.content == greedy().content
    assert all(token.top == () for token in greedy(logprobs=False, top_logprobs=3).tokens)


# Tools ---------------------------------------------------------------------------------------


def called(choice: GeneratedChoice) -> list[str]:
    return [call.name for call in choice.tool_calls]


@pytest.mark.parametrize(
    ("words", "tool_choice", "parallel", "names"),
    [
        ("Hello.", None, None, []),
        ("Hello.", "auto", None, []),
        ("Hello.", "required", None, ["find_ship"]),
        ("Hello.", tool("ring_bell"), None, ["ring_bell"]),
        ("Call find_ship.", None, None, ["find_ship"]),
        ("Call find_ship.", "auto", True, ["find_ship"]),
        ("Call find_ship.", "none", None, []),
        ("Call find_ships.", None, None, []),
        ("find_ship and ring_bell", None, None, ["find_ship", "ring_bell"]),
        ("find_ship and ring_bell", None, False, ["find_ship"]),
    ],
)
def test_who_decides_what_is_called(words, tool_choice, parallel, names):
    choice = greedy(words, tools=TOOLS, tool_choice=tool_choice, parallel_tool_calls=parallel)
    assert called(choice) == names
    assert choice.finish_reason == ("tool_calls" if names else "stop")
    assert (choice.content == "") == bool(names)
    for call in choice.tool_calls:
        assert isinstance(json.loads(call.arguments), dict)


def test_an_answered_call_is_not_repeated():
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "Call ring_bell."}]},
        {"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "ring_bell"}}]},
        {"role": "tool", "tool_call_id": "1", "content": "done"},
    ]
    first = generate({"messages": messages[:1], "tools": TOOLS}, entropy=1)
    after = generate({"messages": messages, "tools": TOOLS}, entropy=1)
    assert called(first.choices[0]) == ["ring_bell"]
    assert called(after.choices[0]) == []


def test_an_unknown_tool_is_an_error():
    with pytest.raises(UnknownTool, match="'sink'") as caught:
        generate(body(tools=TOOLS, tool_choice=tool("sink")))
    assert caught.value.param == "tool_choice"


def test_ids_are_of_one_call_only():
    words = "find_ship and ring_bell"
    made = [generate(body(words, tools=TOOLS, n=3, seed=1), entropy=e) for e in range(5)]
    ids = [call.id for g in made for choice in g.choices for call in choice.tool_calls]
    assert len(set(ids)) == len(ids) == 30
    assert all(len(i) == 9 and int(i, 16) >= 0 for i in ids)
    assert made[0] == generate(body(words, tools=TOOLS, n=3, seed=1), entropy=0)


def test_a_limit_cuts_a_call():
    whole = greedy(tools=TOOLS, tool_choice="required")
    name = len(encode("find_ship"))
    assert whole.completion_tokens == name + len(whole.tool_calls[0].tokens) + 1
    inside = greedy(tools=TOOLS, tool_choice="required", max_tokens=name + 1)
    assert inside.finish_reason == "length"
    assert whole.tool_calls[0].arguments.startswith(inside.tool_calls[0].arguments)
    before = greedy(tools=TOOLS, tool_choice="required", max_tokens=name - 1)
    assert (before.tool_calls, before.finish_reason) == ((), "length")


def test_calls_stream_their_name_first():
    choice = greedy("find_ship and ring_bell", tools=TOOLS)
    pieces = list(chunks(choice))
    for number, call in enumerate(choice.tool_calls):
        first, *rest = [piece for piece in pieces if piece.call == number]
        assert (first.id, first.name, first.text) == (call.id, call.name, "")
        assert "".join(piece.text for piece in rest) == call.arguments
        assert all(piece.id is None and piece.name is None for piece in rest)
    assert [piece.call for piece in pieces] == sorted(piece.call for piece in pieces)


# Structured outputs -------------------------------------------------------------------------


def structured(schema: Any, **fields: Any) -> GeneratedChoice:
    form = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}
    return greedy(response_format=form, **fields)


def test_a_json_object_is_one():
    assert isinstance(json.loads(greedy(response_format={"type": "json_object"}).content), dict)
    assert greedy(response_format={"type": "text"}) == greedy()


def test_json_takes_the_way_of_all_text():
    schema = {"type": "object", "properties": {"a": {"const": "blue é"}}, "required": ["a"]}
    whole = structured(schema, logprobs=True, top_logprobs=2)
    assert whole.content == '{"a":"blue é"}'
    assert whole.finish_reason == "stop"
    assert whole.completion_tokens == len(whole.tokens) + 1 > 6
    assert all(len(token.top) == 2 for token in whole.tokens)
    cut = structured(schema, max_tokens=3)
    assert cut.finish_reason == "length"
    assert whole.content.startswith(cut.content)
    assert structured(schema, stop="blue").content == '{"a":"'


def test_chance_decides_the_values():
    form = {"type": "json_object"}
    assert len({answer(response_format=form, entropy=e).content for e in range(9)}) > 3
    assert greedy(response_format=form, entropy=1) == greedy(response_format=form, entropy=2)


def test_what_cannot_be_answered_says_why():
    with pytest.raises(Unanswerable) as caught:
        structured(schema=False)
    assert caught.value.param == "response_format"
    with pytest.raises(Unanswerable) as caught:
        greedy(
            tools=[tool("a", {"required": ["x"], "additionalProperties": False})],
            tool_choice="required",
        )
    assert caught.value.param == "tools"
    with pytest.raises(Unanswerable) as caught:
        greedy(n=10**9)
    assert caught.value.param == "n"


def test_it_thinks_first_when_it_is_asked_to() -> None:
    messages = [{"role": "user", "content": "Think first. How many legs has a spider?"}]
    body = {"model": "m", "messages": messages, "max_completion_tokens": 30}
    choice = generate(body, entropy=1).choices[0]
    assert choice.reasoning
    assert choice.tokens
    assert choice.completion_tokens <= 30
    assert choice.steps[: len(choice.reasoning)] == choice.reasoning
    thoughts = [piece.thought for piece in chunks(choice)]
    assert thoughts == sorted(thoughts, reverse=True)
    assert any(thoughts)
    assert not all(thoughts)


def test_a_limit_may_cut_its_thoughts() -> None:
    messages = [{"role": "user", "content": "Think first. How many legs has a spider?"}]
    body = {"model": "m", "messages": messages, "max_completion_tokens": 2}
    choice = generate(body, entropy=1).choices[0]
    assert (choice.content, choice.finish_reason, choice.completion_tokens) == ("", "length", 2)


def test_it_refuses_when_it_is_asked_to() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "Refuse to answer."}]}
    assert generate(body).choices[0].refused
