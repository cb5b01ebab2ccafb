from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof.wire import Problem, parse
from chatproof.wire.jsontext import MAX_DEPTH, parse_text


def kinds(data: bytes) -> list[str]:
    return [problem.kind for problem in parse(data).problems]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_what_is_json_has_its_value_and_no_problem(value):
    parsed = parse(json.dumps(value, ensure_ascii=False).encode())
    assert (parsed.value, parsed.problems, parsed.is_json) == (value, (), True)


@pytest.mark.parametrize(
    ("data", "value", "kind", "offset"),
    [
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}, "bom", 0),
        (b'{"a":"\xe9"}', {"a": "\ufffd"}, "not-utf8", 6),
        (b'{"a":NaN}', None, "constant", None),
        (b'{"a":1,"b":2,"a":3}', {"a": 3, "b": 2}, "duplicate-key", None),
        (b'{"a":1} {"b":2}', {"a": 1}, "trailing", 8),
        (b'{"a":1}\x00', {"a": 1}, "trailing", 7),
        (b'["\xc3\xa9" 1]', None, "syntax", 6),
        (b"", None, "syntax", 0),
        (b" \n", None, "syntax", 2),
        (b"{'a':1}", None, "syntax", 1),
        (b'{"a":1,}', None, "syntax", 7),
        (b'"a\nb"', None, "syntax", 2),
        (b"01", 0, "trailing", 1),
        (b"\x0c1", None, "syntax", 0),
        (b"1\x0c", 1, "trailing", 1),
        (b"X1", None, "syntax", 0),
        (b"1X", 1, "trailing", 1),
        (b"<html>", None, "syntax", 0),
    ],
)
def test_each_problem_is_told_with_its_place(data, value, kind, offset):
    parsed = parse(data)
    assert [(p.kind, p.offset) for p in parsed.problems] == [(kind, offset)]
    assert kind == "constant" or parsed.value == value
    assert parsed.is_json == (kind == "duplicate-key")


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_constants_are_read_and_told(name):
    parsed = parse(f"[{name}]".encode())
    assert str(parsed.value[0]) == name.replace("Infinity", "inf").lower()
    assert not parsed.is_json


def test_a_problem_of_a_kind_is_told_once():
    assert kinds(b"[NaN, NaN, NaN]") == ["constant"]
    assert kinds(b'[{"a":1,"a":1},{"a":1,"a":1}]') == ["duplicate-key"]


def test_problems_come_together():
    assert kinds(b'\xef\xbb\xbf{"a":NaN,"a":"\xff"} x') == [
        "not-utf8",
        "bom",
        "constant",
        "duplicate-key",
        "trailing",
    ]


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100_000])
@pytest.mark.parametrize("pair", ["[]", ('{"a":', "}")])
def test_deep_nesting_is_a_problem_not_a_crash(depth, pair):
    parsed = parse((pair[0] * depth + "1" + pair[1] * depth).encode())
    assert parsed.value is None
    assert [problem.kind for problem in parsed.problems] == ["too-deep"]


def test_the_deepest_allowed_nesting_is_read():
    parsed = parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert parsed.problems == ()


def test_an_object_with_many_names_is_read_in_linear_time():
    names = [f'"{number}":0' for number in range(100_000)]
    assert kinds(("{" + ",".join([*names, '"99999":1']) + "}").encode()) == ["duplicate-key"]


def test_a_number_of_any_length_is_read():
    parsed = parse(b"[" + b"9" * 5000 + b"]")
    assert parsed.value == [float("inf")]
    assert parsed.is_json


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'"\xe9"', "no UTF-8: invalid continuation byte"),
        (b"\xef\xbb\xbf1", "a byte order mark begins the text"),
        (b"NaN", "NaN is no JSON"),
        (b'{"a":1,"b":2,"a":3,"b":4}', "the name 'a' stands twice"),
        (b'{"b":1,"a":2,"a":3}', "the name 'a' stands twice"),
        (b"1 " + b"x" * 50, "'" + "x" * 40 + "' stands behind the value"),
        (b"[", "no JSON: Expecting value"),
        (b"[" * 257 + b"]" * 257, f"nested deeper than {MAX_DEPTH}"),
        (b"[" * 100_000, f"nested deeper than {MAX_DEPTH}"),
    ],
)
def test_each_problem_is_told_in_words(data, words):
    assert [problem.message for problem in parse(data).problems] == [words]


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b"\xef\xbb\xbf1 x", 5),
        (b"\xef\xbb\xbf[", 4),
        (b'"\xff" x', None),
        (b'\xef\xbb\xbf"\xff" x', None),
        ('"é" x'.encode(), 5),
    ],
)
def test_a_place_is_counted_in_bytes_where_they_can_be_counted(data, offset):
    assert parse(data).problems[-1].offset == offset


def test_what_is_deepest_counts():
    deep = b"[" * (MAX_DEPTH - 1) + b'{"a":1}' + b"]" * (MAX_DEPTH - 1)
    assert kinds(deep) == []
    assert kinds(b"[" + deep + b"]") == ["too-deep"]
    assert kinds(b"[1," + deep + b"]") == ["too-deep"]


def test_what_is_wide_is_not_deep():
    assert kinds(b"[" + b"[]," * MAX_DEPTH + b"{}]") == []


@pytest.mark.parametrize(
    ("text", "value", "problems"),
    [
        ('{"a":1}', {"a": 1}, []),
        ('"\ud800"', "?", []),
        ("", None, ["syntax"]),
        (None, None, ["syntax"]),
        ({"a": 1}, None, ["syntax"]),
    ],
)
def test_a_text_within_another_is_read(text, value, problems):
    parsed = parse_text(text)
    assert (parsed.value, [problem.kind for problem in parsed.problems]) == (value, problems)


def test_what_is_no_text_is_no_json():
    assert parse_text(None).problems == (Problem("syntax", "no JSON: not a string", None),)


@given(st.binary(max_size=60))
def test_any_bytes_are_survived(data):
    parsed = parse(data)
    assert parsed.problems or json.loads(data) == parsed.value
