from __future__ import annotations

import copy
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatproof.wire import Event, Kind, Parsed, StreamMachine, ToolCall
from chatproof.wire.states import (
    CALL,
    CALL_BREACHES,
    CHOICE,
    CHOICE_BREACHES,
    STREAM,
    STREAM_BREACHES,
    CallState,
    CallStep,
    ChoiceState,
    ChoiceStep,
    StreamState,
    StreamStep,
)
from tests.wire.wire_samples import (
    CEREBRAS_TEXT,
    CEREBRAS_TOOLS,
    DONE,
    ROLE,
    USAGE,
    call_stream,
    chunk,
    events_of,
    fragment,
    part,
    run,
    text_stream,
    two_choices,
)


def kinds(stream, **options) -> list[Kind]:
    return [violation.kind for violation in run(stream, **options).violations]


# The tables ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "breaches", "states", "steps"),
    [
        (STREAM, STREAM_BREACHES, set(StreamState) - {StreamState.CLOSED}, StreamStep),
        (CHOICE, CHOICE_BREACHES, ChoiceState, ChoiceStep),
        (CALL, CALL_BREACHES, CallState, CallStep),
    ],
)
def test_every_step_of_every_state_is_allowed_or_a_breach(table, breaches, states, steps):
    assert table.keys() == breaches.keys() == set(type(next(iter(states))))
    for state in states:
        assert not table[state].keys() & breaches[state].keys()
        assert table[state].keys() | breaches[state].keys() == set(steps)


# Streams that are right ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "choices"),
    [
        (CEREBRAS_TEXT, 1),
        (CEREBRAS_TOOLS, 1),
        (text_stream(), 1),
        (call_stream(), 1),
        (two_choices(), 2),
        ([chunk(part({"role": "assistant", "content": "Hi"}, finish="stop"), usage=USAGE)], 1),
        ([chunk(part(ROLE)), {"error": {"message": "overloaded"}, "status_code": 503}], 1),
        ([{"error": {"message": "overloaded"}}, DONE], 1),
    ],
)
def test_streams_as_vendors_send_them_have_no_violation(stream, choices):
    assert run(stream, choices=choices).violations == []


def test_a_recorded_text_is_put_together():
    machine = run(CEREBRAS_TEXT)
    answer = machine.answers[0]
    assert (answer.role, answer.content, answer.finish_reason) == ("assistant", "Oi!", "stop")
    assert answer.pieces == ("Oi", "!")
    assert (machine.chunks, machine.terminated, machine.ended_well) == (5, False, True)
    assert machine.usage == {
        "prompt_tokens": 22,
        "completion_tokens": 3,
        "total_tokens": 25,
        "prompt_tokens_details": {"cached_tokens": 0},
    }
    assert (machine.usage_beside_choices, machine.usage_events) == (True, [4])


def test_recorded_calls_are_put_together():
    arguments = '{"a": 2, "b": 3}'
    assert run(CEREBRAS_TOOLS).answers[0].tool_calls == [
        ToolCall("ab8048658", "function", "add", arguments),
        ToolCall("b249e0b3f", "function", "multiply", arguments),
    ]


def test_fragments_of_calls_are_put_together():
    answer = run(call_stream()).answers[0]
    assert answer.content is None
    assert answer.tool_calls == [
        ToolCall("call_a", "function", "add", '{"a":1}'),
        ToolCall("call_b", "function", "multiply", "{}"),
    ]


def test_interleaved_choices_are_put_together():
    answers = run(two_choices(), choices=2).answers
    assert {index: (a.content, a.finish_reason) for index, a in answers.items()} == {
        0: ("ab", "stop"),
        1: ("xy", "length"),
    }


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_reasoning_refusal_and_logprobs_are_put_together(name):
    entries = [{"token": "a", "logprob": -0.1}, {"token": "b", "logprob": -0.2}]
    machine = run(
        [
            chunk(part({"role": "assistant", name: "Let "})),
            chunk(part({name: "me"})),
            chunk(part({"refusal": "I"}, logprobs={"content": entries[:1]})),
            chunk(part({"refusal": " can't"}, logprobs={"content": entries[1:]})),
            chunk(part({}, finish="stop")),
        ]
    )
    answer = machine.answers[0]
    assert (answer.reasoning, answer.refusal, answer.content) == ("Let me", "I can't", None)
    assert answer.logprobs == entries
    assert machine.violations == []


def test_both_names_of_reasoning_at_once_do_not_double_it():
    stream = [chunk(part({"role": "assistant", "reasoning": "a", "reasoning_content": "a"}))]
    assert run(stream, end=False).answers[0].reasoning == "a"


# Facts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "events", "beside"),
    [
        (text_stream(), [4], False),
        (CEREBRAS_TEXT, [4], True),
        (call_stream(), [], False),
        ([chunk(part(ROLE), usage=USAGE), chunk(part({}, finish="stop")), DONE], [0], True),
        ([chunk(usage=USAGE), chunk(part(ROLE, finish="stop")), DONE], [0], False),
    ],
)
def test_where_the_usage_is(stream, events, beside):
    machine = run(stream)
    assert (machine.usage_events, machine.usage_beside_choices) == (events, beside)
    assert (machine.usage is None) is (not events)
    assert machine.violations == []


def test_the_terminator_and_chunks_without_choices_are_facts():
    machine = run(text_stream())
    assert (machine.terminated, machine.terminators) == (True, 1)
    assert (machine.empty_choices, machine.usage_beside_choices) == ([4], False)
    assert run(text_stream()[:-1]).violations == []
    assert not run(text_stream()[:-1]).terminated
    assert run([*text_stream(), DONE, DONE]).terminators == 3


def test_an_error_event_is_a_fact_and_excuses_the_end():
    error = {"error": {"message": "boom"}, "status_code": 500}
    machine = run([*text_stream()[:2], error, DONE])
    assert machine.error == error
    assert machine.violations == []
    assert not machine.ended_well
    assert machine.answers[0].content == "Hel"


def test_what_broke_off_is_not_blamed_for_what_did_not_come():
    machine = run(text_stream()[:2], end=False)
    assert machine.violations == []
    assert not machine.ended_well


# Violations, each planted alone --------------------------------------------------------------


def changed(at, change):
    """The text stream with one chunk changed."""
    stream = copy.deepcopy(text_stream())
    change(stream[at])
    return stream


def each(change):
    """The text stream with every chunk changed, which is told its number."""
    stream = copy.deepcopy(text_stream())
    for number, value in enumerate(stream[:-1]):
        change(value, number)
    return stream


def calls(*fragments):
    """A stream of these fragments."""
    begin, end = chunk(part({"role": "assistant"})), chunk(part({}, finish="tool_calls"))
    return [begin, *(chunk(part({"tool_calls": [f]})) for f in fragments), end]


def without_role(stream):
    return [chunk(part({"content": "a"})), *stream[1:]]


def delta(stream, at):
    return stream[at]["choices"][0]["delta"]


PLANTED = [
    (Kind.NOT_JSON, [*text_stream()[:2], "ping", *text_stream()[2:]]),
    (Kind.NOT_JSON, [*text_stream()[:2], "", *text_stream()[2:]]),
    (Kind.NOT_JSON, [*text_stream()[:2], "[1]", *text_stream()[2:]]),
    (Kind.NOT_JSON, [*text_stream()[:5], "[DONE] "]),
    (Kind.NOT_JSON, [*text_stream()[:4], '{"choices":[],"x":NaN}', DONE]),
    (Kind.NOT_JSON, [*text_stream()[:4], '{"choices":[]} garbage', DONE]),
    (Kind.NO_CHUNKS, [DONE]),
    (Kind.NO_CHUNKS, []),
    (Kind.NO_CHUNKS, [chunk(usage=USAGE), DONE]),
    (Kind.AFTER_TERMINATOR, [*text_stream(), DONE]),
    (Kind.AFTER_TERMINATOR, [*text_stream(), chunk(part({"content": "more"}))]),
    (Kind.AFTER_TERMINATOR, [*text_stream(), "ping"]),
    (Kind.AFTER_TERMINATOR, [*text_stream(), {"error": {"message": "late"}}]),
    (Kind.AFTER_ERROR, [{"error": {"message": "x"}}, *text_stream()]),
    (Kind.AFTER_ERROR, [chunk(part(ROLE)), {"error": "x"}, {"error": "y"}]),
    (Kind.USAGE_REPEATED, each(lambda c, n: c.update(usage=USAGE))),
    (Kind.USAGE_REPEATED, changed(3, lambda c: c.update(usage=USAGE))),
    (Kind.ID_VARIES, each(lambda c, n: c.update(id=f"chatcmpl-{n}"))),
    (Kind.CREATED_VARIES, each(lambda c, n: c.update(created=1760000000 + n))),
    (Kind.MODEL_VARIES, changed(4, lambda c: c.update(model="another"))),
    (Kind.OBJECT_VARIES, changed(3, lambda c: c.update(object="chat.completion"))),
    (Kind.FINGERPRINT_VARIES, changed(4, lambda c: c.update(system_fingerprint="fp_2"))),
    (Kind.CHOICE_INDEX, each(lambda c, n: [x.update(index=n) for x in c["choices"]])),
    (Kind.CHOICE_INDEX, each(lambda c, n: [x.update(index=1) for x in c["choices"]])),
    (Kind.CHOICE_INDEX, each(lambda c, n: [x.update(index=-1) for x in c["choices"]])),
    (Kind.CHOICE_INDEX, each(lambda c, n: [x.update(index="0") for x in c["choices"]])),
    (Kind.CHOICE_INDEX, each(lambda c, n: [x.pop("index") for x in c["choices"]])),
    (Kind.ROLE_MISSING, changed(0, lambda c: c["choices"][0]["delta"].pop("role"))),
    (Kind.ROLE_MISSING, text_stream()[1:]),
    (Kind.ROLE_MISSING, [chunk(part({"content": "a"})), *text_stream()]),
    (Kind.ROLE_MISSING, [chunk(part({}, finish="stop"))]),
    (Kind.ROLE_MISSING, [chunk(part({})), *text_stream()]),
    (
        Kind.ROLE_REPEATED,
        each(lambda c, n: [x["delta"].update(role="assistant") for x in c["choices"]]),
    ),
    (
        Kind.CONTENT_AFTER_FINISH,
        [*text_stream()[:4], chunk(part({"content": "!"})), *text_stream()[4:]],
    ),
    (Kind.CONTENT_AFTER_FINISH, [*text_stream()[:4], chunk(part({"reasoning": "!"}))]),
    (Kind.CONTENT_AFTER_FINISH, [*text_stream()[:4], chunk(part({"refusal": "!"}))]),
    (
        Kind.CONTENT_AFTER_FINISH,
        [*text_stream()[:4], chunk(part({"tool_calls": [fragment(0, "{}", "a", "f")]}))],
    ),
    (Kind.FINISH_REPEATED, [*text_stream()[:4], *text_stream()[3:]]),
    (Kind.NO_FINISH, [*text_stream()[:3], *text_stream()[4:]]),
    (Kind.NO_FINISH, changed(3, lambda c: c["choices"][0].update(finish_reason=""))),
    (Kind.TOOL_INDEX, calls(fragment(1, "", "a", "f"), fragment(1, "{}"))),
    (Kind.TOOL_INDEX, calls(fragment(0, "{}", "a", "f"), fragment(2, "{}", "b", "g"))),
    (Kind.TOOL_INDEX, calls(fragment(-1, "{}", "a", "f"))),
    (Kind.TOOL_INDEX, calls(fragment("0", "{}", "a", "f"), fragment("0", "{}"))),
    (Kind.TOOL_INDEX, calls(fragment(None, "", "a", "f"), fragment(None, "{}"))),
    (Kind.TOOL_BEGIN, calls(fragment(0, "", "a"), fragment(0, "{}"))),
    (Kind.TOOL_BEGIN, calls(fragment(0, ""), fragment(0, "{}", "a", "f"))),
    (Kind.TOOL_BEGIN, calls(fragment(0, "", None, "f"), fragment(0, "{}"))),
    (Kind.TOOL_BEGIN, calls(fragment(0, "", "a"), fragment(0, "{}", None, "f"))),
    (Kind.TOOL_REPEATED, calls(fragment(0, "", "a", "f"), fragment(0, "{}", "a"))),
    (Kind.TOOL_REPEATED, calls(fragment(0, "", "a", "f"), fragment(0, "{}", None, "f"))),
    (Kind.TOOL_ARGUMENTS, calls(fragment(0, {"a": 1}, "a", "f"))),
]


@pytest.mark.parametrize(("kind", "stream"), PLANTED)
def test_a_violation_planted_alone_is_found_alone(kind, stream):
    assert kinds(stream) == [kind]


def test_every_kind_is_planted():
    assert {kind for kind, _ in PLANTED} == set(Kind)


@pytest.mark.parametrize(
    "stream",
    [
        calls(fragment(0, "", "a", "f"), fragment(0, "{}", "", "")),
        calls(fragment(0, "{}", "", "f")),
        calls({**fragment(0, "", "a", "f")}, {**fragment(0, "{}"), "type": "function"}),
        calls(fragment(0, None, "a", "f"), fragment(0, "{}")),
        [chunk(part({"role": "assistant"})), chunk(part({"role": None}, finish="stop"))],
        [*text_stream()[:4], chunk(part({"content": ""}))],
        changed(2, lambda c: c.update(system_fingerprint=None)),
        changed(2, lambda c: c.pop("id")),
        each(lambda c, n: [x.update(index=0.0) for x in c["choices"]]),
        changed(1, lambda c: c["choices"][0].update(finish_reason="")),
        [chunk({"index": 0, "content_filter_results": {}}), *text_stream()],
    ],
)
def test_what_is_no_violation(stream):
    assert kinds(stream) == []


def test_a_violation_says_where_and_how_often():
    values = [
        chunk(part({"role": "assistant"})),
        chunk(part({"role": "assistant", "content": "a"})),
        chunk(part({"role": "assistant", "content": "b"})),
        chunk(part({}, finish="stop")),
    ]
    (found,) = run(values).violations
    assert (found.kind, found.choice, found.count) == (Kind.ROLE_REPEATED, 0, 2)
    assert (found.event, found.path) == (1, "/choices/0/delta/role")
    assert found.offset == len(events_of(values[:1]))
    assert (found.actual, "role" in found.expected.split(", ")) == ("assistant", False)
    assert found.message == "a delta that is not the first has a role (choice 0), 2 times"


def test_what_varies_is_shown_with_the_first_value():
    (found,) = run(changed(4, lambda c: c.update(model="another"))).violations
    assert (found.event, found.path, found.count) == (4, "/model", 1)
    assert (found.expected, found.actual) == ("gpt-4o-mini-2024-07-18", "another")


CALLED = fragment(0, "{}", "a", "f")


@pytest.mark.parametrize(
    ("stream", "kind", "path", "expected", "actual", "choice"),
    [
        ([], Kind.NO_CHUNKS, "", "a chunk with a choice", None, None),
        (
            [chunk(part({}, finish="stop"))],
            Kind.ROLE_MISSING,
            "/choices/0/finish_reason",
            "role",
            "stop",
            0,
        ),
        (
            [*text_stream()[:4], chunk(part({"tool_calls": [CALLED]}))],
            Kind.CONTENT_AFTER_FINISH,
            "/choices/0/delta/tool_calls",
            "empty delta, end of the stream",
            [CALLED],
            0,
        ),
        (
            calls(fragment(0, "{}", "a")),
            Kind.TOOL_BEGIN,
            "/choices/0/delta/tool_calls/0",
            "an id and a function name",
            fragment(0, "{}", "a"),
            0,
        ),
        (
            calls(CALLED, fragment(0, "", None, "f")),
            Kind.TOOL_REPEATED,
            "/choices/0/delta/tool_calls/0",
            "neither id nor function name",
            fragment(0, "", None, "f"),
            0,
        ),
        (
            calls(fragment(0, {"a": 1}, "a", "f")),
            Kind.TOOL_ARGUMENTS,
            "/choices/0/delta/tool_calls/0/function/arguments",
            "a text",
            {"a": 1},
            0,
        ),
        (
            calls(CALLED, fragment("1", "{}", "b", "g")),
            Kind.TOOL_INDEX,
            "/choices/0/delta/tool_calls/0/index",
            1,
            "1",
            0,
        ),
    ],
)
def test_a_violation_says_what_should_be_where(stream, kind, path, expected, actual, choice):
    (found,) = run(stream).violations
    assert (found.kind, found.path, found.choice) == (kind, path, choice)
    assert (found.expected, found.actual) == (expected, actual)


def test_a_stream_without_events_is_wrong_at_its_beginning():
    (found,) = run([]).violations
    assert (found.event, found.offset) == (0, 0)


def test_of_an_event_that_is_no_chunk_the_start_is_shown():
    (found,) = run([*text_stream()[:5], "x" * 199 + "\u00e9" + "x"]).violations
    assert found.actual == "x" * 199 + "\ufffd"


def test_each_choice_is_blamed_for_itself():
    stream = [value for value in two_choices()[:-3] if value != DONE]
    found = run([*stream, chunk(part({"content": "!"}, 0))], choices=2).violations
    assert [(v.kind, v.choice) for v in found] == [
        (Kind.CONTENT_AFTER_FINISH, 0),
        (Kind.NO_FINISH, 1),
    ]


def test_violations_do_not_hide_each_other():
    stream = text_stream()
    del stream[0]["choices"][0]["delta"]["role"]
    stream[2]["id"] = "other"
    assert set(kinds([*stream[:3], "ping", stream[4], stream[4], DONE, DONE])) == {
        Kind.ROLE_MISSING,
        Kind.ID_VARIES,
        Kind.NOT_JSON,
        Kind.USAGE_REPEATED,
        Kind.AFTER_TERMINATOR,
        Kind.NO_FINISH,
    }


def test_choices_with_running_numbers_are_not_blamed_one_by_one():
    counter = itertools.count()
    stream = two_choices()
    for value in stream[:-1]:
        for choice in value["choices"]:
            choice["index"] = next(counter)
    assert set(kinds(stream, choices=2)) == {Kind.CHOICE_INDEX}
    assert not run(stream, choices=2).ended_well


def test_text_under_running_numbers_is_still_put_together():
    stream = each(lambda c, n: [x.update(index=n) for x in c["choices"]])
    machine = run(stream)
    assert [a.content for a in machine.answers.values()] == ["Hello"]
    assert machine.ended_well


def test_text_without_an_index_is_that_of_the_first_choice():
    stream = each(lambda c, n: [x.pop("index") for x in c["choices"]])
    assert {index: a.content for index, a in run(stream).answers.items()} == {0: "Hello"}


def test_a_choice_out_of_range_that_has_begun_goes_on():
    deltas = [(ROLE, 0), (ROLE, 5), ({"content": "a"}, 0), ({"content": "b"}, 5)]
    answers = run([chunk(part(*one)) for one in deltas], end=False).answers
    assert {index: answer.content for index, answer in answers.items()} == {0: "a", 5: "b"}


def test_what_did_not_come_is_none():
    answer = run([chunk(part({"tool_calls": [{"index": 0}]}))], end=False).answers[0]
    assert (answer.role, answer.content, answer.finish_reason) == (None, None, None)
    assert answer.tool_calls == [ToolCall(None, None, None, None)]


def test_calls_without_numbers_are_still_put_together():
    pieces = [
        fragment(None, "", "a", "f"),
        fragment(None, '{"x"'),
        fragment(None, ":1}", "a"),
        fragment(None, "{}", "b", "g"),
    ]
    machine = run(calls(*pieces))
    assert machine.answers[0].tool_calls == [
        ToolCall("a", "function", "f", '{"x":1}'),
        ToolCall("b", "function", "g", "{}"),
    ]


@pytest.mark.parametrize(
    ("fragments", "arguments"),
    [
        ([fragment(None, "1", "a", "f"), fragment(0, "2")], ["12"]),
        ([fragment(None, "1", "a", "f"), fragment(None, "2", "a", "f")], ["12"]),
        ([fragment(None, "1", "a"), fragment(None, "2", "b")], ["1", "2"]),
        ([fragment(None, "1", None, "f"), fragment(None, "2", None, "g")], ["1", "2"]),
        ([CALLED, fragment(None, "1", "b", "g"), fragment(1, "2")], ["{}", "12"]),
    ],
)
def test_a_fragment_without_a_number_finds_its_call(fragments, arguments):
    made = run(calls(*fragments)).answers[0].tool_calls
    assert [call.arguments for call in made] == arguments


def test_what_follows_the_terminator_is_not_read():
    machine = run([*text_stream(), chunk(part({"content": "more"}), usage={}, id="other")])
    assert machine.answers[0].content == "Hello"
    assert machine.usage == USAGE


def event(number: int) -> Event:
    return Event(b"{}", "message", "", None, 0, 0, number)


def test_a_machine_takes_nothing_after_the_end():
    machine = run(text_stream())
    with pytest.raises(RuntimeError, match="ended already"):
        machine.end()
    with pytest.raises(RuntimeError, match="ended already"):
        machine.event(event(0), Parsed({}))


# Any JSON -----------------------------------------------------------------------------------

SCALARS = st.sampled_from([None, True, 0, 1, -1, 1.5, 10**30, "", "x", "assistant", float("nan")])
NAMES = ["id", "choices", "index", "delta", "role", "content", "tool_calls", "function", "name"]
NAMES += [
    "arguments",
    "finish_reason",
    "logprobs",
    "usage",
    "error",
    "reasoning",
    "type",
    "created",
]
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=12,
)


def mutants(value):
    """Every way to put one odd value somewhere into a chunk."""
    odd = [None, True, 7, 1.5, "", "x", [], {}, [None], [[]], {"index": []}]
    if isinstance(value, (dict, list)):
        keys = list(value) if isinstance(value, dict) else range(len(value))
        for key in keys:
            for changed_value in [*odd, *mutants(value[key])]:
                made = copy.deepcopy(value)
                made[key] = changed_value
                yield made


def survives(values) -> None:
    machine = StreamMachine(choices=1)
    for number, value in enumerate(values):
        machine.event(event(number), Parsed(value))
    machine.end()
    assert all(isinstance(index, int) for index in machine.answers)
    assert all(isinstance(v.message, str) for v in machine.violations)


def test_odd_values_anywhere_are_survived():
    model = chunk(
        part(
            {"role": "assistant", "content": "a", "tool_calls": [fragment(0, "{}", "a", "f")]},
            logprobs={"content": [{}]},
        ),
        usage=USAGE,
    )
    for mutant in mutants(model):
        survives([mutant, model, mutant])


@given(st.lists(ANYTHING, max_size=5))
@settings(max_examples=200)
def test_any_json_is_survived(values):
    survives(values)
