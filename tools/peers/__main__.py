"""Install, start and judge real servers.

    python -m tools.peers [NAME ...] [--all] [--keep]
    python -m tools.peers --page

Exits 1 when anything fails that the peer's file does not know, or anything known does not; 2 when a
file is wrong; 3 when a peer cannot be installed or started.
"""

from __future__ import annotations

import argparse
import signal
import sys

from chatproof.contract.document import SpecError

from . import results, running
from .installing import CannotInstall, install
from .page import PAGE, outcomes, page
from .peer import Peer, load_peer, peer_names
from .serving import CannotStart


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        if given.page:
            _write_page()
            return 0
        names = given.names or peer_names()
        peers = [load_peer(name) for name in names]
        if not (given.names or given.all):
            peers = [peer for peer in peers if not peer.heavy]
        found = [_judge(peer, keep=given.keep) for peer in peers]
        if given.keep:
            _write_page()
    except SpecError as error:
        return _wrong(str(error), 2)
    except (CannotInstall, CannotStart, running.RunFailed) as error:
        return _wrong(str(error), 3)
    except KeyboardInterrupt:
        return _wrong("interrupted; what was started is ended", 130)
    return 1 if any(found) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.peers", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a file in conformance/peers/")
    parser.add_argument("--all", action="store_true", help="also those that take gigabytes")
    parser.add_argument("--keep", action="store_true", help="keep the results, and write the page")
    parser.add_argument("--page", action="store_true", help="only write the page anew")
    return parser


def _judge(peer: Peer, *, keep: bool) -> bool:
    """Whether anything came out that the peer's file does not say."""
    print(f"{peer.title} {peer.version}: installing, unless it is there", flush=True)
    install(peer)
    anything = False
    for report in running.run(peer):
        news = running.news(peer, report)
        anything |= bool(news)
        must, should = (len(running.failures(report, level)) for level in ("MUST", "SHOULD"))
        cost = report["cost"]
        print(
            f"{peer.title}, {report['dialect']}: {must} MUST and {should} SHOULD fail "
            f"({cost['requests']} requests, {cost['seconds']:.0f} s)"
        )
        for id in news.unknown:
            print(f"  {id} fails, and {peer.name}.yaml does not know it")
        for id in news.stale:
            print(f"  {id} does not fail, and {peer.name}.yaml says that it does")
        if keep:
            results.keep(peer, report)
    return anything


def _write_page() -> None:
    PAGE.write_text(page(outcomes()), encoding="utf-8")


def _wrong(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


if __name__ == "__main__":
    # Who ends this with a signal ends the servers too, also in the background of a script.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    sys.exit(main())
