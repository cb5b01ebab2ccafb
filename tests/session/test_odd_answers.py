"""One answer at temperature 0 that is another, as an engine rounds by its load, accuses nobody."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from tools.proof.trials import TIMED

from chatproof.checks import EXPERIMENTS, Experiment
from chatproof.contract import load_contract
from chatproof.options import Options
from chatproof.reference import serving
from chatproof.reference.faults.registry import Fault, Situation
from chatproof.runner import run
from tests.conftest import KEY, MODELS, failed

if TYPE_CHECKING:
    from chatproof.contract.document import Json

DIALECT = "openai"
FEW = 40
"""An experiment that speaks for more requirements compares no answers."""


def spoken_for(experiment: Experiment) -> tuple[str, ...]:
    requirements = load_contract(DIALECT).requirements
    groups = tuple(name for name in experiment.speaks_for if name.endswith("."))
    own = [id for id in requirements if id in experiment.speaks_for or id.startswith(groups)]
    return tuple(id for id in own if id not in TIMED)


def found(only: tuple[str, ...], odd: int) -> tuple[set[str], int]:
    """What fails if the answer of that number is odd, and how many there were."""
    count = 0

    def answer(body: Json, _: Situation) -> Json:
        nonlocal count
        if body.get("temperature") != 0:
            return body
        count += 1
        return {**body, "temperature": 1, "seed": 0} if count == odd else body

    fault = Fault("odd.answer", "One answer is odd.", "request", answer, ())
    with serving(DIALECT, key=KEY, others=(fault,)) as url:
        options = Options(
            url=url, dialect=DIALECT, key=KEY, model=MODELS[DIALECT], only=only, examples=0
        )
        return failed(run(options)), count


COMPARING = {e.name: ids for e in EXPERIMENTS if 0 < len(ids := spoken_for(e)) < FEW}


@pytest.mark.parametrize("only", COMPARING.values(), ids=COMPARING)
def test_an_odd_answer_accuses_nobody(only: tuple[str, ...]) -> None:
    for number in itertools.count(1):
        accused, answers = found(only, number)
        assert accused == set(), f"answer {number} was odd"
        if number > answers:
            break
