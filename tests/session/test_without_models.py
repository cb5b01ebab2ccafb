"""A server whose list of models cannot be read is blamed for that, and for nothing else."""

from __future__ import annotations

from chatproof.reference.faults import FAULTS
from tests.conftest import failed, run_reference


def test_a_name_that_cannot_be_looked_up_is_undecided() -> None:
    (renamed,) = [id for id, f in FAULTS.items() if f.breaks == ("response.model.known",)]
    asked = ("models.list.data.required", "response.model.known")
    report = run_reference("openai", "broken.models.list.data.required", renamed, only=asked)
    assert failed(report) == {"models.list.data.required"}
    verdicts = {j.requirement.id: j.reason for j in report.judgements}
    assert verdicts["response.model.known"] == "there is no list of models"
    assert failed(run_reference("openai", renamed, only=asked)) == {"response.model.known"}
