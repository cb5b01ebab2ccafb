"""Real servers, as far as they are installed: what comes out is what their files say."""

from __future__ import annotations

import pytest
from tools.peers.installing import installed
from tools.peers.peer import load_peer, peer_names
from tools.peers.running import news, run

pytestmark = pytest.mark.peers


@pytest.mark.parametrize("name", peer_names())
def test_what_fails_is_what_is_known(name: str) -> None:
    peer = load_peer(name)
    if not installed(peer):
        pytest.skip(f"`python -m tools.peers {name}` installs it")
    for report in run(peer):
        assert not news(peer, report), (name, report["dialect"])
        curls = {exchange["id"]: exchange["curl"] for exchange in report["exchanges"]}
        for requirement in report["requirements"]:
            if requirement["verdict"] == "fail":
                assert requirement["findings"]
                assert all(curls[finding["exchange"]] for finding in requirement["findings"])
