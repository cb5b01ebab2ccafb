"""The pytest plugin: a test for each requirement, and reference servers for tests of clients.

Pytest loads it at every start, so all that takes time is imported where it is used.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .settings import DEFAULT_DIALECT, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

FLAGS = "--chatproof-"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of ``chatproof run``, each with a prefix."""
    group = parser.getgroup("chatproof", "conformance of a Chat Completions server")
    for setting in SETTINGS:
        how: dict[str, Any] = {"action": "store_true"}
        if setting.type is not bool:
            how = {"action": "append" if setting.many else "store", "metavar": setting.metavar}
            # Workers of pytest-xdist are sent numbers and texts, but no paths.
            how["type"] = str if setting.type is Path else setting.type
        group.addoption(
            FLAGS + setting.name,
            dest=f"chatproof_{setting.dest}",
            default=None,
            help=setting.help,
            **how,
        )


def pytest_configure(config: pytest.Config) -> None:
    """Only a URL or a target brings tests; what is wrong with an option is told before any."""
    config.addinivalue_line(
        "markers",
        "chatproof(cls, level): a requirement, made by --chatproof-url; its class and level, as in "
        "-m 'chatproof(level=\"MUST\")'",
    )
    if config.getoption("chatproof_url") or config.getoption("chatproof_target"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of libraries are not the user's to mend
            from .requirement_tests import RequirementTests

            config.pluginmanager.register(RequirementTests(config), "chatproof-requirements")


@pytest.fixture(scope="session")
def chatproof_server() -> Callable[..., AbstractContextManager[str]]:
    """Starts reference servers: ``with chatproof_server(faults=["stream.no_role"]) as url:``.

    The arguments are `dialect`, `faults`, `variations`, each by its id, and `key`, which the server
    asks for if it is given. The URL is the one that clients are given as base URL.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from .reference import serving

    def server(
        dialect: str = DEFAULT_DIALECT,
        *,
        faults: Sequence[str] = (),
        variations: Sequence[str] = (),
        key: str | None = None,
    ) -> AbstractContextManager[str]:
        return serving(dialect, faults=faults, variations=variations, key=key)

    return server
