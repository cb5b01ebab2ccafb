"""A report by hand, with all that a report may have to show, and all of it hostile."""

from __future__ import annotations

import json

from chatproof.budget import Cost
from chatproof.contract.requirements import Requirement
from chatproof.report import ExchangeSummary, Latency, Load, Report, summarise
from chatproof.transport.curl import curl, head
from chatproof.transport.snippet import snippet
from chatproof.verdicts import Finding, Judgement
from chatproof.wire import Exchange, Failure, Reply, Request, Segment, View, view

URL = "http://127.0.0.1:8000/v1"
HOSTILE = (
    "</script><script>document.title='ran'</script></style>"
    "<img src=x onerror=\"document.title='ran'\">"
    "\x1b[2J\x00\u202eexe.gpj\u2066\u200f & 'quoted' \ud800"
)
SAYABLE = HOSTILE.replace("\ud800", "")
"""What of it a server can say in UTF-8."""
LONG = "x" * 2**20


def requirement(
    name: str, level: str = "MUST", cls: str = "core", evidence: tuple[str, ...] = ()
) -> Requirement:
    return Requirement(
        name,
        level,  # type: ignore[arg-type]
        cls,
        "`usage` has what is demanded.",
        "A client suffers.",
        ("OA-SPEC", "SEED:S8"),
        "/x",
        evidence=evidence,
    )


def asked(body: bytes = b'{"model":"m","messages":[]}') -> Request:
    return Request("POST", "/chat/completions", body=body)


def replied(
    *segments: bytes,
    media: str = "application/json",
    request: Request | None = None,
    id: str = "e1",
) -> View:
    """An exchange whose reply comes in these segments, one each 0.25 seconds."""
    fields = (("content-type", media), ("x-evil", "<script>alert(1)</script>"))
    pieces = tuple(Segment(0.25 * (n + 1), data) for n, data in enumerate(segments))
    reply = Reply(200, "<b>OK</b>", fields, pieces)
    return view(Exchange(id, request or asked(), reply, None, 1.7e9, 0.25 * len(segments)))


def summary(seen: View, *locations: str) -> ExchangeSummary:
    request = seen.exchange.request
    return summarise(
        seen,
        curl(request, URL),
        python=snippet(request, URL),
        head=head(request, URL, "chatproof/1"),
        locations=locations,
    )


PLAIN = replied(
    json.dumps(
        {"id": SAYABLE, "usage": {"total_tokens": 10}, "long": LONG, "late": [SAYABLE]},
        ensure_ascii=False,
    ).encode()
    + b"\xff\xfe"
)
STREAM = replied(
    b'data: {"id":"1","choices":[{"delta":{"content":"a"}}]}\r\n\r\n',
    b': <script>\x1b\n\ndata: {"id":"2"}\n\n',
    b"data: [DONE]\n\n",
    media="text/event-stream",
    request=asked(b'{"model":"m","messages":[],"stream":true}'),
    id="e2",
)
NO_HTTP = view(
    Exchange(
        "e3", asked(b"\xff\x00"), None, Failure("not-http", SAYABLE, b"SSH-2.0\x1b<b>"), 1.7e9, 0.5
    )
)


def _failed(name: str, *findings: Finding, level: str = "MUST", cls: str = "core") -> Judgement:
    made = requirement(name, level, cls, evidence=("owner/name#12",))
    return Judgement(made, "fail", findings[0].message, findings, len(findings) + 5)


JUDGEMENTS = (
    _failed(
        "usage.total",
        Finding(HOSTILE, {"a": HOSTILE}, [HOSTILE, LONG], "/usage/total_tokens", "e1"),
        Finding("late", 1, 2, "/late/0", "e1"),
        Finding("head", "x", None, "header x-evil", "e1"),
        Finding("status", None, 200, "status", "e1"),
        Finding("gone", None, 1, "/x", "e9"),
    ),
    _failed("stream.role", Finding("no role", "role", {}, "event 1 /id", "e2"), cls="streaming"),
    _failed("transport.http", Finding(HOSTILE, None, HOSTILE, "", "e3"), cls="transport"),
    _failed("tools.shape", Finding("bad", 1, 2, "/messages", "e1"), level="SHOULD", cls="tools"),
    Judgement(requirement("a.open"), "inconclusive", HOSTILE),
    Judgement(requirement("a.pass", cls="streaming"), "pass"),
    Judgement(requirement("a.may", "MAY", cls="models"), "pass"),
    Judgement(requirement("a.skip", cls="auth"), "skip", "left out by --skip"),
)


def report(*judgements: Judgement) -> Report:
    return Report(
        version="1.0",
        spec="1.0",
        dialect="openai",
        url=URL,
        model=HOSTILE,
        judgements=judgements,
        exchanges=(
            summary(
                PLAIN, "/usage/total_tokens", "/late/0", "header x-evil", "status", "/messages"
            ),
            summary(STREAM, "event 1 /id"),
            summary(NO_HTTP, ""),
        ),
        cost=Cost(1234, 20, 10, 12),
        cost_by_class={"streaming": Cost(2, 2, 2, 2), "core": Cost(3, 20, 10, 12)},
        seconds=1.5,
        load=Load(8, 2, 5),
        latency=Latency(0.004, 1.25, 0.5),
        seed=1,
        note=HOSTILE,
        started=1.7e9,
        latency_by_class={"core": Latency(0.004, 1.25, 0.5)},
    )


REPORT = report(*JUDGEMENTS)
