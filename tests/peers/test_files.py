"""Files of peers: what is wrong with one is said in one line, with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tools.peers.__main__ import main
from tools.peers.peer import load_peer, peer_names, read_peer

from chatproof.contract.document import SpecError

if TYPE_CHECKING:
    from pathlib import Path

RIGHT = """\
title: A server
about: It serves.
home: owner/name
version: "1"
install: {pip: [a-server==1.0]}
start: [a-server, "{port}"]
ready: {path: /, seconds: 5}
model: m
dialects: [openai]
known:
  - cause: It does not look.
    judgement: right
    bytes: '"model": 7 gets 200'
    failing: [request.model.type]
"""


def test_all_files_can_be_read_and_the_light_ones_come_first() -> None:
    peers = [load_peer(name) for name in peer_names()]
    assert len(peers) >= 5
    assert [peer.heavy for peer in peers] == sorted(peer.heavy for peer in peers)
    assert all(not peer.behind or load_peer(peer.behind) for peer in peers)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(RIGHT, encoding="utf-8")
    peer = read_peer(path)
    assert (peer.name, peer.start, peer.ready, peer.heavy) == (
        "a",
        ("a-server", "{port}"),
        "/",
        False,
    )
    assert peer.causes("openai")["request.model.type"].right


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("title: A server\n", "", r'a\.yaml:1: "title" is a required property'),
        ("a-server==1.0", "a-server", r'a\.yaml:5: "a-server" does not match'),
        ("[openai]", "[opneai]", r"a\.yaml:9: 'opneai' is no dialect"),
        ("judgement: right", "judgement: perhaps", r'a\.yaml:12: "perhaps" is not one of'),
        ("request.model.type]", "request.modle.type]", r"a\.yaml:14: 'request\.modle\.type' is no"),
        ("failing:", "dialects: [vllm]\n    failing:", r"a\.yaml:14: it is not held to 'vllm'"),
        ("about: It serves.", "about: It: serves.", r"a\.yaml:2: is not YAML"),
        (
            "known:\n",
            "known:\n  - {cause: a, judgement: right, bytes: b, failing: [request.model.type]}\n",
            r"a\.yaml:12: 'request\.model\.type' has a cause already",
        ),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    path = tmp_path / "a.yaml"
    assert right in RIGHT
    path.write_text(RIGHT.replace(right, wrong), encoding="utf-8")
    with pytest.raises(SpecError, match=said) as error:
        read_peer(path)
    assert "\n" not in str(error.value)


def test_an_unknown_peer_is_named_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no-such-peer"]) == 2
    assert "'no-such-peer' is no peer; there are" in capsys.readouterr().err
