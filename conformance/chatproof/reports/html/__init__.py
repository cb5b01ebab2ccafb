"""The HTML report: one file that needs no network, for a screen of any width, and for paper.

frame.html is the frame of every page, page.html what a report has in it; style.css, theme.js and
script.js go into it. Nothing in the file runs but these scripts: the policy in its head names their
hash, and so for the style.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from .hostile import said, value
from .page import Page

if TYPE_CHECKING:
    from jinja2 import Environment

    from ...report import Report


def write(report: Report, strict: bool) -> str:
    """The report as one HTML document."""
    return render("page", page=Page(report, strict), report=report, version=report.version)


_PARTS: Final = {
    "page": (("style.css",), ("theme.js", "script.js")),
    "matrix": (("style.css", "matrix.css"), ("theme.js", "matrix.js")),
}
"""The styles and scripts of each page."""


def render(name: str, **values: object) -> str:
    """The page of that name, with its styles and scripts in it, made of `values`."""
    style, script = ("\n".join(map(_asset, names)) for names in _PARTS[name])
    document = (
        _templates()
        .get_template(f"{name}.html")
        .render(
            **values,
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
    )
    return document.lstrip()  # what is in front of it are the template's macros


def _asset(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _templates() -> Environment:
    from jinja2 import (
        Environment,
        FunctionLoader,
        StrictUndefined,
    )  # costs time at the start of every run

    from ..words import duration

    environment = Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "said": said,
        "value": value,
        "duration": duration,
        "prose": _prose,
        "count": "{:,}".format,
    }
    return environment


def _prose(text: str) -> list[tuple[bool, str]]:
    """A sentence of the specification in pieces, each with whether it is code."""
    return [(bool(number % 2), piece) for number, piece in enumerate(text.split("`"))]
