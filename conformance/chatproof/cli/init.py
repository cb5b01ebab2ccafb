"""``chatproof init``: a configuration file to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..configuration import FILE
from ..options import BadOption
from ..settings import BY_NAME, SETTINGS
from .arguments import add_dialect

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from ..settings import Setting

NAME = "init"
HELP = f"write a {FILE}"

BEGINNING = """\
# What `chatproof run` tests, here and in the folders below: all targets in turn, or --target NAME.
# Every key is also an option of the command line (--timeout), a variable (CHATPROOF_TIMEOUT) and
# an option of pytest (--chatproof-timeout), which go before what stands here. Paths count from
# the folder of this file; in them, {target} is the name of the target. API keys are never
# written here: api-key-env names the variable that holds one.

# For all targets:
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    url = BY_NAME["url"]
    parser.add_argument(
        "--url",
        default="http://127.0.0.1:8080/v1",
        metavar=url.metavar,
        help="the base URL of the first target (%(default)s)",
    )
    add_dialect(parser)


def command(given: argparse.Namespace) -> int:
    """Never writes over a file.

    Raises:
        BadOption: the URL is none, or the file is there or cannot be written.
    """
    from ..contract import load_contract
    from ..transport import parse_base_url

    load_contract(given.dialect)
    try:
        parse_base_url(given.url)
    except ValueError as error:
        raise BadOption(str(error)) from None
    path = Path(FILE)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write("\n".join(_lines(given.url, given.dialect)) + "\n")
    except FileExistsError:
        raise BadOption(f"{path} is there already; edit it, or remove it first") from None
    except OSError as error:
        raise BadOption(f"{path} cannot be written ({error.strerror})") from None
    print(f"wrote {path}; `chatproof run` tests what it names")
    return 0


def _lines(url: str, dialect: str) -> Iterator[str]:
    own = {"url": url, "dialect": dialect}
    of_target = ("model", "api-key-env", "known")
    yield BEGINNING.rstrip("\n")
    for setting in SETTINGS:
        if setting.in_file and setting.name not in (*own, *of_target):
            yield _commented(setting)
    yield ""
    yield "[targets.main]"
    for name, value in own.items():
        yield f"{name} = {_toml(value)}"
    for name in of_target:
        yield _commented(BY_NAME[name])


def _commented(setting: Setting) -> str:
    example = f"# {setting.name} = {setting.example}"
    return f"{example.ljust(36)} # {setting.help}"


def _toml(text: str) -> str:
    """A basic string: TOML escapes as JSON does, but for what lies beyond the basic plane."""
    import json

    return json.dumps(text, ensure_ascii=False)
