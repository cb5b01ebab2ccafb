"""The suite's own wire layer, contract and rules against the language-neutral vectors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tools import vectors as source
from tools.vectors import Vector, octets, vector_problems, vectors

from chatproof.checks import rules_for
from chatproof.contract import Contract, load_contract
from chatproof.reference.model import generate
from chatproof.wire import SseDecoder, view
from chatproof.wire.exchange import Exchange, Reply, Request, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def of(kind: str) -> list[Any]:
    return [pytest.param(v, id=v.id) for v in vectors() if v.kind == kind]


def decoded(pieces: list[bytes]) -> dict[str, Any]:
    """What the suite's decoder makes of a stream, in the form of a vector."""
    decoder = SseDecoder()
    found = [event for piece in pieces for event in decoder.feed(piece)]
    left = decoder.close()
    events = []
    for event in found:
        made = {"data": event.data.decode("utf-8", "replace")}
        named = {"event": event.event if event.event != "message" else "", "id": event.id}
        events.append(made | {name: value for name, value in named.items() if value})
    result: dict[str, Any] = {"events": events}
    retries = [event.retry for event in found if event.retry is not None]
    return (
        result
        | ({"retry": retries[-1]} if retries else {})
        | ({"incomplete": True} if left is not None else {})
    )


def splittings(vector: Vector) -> Iterator[list[bytes]]:
    data = octets(vector.value)
    yield [data]
    yield [data[at : at + 1] for at in range(len(data))]
    at, pieces = 0, []
    for length in vector.value.get("split", ()):
        pieces.append(data[at : at + length])
        at += length
    if pieces:
        assert b"".join(pieces) == data, "split does not add up"
        yield pieces


@pytest.mark.parametrize("vector", of("stream"))
def test_streams_decode_to_their_events(vector: Vector) -> None:
    wanted = ("events", "retry", "incomplete")
    expected = {name: vector.value[name] for name in wanted if name in vector.value}
    for pieces in splittings(vector):
        assert decoded(pieces) == expected


def exchange(vector: Vector) -> Exchange:
    asked, answered = vector.value["request"], vector.value["reply"]
    body = None
    if "json" in asked:
        body = json.dumps(asked["json"]).encode()
    elif "text" in asked:
        body = asked["text"].encode()
    reply = Reply(
        answered["status"],
        "",
        tuple(answered["headers"].items()),
        (Segment(0.0, octets(answered)),),
    )
    return Exchange(vector.id, Request(asked["method"], asked["path"], (), body), reply, None, 0, 0)


def broken(vector: Vector, contract: Contract) -> set[str]:
    seen = view(exchange(vector))
    return {
        made.requirement
        for rule in rules_for(seen, contract)
        for made in rule(seen, contract)
        if made.ok is False
        and made.requirement in contract.requirements
        and contract.requirements[made.requirement].level != "MAY"
    }


@pytest.mark.parametrize("vector", of("exchange"))
def test_exchanges_break_just_what_they_say(vector: Vector) -> None:
    for dialect, expected in vector.breaks.items():
        assert broken(vector, load_contract(dialect)) == set(expected)


@pytest.mark.parametrize("vector", of("request"))
def test_requests_break_just_what_they_say(vector: Vector) -> None:
    for dialect, expected in vector.breaks.items():
        if "text" in vector.value:
            assert expected == {"request.syntax": ""}
            with pytest.raises((ValueError, AssertionError)):
                assert isinstance(json.loads(vector.value["text"]), dict)
            continue
        breaches = load_contract(dialect).breaches(vector.value["request"])
        assert {b.requirement: b.location for b in breaches} == expected


@pytest.mark.parametrize("vector", of("equivalent"))
def test_equivalent_requests_are_valid_and_have_the_same_answer(vector: Vector) -> None:
    one, other = vector.value["one"], vector.value["other"]
    assert one != other or json.dumps(one) != json.dumps(other)
    for dialect in vector.value["dialects"]:
        contract = load_contract(dialect)
        assert not contract.breaches(one)
        assert not contract.breaches(other)
    assert generate(one, entropy=1) == generate(other, entropy=1)


def test_nothing_is_wrong_with_them() -> None:
    assert list(vector_problems()) == []


def test_both_sides_are_there() -> None:
    for kind in ("request", "exchange"):
        bad = [v for v in vectors() if v.kind == kind and any(v.breaks.values())]
        good = [v for v in vectors() if v.kind == kind and not any(v.breaks.values())]
        assert min(len(bad), len(good)) >= 20


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"breaks": {"openai": {"request.temperature.maximun": "/temperature"}}}, "no requirement"),
        ({"breaks": {"klingon": {}}}, "there is no dialect klingon"),
        ({"source": ["NOBODY"]}, "source NOBODY is not in spec/sources.yaml"),
        ({"id": "Not An Id"}, "correct it"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    change: dict[str, Any], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vector = {"id": "x", "title": "X.", "text": "[]", "breaks": {"openai": {"request.syntax": ""}}}
    content = {"$schema": "../vector.schema.json", "kind": "request", "theme": "T"}
    folder = tmp_path / "spec" / "vectors" / "requests"
    folder.mkdir(parents=True)
    schema = source.spec_folder() / "vectors" / "vector.schema.json"
    (folder.parent / "vector.schema.json").write_bytes(schema.read_bytes())
    (folder.parent.parent / "sources.yaml").write_bytes(
        (source.spec_folder() / "sources.yaml").read_bytes()
    )
    vectors = [{**vector, "id": "w"}, {**vector, **change}]
    (folder / "one.json").write_text(json.dumps({**content, "vectors": vectors}, indent=1))
    monkeypatch.setattr(source, "spec_folder", lambda: tmp_path / "spec")
    monkeypatch.setattr(source, "vectors", source.vectors.__wrapped__)
    problems = [p for p in source.vector_problems() if "are promised" not in p]
    assert len(problems) == 1
    assert words in problems[0]
    line = (folder / "one.json").read_text().split(json.dumps(vectors[1]["id"]))[0].count("\n") + 1
    assert problems[0].startswith(f"spec/vectors/requests/one.json:{line}: ")
