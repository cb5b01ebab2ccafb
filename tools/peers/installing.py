"""Installs peers, each into a folder of its own, from PyPI and npm alone."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from .peer import PEERS, ROOT, load_peer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .peer import Peer


class CannotInstall(Exception):
    """A peer could not be installed. The message says which, and what to do."""


def installed(peer: Peer) -> bool:
    """Whether it is there as its file says, with what it passes requests on to."""
    stamp = peer.folder / ".installed"
    here = stamp.is_file() and stamp.read_text(encoding="utf-8") == _wanted(peer)
    return here and (not peer.behind or installed(load_peer(peer.behind)))


def install(peer: Peer) -> None:
    """Install it anew, unless it is there as its file says; also what it passes requests on to.

    Raises:
        CannotInstall: a command failed; what it printed stands in the log in its folder.
    """
    if peer.behind:
        install(load_peer(peer.behind))
    if installed(peer):
        return
    shutil.rmtree(peer.folder, ignore_errors=True)
    peer.folder.mkdir(parents=True)
    for command in _commands(peer):
        _do(peer, command)
    (peer.folder / ".installed").write_text(_wanted(peer), encoding="utf-8")


def filled(peer: Peer, command: Sequence[str], **places: str) -> list[str]:
    """A command of the peer's file with its places filled in.

    Its first word is looked for among what is installed first.
    """
    places |= {"here": str(PEERS), "root": str(ROOT), "home": str(peer.folder)}
    words = [word.format_map(places) for word in command]
    for folder in (peer.folder / "bin", peer.folder / "node_modules" / ".bin"):
        if (folder / words[0]).exists():
            words[0] = str(folder / words[0])
    return words


def _commands(peer: Peer) -> list[list[str]]:
    wanted, commands = peer.install, []
    pip = [str(peer.folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    if wanted.pip or wanted.pip_alone:
        commands.append([sys.executable, "-m", "venv", str(peer.folder)])
    if wanted.pip:
        commands.append([*pip, "install", "--quiet", *wanted.pip])
    if wanted.pip_alone:
        commands.append([*pip, "install", "--quiet", "--no-deps", *wanted.pip_alone])
    if wanted.pip_remove:
        commands.append([*pip, "uninstall", "--quiet", "--yes", *wanted.pip_remove])
    if wanted.npm:
        npm = ["npm", "install", "--prefix", str(peer.folder), "--no-audit", "--no-fund"]
        commands.append([*npm, "--silent", *wanted.npm])
    return commands + [list(command) for command in wanted.then]


def _do(peer: Peer, command: Sequence[str]) -> None:
    log = peer.folder / "install.log"
    with log.open("a", encoding="utf-8") as output:
        try:
            words = filled(peer, command)
            code = subprocess.run(
                words, cwd=peer.folder, stdout=output, stderr=output, check=False
            ).returncode
        except OSError as error:
            raise CannotInstall(
                f"{peer.name}: {command[0]} cannot be started ({error.strerror}); install it"
            ) from error
    if code:
        raise CannotInstall(f"{peer.name}: {command[0]} ended with code {code}; read {log}")


def _wanted(peer: Peer) -> str:
    return json.dumps(dataclasses.asdict(peer.install), indent=1)
