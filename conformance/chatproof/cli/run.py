"""``chatproof run``: test a server."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..options import DEPTH, QUICK, BadOption, Options
from .arguments import (
    Outcome,
    add_choice,
    add_dialect,
    add_outcome,
    check_choice,
    see_that_it_can_be_written,
)

if TYPE_CHECKING:
    import argparse

    from ..report import Report
    from ..sharding import Shard

NAME = "run"
HELP = "test a server"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "url",
        nargs="?",
        metavar="URL",
        help="the base URL, as http://127.0.0.1:8080/v1; without it, the embedded reference server",
    )
    add_dialect(parser)
    add = parser.add_argument
    add("--model", metavar="NAME", help="the model to ask (default: the first one listed)")
    add("--api-key-env", metavar="VAR", help="the environment variable that holds the API key")
    add_choice(parser)
    add("--concurrency", type=int, default=8, metavar="N", help="requests at a time (%(default)s)")
    add(
        "--timeout", type=float, default=30.0, metavar="S", help="seconds for a reply (%(default)s)"
    )
    add(
        "--budget-tokens", type=int, metavar="N", help="stop before more tokens than these are used"
    )
    add("--quick", action="store_true", help=f"the most valuable requests: {_quick_words()}")
    add("--dry-run", action="store_true", help="ask nothing; say what a run would ask and cost")
    add(
        "--examples",
        type=int,
        default=DEPTH,
        metavar="N",
        help="depth of the random search (%(default)s)",
    )
    add("--seed", type=int, default=1, metavar="N", help="seed of the random search (%(default)s)")
    add(
        "--database",
        metavar="FOLDER",
        help="where the search keeps what failed, to try it first; none keeps nothing "
        "(default: a folder in your cache)",
    )
    add(
        "--shard",
        metavar="K/N",
        help="part K of N of the run; `chatproof merge` puts them together. Bounds are each part's",
    )
    add("--record", type=Path, metavar="FILE.har", help="record the run, to judge it again")
    add_outcome(parser)


def _quick_words() -> str:
    return f"at most {QUICK.requests}, and {QUICK.completion_tokens} completion tokens"


def command(given: argparse.Namespace) -> int:
    from ..contract import load_contract

    contract = load_contract(given.dialect)
    key = _key(given.api_key_env)
    _check_numbers(given)
    _shard(given.shard)
    check_choice(given)
    outcome = Outcome(given, contract.requirements)
    if given.dry_run:
        return _plan(given, key)
    if given.record is not None:
        see_that_it_can_be_written(given.record)
    return outcome.conclude(_tested(given, key))


def _plan(given: argparse.Namespace, key: str | None) -> int:
    from ..rehearsal import KEY, rehearse
    from ..reports.terminal import print_plan

    url = given.url or "http://127.0.0.1/v1"
    options = _options(given, url, key or (None if given.url else KEY))
    print_plan(rehearse(options), options)
    return 0


def _tested(given: argparse.Namespace, key: str | None) -> Report:
    import contextlib

    from ..reports.terminal import ProgressLine
    from ..runner import NotWritten, run

    with contextlib.ExitStack() as stack:
        url = given.url
        if url is None:
            from ..reference import serving
            from ..rehearsal import KEY

            key = key or KEY
            url = stack.enter_context(serving(given.dialect, key=key))
        line = stack.enter_context(ProgressLine())
        try:
            report = run(_options(given, url, key), line.update, record=given.record)
        except NotWritten as error:
            print(f"chatproof: {error}", file=sys.stderr)
            return error.report
    if given.record is not None:
        print(f"wrote {given.record}")
    return report


def _options(given: argparse.Namespace, url: str, key: str | None) -> Options:
    from ..transport import parse_base_url

    url = url.strip()
    try:
        parse_base_url(url)
    except ValueError as error:
        raise BadOption(str(error)) from None
    return Options(
        url=url,
        dialect=given.dialect,
        model=given.model,
        key=key,
        only=tuple(given.only),
        skip=tuple(given.skip),
        classes=tuple(given.classes),
        concurrency=given.concurrency,
        timeout=given.timeout,
        budget_tokens=given.budget_tokens,
        quick=given.quick,
        examples=given.examples,
        seed=given.seed,
        database=_database(given, url),
        shard=_shard(given.shard),
    )


def _shard(text: str | None) -> Shard:
    from ..sharding import Shard, parse_shard

    try:
        return Shard() if text is None else parse_shard(text)
    except ValueError as error:
        raise BadOption(
            f"--shard: {error}; give K and N, as in 1/3 for the first of three"
        ) from None


def _database(given: argparse.Namespace, url: str) -> Path | None:
    """The folder that the search may write to: each server and dialect has its own in it."""
    if given.database == "none" or not given.examples or given.quick:
        return None
    import hashlib

    from platformdirs import user_cache_path

    folder = Path(given.database) if given.database else user_cache_path("chatproof")
    server = hashlib.blake2s(f"{given.url and url} {given.dialect}".encode(), digest_size=8)
    path = folder / server.hexdigest()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if given.database is None:
            return None  # a machine without a home
        raise BadOption(
            f"the database {folder} cannot be written ({error.strerror}); choose another folder, "
            "or --database none"
        ) from None
    return path


def _check_numbers(given: argparse.Namespace) -> None:
    least = {"concurrency": 1, "examples": 0, "budget_tokens": 1}
    for name, bound in least.items():
        value = getattr(given, name)
        if value is not None and value < bound:
            raise BadOption(f"--{name.replace('_', '-')} is {value}; give at least {bound}")
    if not given.timeout > 0:
        raise BadOption(f"--timeout is {given.timeout}; give a number of seconds above 0")


def _key(variable: str | None) -> str | None:
    if variable is None:
        return None
    value = os.environ.get(variable, "").strip()
    if not value:
        raise BadOption(f"the environment variable {variable} is not set; put the API key into it")
    from ..transport import check_key

    try:
        check_key(value)
    except ValueError as error:
        raise BadOption(str(error)) from None
    return value
