"""A run, got ready: everything is seen to be of use before a server is asked anything."""

from __future__ import annotations

import argparse
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..options import BadOption, Options
from .arguments import Outcome, blamed, check_choice, see_that_it_can_be_written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..configuration import Target
    from ..contract import Contract
    from ..sharding import Shard


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that can begin. Where `embedded`, the address of its server is still to come."""

    name: str
    options: Options
    outcome: Outcome
    record: Path | None
    embedded: bool


def prepared(target: Target) -> Prepared:
    """Make a run of the options for a server.

    Raises:
        BadOption: an option makes no sense, or names a file that cannot be written.
        SpecError: the dialect or the list of known failures is broken.
    """
    from ..contract import load_contract

    given = argparse.Namespace(**target.values, wheres=target.wheres)
    with blamed(given, "dialect"):
        contract = load_contract(given.dialect)
    with blamed(given, "api-key-env"):
        key = _key(given.api_key_env)
    check_choice(given)
    options = _options(given, key)
    for name in ("only", "skip"):
        with blamed(given, name):
            _check_globs(contract, getattr(given, name))
    if given.record is not None:
        with blamed(given, "record"):
            see_that_it_can_be_written(given.record)
    outcome = Outcome(given, contract.requirements)
    return Prepared(target.name, options, outcome, given.record, given.url is None)


def check_files(runs: Iterable[Prepared]) -> None:
    """See that no two runs write to the same file.

    Raises:
        BadOption: they do.
    """
    seen: set[Path] = set()
    for each in runs:
        files = [*each.outcome.paths, *([each.record] if each.record is not None else [])]
        for path in files:
            if path.absolute() in seen:
                raise BadOption(
                    f"two targets write to {path}; put {{target}} into the path, "
                    "which stands for the name of the target"
                )
        seen |= {path.absolute() for path in files}


def _check_globs(contract: Contract, globs: list[str]) -> None:
    from ..runner import left_out

    left_out(contract, Options(url="", only=tuple(globs)))


def _options(given: argparse.Namespace, key: str | None) -> Options:
    from ..transport import parse_base_url

    url = (given.url or "http://127.0.0.1/v1").strip()
    with blamed(given, "url"):
        try:
            parse_base_url(url)
        except ValueError as error:
            raise BadOption(str(error)) from None
    with blamed(given, "database"):
        database = _database(given, url)
    with blamed(given, "shard"):
        shard = _shard(given.shard)
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
        database=database,
        shard=shard,
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
