"""The options of a run, in one table.

The command line, the configuration file, the environment and the pytest plugin are all made from
it, so an option has the same name everywhere: ``--budget-tokens``, ``budget-tokens = ...``,
``CHATPROOF_BUDGET_TOKENS``, ``--chatproof-budget-tokens``.

It is light: pytest loads it whenever it starts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .options import DEPTH, QUICK, BadOption
from .reports import WRITERS

DEFAULT_DIALECT = "cerebras"
PREFIX = "CHATPROOF_"

_WHOLE = ".+"
_KINDS = {int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One option of a run.

    `type` is that of a value, and of each of them where there may be `many`; numbers have a
    `least` value, or one that they are `above`. `path` matches what of a value is a path: in a
    configuration file it counts from the folder of the file. Where `in_file` is False, the file
    does not have it. `example` is a value as TOML.
    """

    name: str
    help: str
    example: str = ""
    metavar: str = ""
    type: type = str
    many: bool = False
    default: Any = None
    least: int | None = None
    above: int | None = None
    path: str = ""
    in_file: bool = True

    @property
    def dest(self) -> str:
        """What the value is called in Python, where ``class`` is no name."""
        return "classes" if self.name == "class" else self.name.replace("-", "_")

    @property
    def flag(self) -> str:
        return f"--{self.name}"

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper().replace("-", "_")

    @property
    def kind(self) -> str:
        """What a value is, in words."""
        one = _KINDS.get(self.type, "a text")
        return "a list of texts" if self.many else one

    def check(self, value: Any, where: str) -> None:
        """See that a value is within its bounds; `where` is what it is called.

        Raises:
            BadOption: it is not.
        """
        if self.least is not None and value < self.least:
            raise BadOption(f"{where} is {value}; give at least {self.least}")
        if self.above is not None and not value > self.above:
            raise BadOption(f"{where} is {value}; give {self.kind} above {self.above}")

    def beside(self, text: str, folder: Path) -> str:
        """A value from a configuration file, its path counted from the folder of the file."""
        if not self.path:
            return text
        return re.sub(self.path, lambda found: str(folder / found[0]), text, count=1)


SETTINGS = (
    Setting(
        name="url",
        metavar="URL",
        help="the base URL, as http://127.0.0.1:8080/v1; without it, the targets of the "
        "configuration file, or else the embedded reference server",
        example='"http://127.0.0.1:8080/v1"',
    ),
    Setting(
        name="dialect",
        metavar="NAME",
        help="a dialect, or the path of an overlay of your own",
        example='"openai"',
        default=DEFAULT_DIALECT,
        path=r"^.+\.yaml$",
    ),
    Setting(
        name="model",
        metavar="NAME",
        help="the model to ask (default: the first one listed)",
        example='"a-model"',
    ),
    Setting(
        name="api-key-env",
        metavar="VAR",
        help="the environment variable that holds the API key",
        example='"OPENAI_API_KEY"',
    ),
    Setting(
        name="only",
        metavar="GLOB",
        help="only these requirements",
        example='["stream.*"]',
        many=True,
        default=[],
    ),
    Setting(
        name="skip",
        metavar="GLOB",
        help="all but these requirements",
        example='["response.*.refusal.*"]',
        many=True,
        default=[],
    ),
    Setting(
        name="class",
        metavar="NAME",
        help="only this class",
        example='["core", "streaming"]',
        many=True,
        default=[],
    ),
    Setting(
        name="concurrency",
        metavar="N",
        help="requests at a time",
        example="8",
        type=int,
        default=8,
        least=1,
    ),
    Setting(
        name="timeout",
        metavar="S",
        help="seconds for a reply",
        example="30.0",
        type=float,
        default=30.0,
        above=0,
    ),
    Setting(
        name="budget-tokens",
        metavar="N",
        help="stop before more tokens than these are used",
        example="20_000",
        type=int,
        least=1,
    ),
    Setting(
        name="quick",
        help=f"the most valuable requests: at most {QUICK.requests}, and "
        f"{QUICK.completion_tokens} completion tokens",
        example="true",
        type=bool,
        default=False,
    ),
    Setting(
        name="examples",
        metavar="N",
        help="depth of the random search",
        example=str(DEPTH),
        type=int,
        default=DEPTH,
        least=0,
    ),
    Setting(
        name="seed",
        metavar="N",
        help="seed of the random search",
        example="1",
        type=int,
        default=1,
    ),
    Setting(
        name="database",
        metavar="FOLDER",
        help="where the search keeps what failed, to try it first; none keeps nothing "
        "(default: a folder in your cache)",
        example='".chatproof"',
        path="^(?!none$).+$",
    ),
    Setting(
        name="shard",
        metavar="K/N",
        help="part K of N of the run; `chatproof merge` puts them together. Bounds are each part's",
        example='"1/3"',
    ),
    Setting(
        name="record",
        metavar="FILE.har",
        help="record the run, to judge it again",
        example='"{target}.har"',
        type=Path,
        path=_WHOLE,
    ),
    Setting(
        name="known",
        metavar="FILE",
        help="known failures, which do not fail the run",
        example='"known.yaml"',
        type=Path,
        path=_WHOLE,
    ),
    Setting(
        name="update-known",
        help="add what fails to the list of --known, and take off what passes now",
        example="true",
        type=bool,
        default=False,
    ),
    Setting(
        name="report",
        metavar="FORMAT=PATH",
        help=f"write a report as well; formats: {', '.join(WRITERS)}",
        example='["json={target}.json"]',
        many=True,
        default=[],
        path="(?<==).+$",
    ),
    Setting(
        name="strict",
        help="a SHOULD that fails counts like a MUST",
        example="true",
        type=bool,
        default=False,
    ),
    Setting(
        name="quiet",
        help="print one line: what the run comes to",
        example="true",
        type=bool,
        default=False,
    ),
    Setting(
        name="verbose",
        help="print every requirement with its verdict, and every finding",
        example="true",
        type=bool,
        default=False,
    ),
    Setting(
        name="config",
        metavar="FILE",
        help="the configuration file; none reads none (default: chatproof.toml, or a "
        "pyproject.toml with [tool.chatproof], here or in a folder above)",
        in_file=False,
    ),
    Setting(
        name="target",
        metavar="NAME",
        help="only this target of the configuration file",
        many=True,
        default=[],
        in_file=False,
    ),
)
"""In the order in which they are listed."""

BY_NAME = {setting.name: setting for setting in SETTINGS}
