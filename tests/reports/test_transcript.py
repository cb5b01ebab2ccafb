"""What is kept of an exchange, and how much of it."""

from __future__ import annotations

import json

from chatproof.transcript import (
    AFTER,
    BEFORE,
    EVENTS,
    LINE,
    LINES,
    START,
    WINDOWS,
    character,
    transcript,
)
from chatproof.wire import Exchange, Reply, Request, Segment, view
from chatproof.wire.places import Place
from tests.reports.samples import LONG, NO_HTTP, PLAIN, STREAM, replied


def test_a_short_exchange_is_kept_whole() -> None:
    made = transcript(STREAM, ["POST / HTTP/1.1", "a: b"], ["event 1 /id", "the end"])
    assert made.request_head == ("POST / HTTP/1.1", "a: b")
    assert made.request.pieces == ((0, b'{"model":"m","messages":[],"stream":true}'),)
    assert made.reply_head[:2] == ("HTTP/1.1 200 <b>OK</b>", "content-type: text/event-stream")
    assert STREAM.reply is not None
    assert made.reply.pieces == ((0, STREAM.reply.body),)
    assert [moment.at for moment in made.moments] == [0.25, 0.5, 0.75]
    assert made.events == 3
    assert list(made.places) == ["event 1 /id"]


def test_of_a_large_body_the_start_is_kept_and_what_findings_point_to() -> None:
    made = transcript(PLAIN, (), ["/late/0", "/usage/total_tokens"])
    assert PLAIN.reply is not None
    body = PLAIN.reply.body
    late = made.places["/late/0"]
    assert late.start > len(LONG)
    assert [offset for offset, _ in made.reply.pieces] == [0, late.start - BEFORE]
    assert made.reply.size == len(body)
    for offset, data in made.reply.pieces:
        assert body[offset : offset + len(data)] == data
    assert sum(len(data) for _, data in made.reply.pieces) <= START + BEFORE + AFTER


def test_however_many_findings_there_are_a_body_is_bounded() -> None:
    members = {str(number): "y" * 5000 for number in range(200)}
    seen = replied(json.dumps(members).encode())
    made = transcript(seen, (), [f"/{name}" for name in members])
    kept = sum(len(data) for _, data in made.reply.pieces)
    assert kept <= START + WINDOWS * (BEFORE + AFTER)
    assert len(made.places) == 200


def test_a_head_is_bounded_in_lines_and_in_their_length() -> None:
    fields = tuple((f"x-{number}", "z" * 5000) for number in range(LINES + 50))
    reply = Reply(200, "OK", fields, ())
    made = transcript(view(Exchange("e", Request("GET", "/"), reply, None, 0.0, 0.0)), (), ())
    assert len(made.reply_head) == LINES + 1
    assert made.reply_head[-1] == "… 51 more lines"
    assert max(map(len, made.reply_head)) == LINE + 1


def test_of_many_events_the_times_of_the_first_are_kept() -> None:
    seen = replied(b"data: 1\n\n" * (EVENTS + 7), media="text/event-stream")
    made = transcript(seen, (), ())
    assert (len(made.moments), made.events) == (EVENTS, EVENTS + 7)


def test_what_is_no_http_is_kept_as_it_came() -> None:
    made = transcript(NO_HTTP, (), [""])
    assert made.reply_head == ()
    assert made.reply.pieces == ((0, b"SSH-2.0\x1b<b>"),)


def test_no_character_is_cut_where_bytes_are_left_out() -> None:
    data = "aü\U0001f600".encode()
    assert [character(data, offset) for offset in range(9)] == [0, 1, 3, 3, 7, 7, 7, 7, 7]
    assert character(b"\x80\x80\x80\x80\x80", 1) == 1
    assert character(data, -5) == 0


def test_a_segment_that_ends_within_an_event_gives_it_the_time_of_its_end() -> None:
    reply = Reply(
        200,
        "OK",
        (("content-type", "text/event-stream"),),
        (Segment(0.1, b"data: 1"), Segment(0.2, b"\n\n")),
    )
    seen = view(Exchange("e", Request("POST", "/chat/completions"), reply, None, 0.0, 0.2))
    (moment,) = transcript(seen, (), ["event 0"]).moments
    assert (moment.offset, moment.at) == (0, 0.2)
    assert transcript(seen, (), ["event 0"]).places == {"event 0": Place("reply", 0, 7)}
