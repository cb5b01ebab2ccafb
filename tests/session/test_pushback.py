"""A server that pushes back is asked less, later, and in the end no more."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from chatproof import pushback
from chatproof.contract import load_contract
from chatproof.meeting import CannotRun, meet
from chatproof.options import Options
from chatproof.session import NotAsked, Session
from chatproof.wire.exchange import Exchange, Reply, Request, Segment

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chatproof.wire import View

    Answer = Callable[[Request], tuple[int, dict[str, str]]]


class Scripted:
    """A transport whose server answers as a function says; knows how much was under way."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.sent: list[str] = []
        self.under_way = self.most = 0

    async def send(self, request: Request, *, id: str) -> Exchange:
        self.sent.append(id)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0)
        status, headers = self.answer(request)
        self.under_way -= 1
        reply = Reply(status, "", tuple(headers.items()), (Segment(0.0, b"{}"),))
        return Exchange(id, request, reply, None, 0.0, 0.0)


def session(answer: Answer, concurrency: int = 8) -> tuple[Session, Scripted, list[View]]:
    seen: list[View] = []
    transport = Scripted(answer)
    options = Options(url="http://x/v1", concurrency=concurrency)

    def look(view: View) -> tuple[str, ...]:
        seen.append(view)
        return ()

    return Session(transport, load_contract(), options, look), transport, seen


async def ask(asked: Session, count: int) -> list[object]:
    tasks: list[Awaitable[View]] = [
        asked.chat({"number": n, "max_tokens": 1}) for n in range(count)
    ]
    return list(await asyncio.gather(*tasks, return_exceptions=True))


def number(request: Request) -> int:
    return int(json.loads(request.body or b"")["number"])


def test_every_request_is_answered_in_the_end_and_fewer_are_sent_at_a_time() -> None:
    refused: set[int] = set()

    def answer(request: Request) -> tuple[int, dict[str, str]]:
        """Refuse the first eight once."""
        if number(request) < 8 and number(request) not in refused:
            refused.add(number(request))
            return 429, {"retry-after": "0"}
        return 200, {}

    asked, transport, seen = session(answer)
    views = asyncio.run(ask(asked, 20))
    assert [view.status for view in views] == [200] * 20  # type: ignore[attr-defined]
    assert asked.gate.refusals == 8
    assert asked.gate.limit == 4  # those that were under way together count once
    assert len(transport.sent) == len(set(transport.sent)) == 28
    assert len(seen) == 28


def test_the_limit_holds_after_it_was_lowered() -> None:
    turned_away = iter([True, False, False, True])

    def answer(_: Request) -> tuple[int, dict[str, str]]:
        return (429, {"retry-after": "0"}) if next(turned_away, False) else (200, {})

    asked, transport, _ = session(answer)
    asyncio.run(ask(asked, 4))
    narrowed = asked.gate.limit
    transport.most = 0
    asyncio.run(_again(asked, 40))
    assert narrowed < 8
    assert transport.most <= narrowed


async def _again(asked: Session, count: int) -> None:
    await asyncio.gather(*(asked.chat({"again": n, "max_tokens": 1}) for n in range(count)))


def test_the_pause_is_the_one_that_the_server_names(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    now = [100.0]
    monkeypatch.setattr(pushback.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(pushback.asyncio, "sleep", note)
    replies = iter([(429, {"retry-after": "7"}), (503, {"retry-after": "2.5"}), (200, {})])
    asked, _, _ = session(lambda _: next(replies))
    view = asyncio.run(asked.chat({}))
    assert view.status == 200
    assert [p for p in pauses if p] == pytest.approx([7, 2.5])


def test_a_503_without_a_time_is_an_answer() -> None:
    asked, transport, _ = session(lambda _: (503, {}))
    assert asyncio.run(asked.chat({})).status == 503
    assert len(transport.sent) == 1


def test_a_long_pause_is_not_waited_for() -> None:
    asked, transport, _ = session(lambda _: (429, {"retry-after": "3600"}), concurrency=1)
    reasons = asyncio.run(ask(asked, 9))
    assert all(isinstance(reason, NotAsked) for reason in reasons)
    assert "for 3600 s" in str(reasons[0])
    assert len(transport.sent) == pushback.HOPELESS  # then it is left alone
    assert asked.stopped


def test_one_that_always_pushes_back_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushback, "FIRST_PAUSE", 0.0)
    asked, transport, _ = session(lambda _: (429, {}), concurrency=1)
    reasons = asyncio.run(ask(asked, 9))
    assert "4 times in a row" in str(reasons[0])
    assert len(transport.sent) < 9 * pushback.TRIES
    assert asked.gate.limit == 1


def test_a_request_that_is_always_refused_does_not_end_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pushback, "FIRST_PAUSE", 0.0)
    asked, _, _ = session(lambda r: (429, {}) if number(r) == 0 else (200, {}), concurrency=1)
    first, *others = asyncio.run(ask(asked, 9))
    assert isinstance(first, NotAsked)
    assert [view.status for view in others] == [200] * 8  # type: ignore[attr-defined]
    assert not asked.stopped


@pytest.mark.parametrize("after", ["0", "99999"])
def test_a_server_that_has_no_room_from_the_first_request_on_cannot_be_tested(after: str) -> None:
    asked, _, _ = session(lambda _: (429, {"retry-after": after}))
    with pytest.raises(CannotRun, match=r"\(status 429\); wait until it has room, and run again$"):
        asyncio.run(meet(asked))
