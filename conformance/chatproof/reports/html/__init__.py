"""The HTML report: one file that needs no network, for a screen of any width, and for paper.

page.html is the template, style.css and script.js go into it. Nothing in the file runs but that
script: the policy in its head names the script's hash, and so for the style.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from .hostile import said, value
from .page import Page

if TYPE_CHECKING:
    from jinja2 import Template

    from ...report import Report


def write(report: Report, strict: bool) -> str:
    """The report as one HTML document."""
    style, script = _asset("style.css"), _asset("script.js")
    document = _template().render(
        page=Page(report, strict),
        report=report,
        style=style,
        script=script,
        policy="; ".join(
            (
                "default-src 'none'",
                f"script-src '{_hash(script)}'",
                f"style-src '{_hash(style)}'",
                "base-uri 'none'",
                "form-action 'none'",
                "require-trusted-types-for 'script'",
            )
        ),
    )
    return document.lstrip()  # what is in front of it are the template's macros


def _asset(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined  # costs time at the start of every run

    from ..words import duration

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "said": said,
        "value": value,
        "duration": duration,
        "prose": _prose,
        "count": "{:,}".format,
    }
    return environment.from_string(_asset("page.html"))


def _prose(text: str) -> list[tuple[bool, str]]:
    """A sentence of the specification in pieces, each with whether it is code."""
    return [(bool(number % 2), piece) for number, piece in enumerate(text.split("`"))]
