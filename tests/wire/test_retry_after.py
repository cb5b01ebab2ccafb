from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from chatproof.wire import Reply
from chatproof.wire.retry_after import pushes_back, retry_after


def reply(value: str | None, status: int = 429) -> Reply:
    headers = () if value is None else (("retry-after", value),)
    return Reply(status, "", headers, ())


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("120", 120.0),
        ("1.5", 1.5),
        ("10.25", 10.25),
        (" 7 ", 7.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("7s", None),
        ("1.", None),
        (".5", None),
        ("1x5", None),
    ],
)
def test_seconds_and_dates_are_read(value, seconds):
    assert retry_after(reply(value)) == seconds


def test_a_date_is_read_as_seconds_from_now(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    assert retry_after(reply(formatdate(1_700_000_060, usegmt=True))) == 60.0


@pytest.mark.parametrize(
    ("status", "value", "pushed"),
    [
        (429, None, True),
        (429, "1", True),
        (503, "1", True),
        (503, None, False),
        (503, "soon", False),
        (500, "1", False),
        (200, "1", False),
    ],
)
def test_who_pushes_back(status, value, pushed):
    assert pushes_back(reply(value, status)) is pushed
