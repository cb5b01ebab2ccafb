from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof.wire import Event, Quirk, SseDecoder
from tests.wire.wire_samples import CEREBRAS_TEXT, CEREBRAS_TOOLS, call_stream, events_of

BOM = b"\xef\xbb\xbf"


def decode(*pieces: bytes, **options):
    """The events, the notes in the order of their places, and what close says."""
    decoder = SseDecoder(**options)
    events = [event for piece in pieces for event in decoder.feed(piece)]
    left = decoder.close()
    notes = sorted(decoder.notes, key=lambda note: (note.offset, note.quirk.name))
    return events, notes, left


def datas(*pieces: bytes, **options) -> list[bytes]:
    return [event.data for event in decode(*pieces, **options)[0]]


def quirks(*pieces: bytes, **options) -> set[Quirk]:
    return {note.quirk for note in decode(*pieces, **options)[1]}


def single(data: bytes):
    return [data[at : at + 1] for at in range(len(data))]


# What the standard says ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: x\n\n", [b"x"]),
        (b"data:x\n\n", [b"x"]),
        (b"data:  x \n\n", [b" x "]),
        (b"data: a\ndata: b\n\n", [b"a\nb"]),
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", [b"YHOO\n+2\n10"]),
        (b"data\n\ndata\ndata\n\ndata:", [b"", b"\n"]),
        (b"data:test\n\ndata: test\n\n", [b"test", b"test"]),
        (b": keep-alive\n\ndata: x\n\n", [b"x"]),
        (b"data: a\n: between\ndata: b\n\n", [b"a\nb"]),
        (b"\n\n\ndata: x\n\n\n\n", [b"x"]),
        (b"nonsense\nfoo: bar\ndata: x\n\n", [b"x"]),
        (b"Data: x\n\n data: x\n\n", []),
        (b"data: x\r\rdata: y\r\n\r\ndata: z\n\n", [b"x", b"y", b"z"]),
        (b"data: x\n\r\ndata: y\r\ndata: z\n\n", [b"x", b"y\nz"]),
        (BOM + b"data: x\n\n", [b"x"]),
        (BOM + BOM + b"data: x\n\n", []),
        (b"data: a:b: c\n\n", [b"a:b: c"]),
        (b"data: \xff\xc3\n\n", [b"\xff\xc3"]),
        (b"", []),
        (b"data: x\n", []),
        (b"data: x", []),
    ],
)
def test_events_are_those_of_the_standard(stream, expected):
    assert datas(stream) == expected
    assert datas(*single(stream)) == expected


def test_event_type_id_and_retry():
    events, _, _ = decode(
        b"event: add\nid: 7\nretry: 2500\ndata: a\n\ndata: b\n\nid\nevent:\ndata: c\n\n"
    )
    assert [(e.event, e.id, e.retry) for e in events] == [
        ("add", "7", 2500),
        ("message", "7", 2500),
        ("message", "", 2500),
    ]


def test_the_plainest_event():
    assert decode(b"data: a\n\n") == ([Event(b"a", "message", "", None, 0, 8, 0)], [], None)


def test_an_id_with_nul_is_ignored():
    events, notes, _ = decode(b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n")
    assert [event.id for event in events] == ["1", "1"]
    assert [(n.quirk, n.offset, n.line) for n in notes] == [(Quirk.NUL_IN_ID, 15, b"id: 2\0")]


@pytest.mark.parametrize("value", [b"soon", b"-1", b"1.5", b"", "٣".encode()])
def test_a_retry_that_is_no_number_is_ignored(value):
    events, notes, _ = decode(b"retry: " + value + b"\ndata: a\n\n")
    assert events[0].retry is None
    assert [note.quirk for note in notes] == [Quirk.BAD_RETRY]


def test_a_retry_of_any_length_is_survived():
    assert decode(b"retry: " + b"9" * 10_000 + b"\ndata: a\n\n")[0][0].retry == 10**18 - 1


def test_events_know_their_place():
    stream = BOM + b": hello\nevent: x\ndata: a\n\n\ndata: b\r\n\r\n"
    events, _, _ = decode(stream)
    assert [event.number for event in events] == [0, 1]
    assert [stream[event.offset : event.end] for event in events] == [
        b"event: x\ndata: a\n",
        b"data: b\r\n",
    ]


def test_an_event_begins_with_its_first_line_and_is_counted():
    events, _, _ = decode(b"id: 1\ndata: a\n\n" + b"data:b\n\n" * 2)
    assert [(e.number, e.offset, e.end) for e in events] == [(0, 0, 14), (1, 15, 22), (2, 23, 30)]


# What is noted ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "quirk", "offset", "line"),
    [
        (BOM + b"data: x\n\n", Quirk.BOM, 0, BOM),
        (b"data:x\n\n", Quirk.NO_SPACE, 0, b"data:x"),
        (b"data: x\n\n: ping\n\n", Quirk.COMMENT, 9, b": ping"),
        (b"data: x\n\nfoo: bar\n\n", Quirk.UNKNOWN_FIELD, 9, b"foo: bar"),
        (b'data: x\n\n{"a": 1}\n\n', Quirk.UNKNOWN_FIELD, 9, b'{"a": 1}'),
        (b"data: x\n\ndata\n\n", Quirk.NO_COLON, 9, b"data"),
        (b"data: x\n\nid: 1\n\n", Quirk.NO_DATA, 9, b""),
        (b"data: x\n\nretry: 1\n\n", Quirk.NO_DATA, 9, b""),
        (b"data: x\n\nevent: ping\n\n", Quirk.NO_DATA, 9, b"ping"),
        (b"data: x\n\ndata: \xc3\xa9\xff\n\n", Quirk.NOT_UTF8, 17, b"data: \xc3\xa9\xff"),
        (b"data: x\n\n: ok\ndata: y\n", Quirk.UNTERMINATED, 14, b"y"),
    ],
)
def test_each_peculiarity_is_noted_with_its_place(stream, quirk, offset, line):
    found = [note for note in decode(stream)[1] if note.quirk is quirk]
    assert [(note.offset, note.line) for note in found] == [(offset, line)]


@pytest.mark.parametrize(
    ("pieces", "quirk", "noted"),
    [
        ([b"data: x\r\n\r\n"], Quirk.CRLF, [(7, b"data: x"), (9, b"")]),
        ([b": " + b"x" * 99 + b"\r\n"], Quirk.CRLF, [(101, b"")]),
        ([b"data: x\r\n\n"], Quirk.MIXED, [(9, b"")]),
        ([b"data: x\r\r", b"data: y\n\ndata: z\n\n", b"\n"], Quirk.MIXED, [(16, b"")]),
        ([b"data: x\n\n", b"data: y\n\ndata: z\r\r"], Quirk.MIXED, [(25, b"")]),
        ([b": " + b"x" * 99 + b"\n"], Quirk.TOO_LONG, [(0, b"")]),
        ([b"data: a\ndata: b\n"], Quirk.UNTERMINATED, [(0, b"a\nb")]),
    ],
)
def test_each_note_has_the_start_of_its_line(pieces, quirk, noted):
    found = [note for note in decode(*pieces, max_event=100)[1] if note.quirk is quirk]
    assert [(note.offset, note.line) for note in found] == noted


def test_the_name_of_an_error_is_not_noted():
    assert quirks(b"event: error\ndata: x\n\n") == set()
    assert quirks(b"event: errors\ndata: x\n\n") == {Quirk.NAMED}


def test_a_plain_stream_is_noted_for_nothing():
    for stream in (CEREBRAS_TEXT, CEREBRAS_TOOLS, events_of(call_stream())):
        assert decode(stream)[1:] == ([], None)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: x\r\n\r\n", {Quirk.CRLF}),
        (b"data: x\r\r", {Quirk.CR}),
        (b"data: x\r\n\n", {Quirk.CRLF, Quirk.MIXED}),
        (b"data: x\n\ndata: y\r\r", {Quirk.CR, Quirk.MIXED}),
        (b"data: x\r\n\r", {Quirk.CR, Quirk.CRLF, Quirk.MIXED}),
        (b"oops\n\n", {Quirk.NO_COLON, Quirk.UNKNOWN_FIELD}),
    ],
)
def test_peculiarities_that_come_together(stream, expected):
    assert quirks(stream) == expected
    assert quirks(*single(stream)) == expected


@pytest.mark.parametrize(
    ("end", "left", "expected"),
    [
        (b"", None, set()),
        (b"data: y\n", 9, {Quirk.UNTERMINATED}),
        (b"data: y\ndat", 9, {Quirk.UNTERMINATED, Quirk.UNTERMINATED_LINE}),
        (b"data: ", 9, {Quirk.UNTERMINATED, Quirk.UNTERMINATED_LINE}),
        (b"id: 1\n", 9, {Quirk.UNTERMINATED}),
        (BOM, 9, {Quirk.UNTERMINATED, Quirk.UNTERMINATED_LINE}),
        (b": pi", 9, {Quirk.UNTERMINATED_LINE}),
        (b": ping\n", None, {Quirk.COMMENT}),
        (b"foo: bar\n", None, {Quirk.UNKNOWN_FIELD}),
    ],
)
def test_what_is_not_terminated_is_discarded(end, left, expected):
    for pieces in ([b"data: x\n\n" + end], single(b"data: x\n\n" + end)):
        events, notes, discarded = decode(*pieces)
        assert [event.data for event in events] == [b"x"]
        assert discarded == left
        assert {note.quirk for note in notes} == expected


def test_the_first_event_is_discarded_from_its_beginning():
    assert decode(b"data: x\ndata: y")[2] == 0
    assert decode(b"data: x\ndata: " + b"y" * 99 + b"\n", max_event=100)[2] == 0


def test_notes_are_bounded_and_counted():
    decoder = SseDecoder()
    decoder.feed(b": " + b"x" * 1000 + b"\n")
    decoder.feed(b": ping\n" * 1000)
    assert len(decoder.notes) == 20
    assert decoder.counts[Quirk.COMMENT] == 1001
    assert len(decoder.notes[0].line) == 200


# Bounds and splittings ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "long",
    [
        b"data: " + b"x" * 200 + b"\n\n",
        b"data: 1234567890\n" * 20 + b"\n",
        b": " + b"x" * 200 + b"\n\n",
        b"data: " + b"x" * 200 + b"\r\n\r\n",
        b"data: " + b"\xc3\xa9" * 100 + b"\n\n",
        b"event: a\n" + b"data: " + b"x" * 94 + b"\n\n",
    ],
)
def test_an_event_over_the_limit_is_left_out_and_the_next_is_not(long):
    stream = b"data: a\n\n" + long + b"data: b\n\n"
    for size in (1, 7, 50, len(stream)):
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        events, notes, left = decode(*pieces, max_event=100)
        assert [event.data for event in events] == [b"a", b"b"]
        assert stream[events[1].offset : events[1].end] == b"data: b\n"
        assert [note.offset for note in notes if note.quirk is Quirk.TOO_LONG] != []
        legal = {Quirk.TOO_LONG, Quirk.CRLF, Quirk.MIXED, Quirk.NAMED}
        assert {n.quirk for n in notes} <= legal
        assert left is None


def test_an_event_at_the_limit_is_taken():
    assert datas(b"data: " + b"x" * 94 + b"\n\n", max_event=100) == [b"x" * 94]
    assert datas(b"data: " + b"x" * 95 + b"\n\n", max_event=100) == []
    assert datas(b"data: x\ndata: " + b"y" * 86 + b"\n\n", max_event=100) != []
    assert datas(b"data: x\ndata: " + b"y" * 87 + b"\n\n", max_event=100) == []


def test_where_nothing_is_allowed_the_first_byte_is_too_much():
    assert Quirk.TOO_LONG in quirks(b"x", max_event=0)


def test_an_event_may_have_four_mebibytes():
    longest = b"data: " + b"x" * (4 * 2**20 - 6)
    assert len(datas(longest + b"\n\n")) == 1
    assert datas(longest + b"x\n\n") == []


@pytest.mark.parametrize("before", [b"", b"data: a\n\n"])
@pytest.mark.parametrize("first", [b"x" * 100, b"data: " + b"x" * 93 + b"\n"])
def test_a_line_is_given_up_before_its_end_and_not_too_early(before, first):
    for length, expected in ((0, False), (1, True)):
        stream = before + first + b"x" * length
        assert (Quirk.TOO_LONG in quirks(stream, max_event=100)) is expected
        assert (Quirk.TOO_LONG in quirks(*single(stream), max_event=100)) is expected


@pytest.mark.parametrize("before", [b"", b"data: a\n\n" * 20, b": a\n" * 20 + b"data: a\n"])
def test_the_pieces_of_a_line_are_kept_until_it_ends(before):
    decoder = SseDecoder(max_event=100)
    decoder.feed(before)
    for _ in range(40):
        decoder.feed(b"xy")
    assert len(decoder._parts) == 40


def test_an_endless_line_costs_no_memory():
    decoder = SseDecoder(max_event=1000)
    for _ in range(1000):
        decoder.feed(b"x" * 100)
    assert sum(map(len, decoder._parts)) <= 1100
    assert decoder.close() == 0
    assert [note.quirk for note in decoder.notes] == [
        Quirk.TOO_LONG,
        Quirk.UNTERMINATED_LINE,
        Quirk.UNTERMINATED,
    ]


USUAL = [b"data: a", b"data: \xc3\xa9", b"data:", b"data", b": c", b"id: 1", b"event: e"]
ODD = [b"retry: 5", b"retry: x", b"id: \0", b"foo", b"x: y", b"data: \xff", b"data: " + b"z" * 40]
LINES = st.sampled_from([*USUAL, *ODD, b"", b"", b""])
ENDINGS = st.sampled_from([b"\n", b"\n", b"\r", b"\r\n"])
STREAMS = st.builds(
    lambda bom, lines, rest: bom + b"".join(a + b for a, b in lines) + rest,
    st.sampled_from([b"", BOM]),
    st.lists(st.tuples(LINES, ENDINGS), max_size=20),
    st.sampled_from([b"", b"data: a", b"\xef\xbb", b": "]),
)


@given(STREAMS, st.lists(st.integers(0, 300), max_size=8), st.sampled_from([30, 10_000]))
def test_the_splitting_makes_no_difference(stream, cuts, limit):
    borders = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    pieces = [stream[a:b] for a, b in itertools.pairwise(borders)]
    whole = decode(stream, max_event=limit)
    assert decode(*pieces, max_event=limit) == whole
    assert decode(*single(stream), max_event=limit) == whole


WHOLE = st.sampled_from([b"data: a", b"data: \xc3\xa9", b"data: ", b": c", b"id: 1\ndata: b"])
PARTS = st.sampled_from(
    [b"data: a\ndata: b", b"\ndata: c", b"data:", b"data: \xff", b"data: b\n: c"]
)


@given(st.lists(WHOLE | WHOLE | PARTS, min_size=1, max_size=8), st.integers(0, 60))
def test_events_that_come_together_are_those_that_come_line_by_line(blocks, cut):
    stream = b"".join(block + b"\n\n" for block in blocks)
    whole = decode(*stream.splitlines(keepends=True))
    assert decode(stream) == whole
    assert decode(stream[:cut], stream[cut:]) == whole


def plainly(stream: bytes) -> list[bytes]:
    """The standard's algorithm, word by word, over the whole stream at once."""
    text = stream.removeprefix(BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    events, data = [], b""
    for line in text.split(b"\n")[:-1]:
        if not line:
            if data:
                events.append(data[:-1])
            data = b""
        elif line.partition(b":")[0] == b"data":
            data += line.partition(b":")[2].removeprefix(b" ") + b"\n"
    return events


@given(STREAMS)
def test_the_events_are_those_of_the_plain_algorithm(stream):
    assert datas(stream) == plainly(stream)


@given(st.binary(max_size=200))
def test_any_bytes_are_read(stream):
    assert datas(stream) == plainly(stream)
