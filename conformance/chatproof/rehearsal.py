"""The plan of a run: what it would ask, and what that may cost, before anything is asked.

Experiments choose what to ask next by what came back, so there is no list to read the plan from.
It is found by doing it: the same run, against the embedded reference server.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .reference import serving
from .runner import run

if TYPE_CHECKING:
    from .options import Options
    from .report import Report

KEY = "embedded-reference-key"


def rehearse(options: Options) -> Report:
    """The run that `options` describe, against the embedded reference server of that dialect.

    Raises:
        BadOption: an option makes no sense.
        SpecError: the dialect is unknown or broken.
    """
    key = KEY if options.key is not None else None
    with serving(options.dialect, key=key) as url:
        return run(replace(options, url=url, key=key, model=None))
