"""The matrix as a page: one file that asks nothing of the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from chatproof.contract import dialect_names, load_contract
from chatproof.reference.faults import faults_of

if TYPE_CHECKING:
    from .matrix import Matrix

HERE = Path(__file__).parent


def page(matrix: Matrix) -> str:
    """The page of a matrix, as HTML."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    contracts = [load_contract(name) for name in dialect_names()]
    titles = {id: f.title for contract in contracts for id, f in faults_of(contract).items()}
    levels = {name: r.level for c in reversed(contracts) for name, r in c.requirements.items()}
    template = environment.get_template("page.html.jinja")
    return template.render(
        matrix=matrix, problems=list(matrix.problems()), titles=titles, levels=levels
    )
