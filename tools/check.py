"""Check the specification: what the validators of OpenAPI documents let pass.

For the base and for every dialect: the document is valid OpenAPI, each reference leads somewhere,
no keyword is misspelt, each example fits its schema (those within `itemSchema` too), each source
is listed; for the catalogue: each pointer leads somewhere, and each requirement has a rule or an
experiment that speaks for it; for the overlays: each statement says where it comes from and when
that was so (tools/overlays.py).
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jsonschema_rs
import openapi_spec_validator

from chatproof import experiments, rules
from chatproof.checks import EXPERIMENTS, RULES, spoken_for
from chatproof.contract import SpecError, dialect_names, load_contract
from chatproof.contract.document import escape, line_of, read_yaml, resolve, spec_folder

from . import overlays
from .vectors import vector_problems, vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KEYWORDS = frozenset(
    """$ref $defs allOf anyOf oneOf not if then else dependentRequired dependentSchemas
    properties required additionalProperties patternProperties propertyNames minProperties
    maxProperties items prefixItems minItems maxItems uniqueItems contains type enum const
    minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern
    format contentMediaType contentEncoding contentSchema title description default examples
    deprecated readOnly writeOnly discriminator externalDocs xml""".split()
)
"""What a schema may say; a misspelt keyword says nothing, and no validator tells."""
SUBSCHEMAS = ("items", "not", "if", "then", "else", "additionalProperties", "contentSchema")
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
MAPS = ("properties", "$defs", "patternProperties", "dependentSchemas")

assert experiments, rules  # imported for what they register


def schemas(node: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema object of a document, with its pointer; not those within examples."""
    if isinstance(node, list):
        for number, value in enumerate(node):
            yield from schemas(value, f"{pointer}/{number}")
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        below = f"{pointer}/{escape(key)}"
        if key in ("schema", "itemSchema"):
            yield from subschemas(value, below)
        elif pointer == "/components" and key == "schemas":
            for name, schema in value.items():
                yield from subschemas(schema, f"{below}/{escape(name)}")
        elif key not in ("examples", "example"):
            yield from schemas(value, below)


def subschemas(schema: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(schema, dict):
        return
    yield pointer, schema
    for key in SUBSCHEMAS:
        yield from subschemas(schema.get(key), f"{pointer}/{key}")
    for key in LISTS:
        for number, below in enumerate(schema.get(key, ())):
            yield from subschemas(below, f"{pointer}/{key}/{number}")
    for key in MAPS:
        for name, below in schema.get(key, {}).items():
            yield from subschemas(below, f"{pointer}/{key}/{escape(name)}")


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        yield from node.get("discriminator", {}).get("mapping", {}).values()
        for key, value in node.items():
            if key not in ("examples", "example", "default", "const", "enum"):
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def document_problems(document: Any) -> Iterator[str]:
    """What is wrong with one dialect's document."""
    for error in openapi_spec_validator.OpenAPIV32SpecValidator(document).iter_errors():
        where = "/".join(str(part) for part in error.absolute_path)
        yield f"/{where}: {error.message}"
    for reference in references(document):
        try:
            resolve(document, reference)
        except SpecError as error:
            yield str(error)
    listed = overlays.listed_sources()
    for pointer, schema in schemas(document):
        for key in schema:
            if key not in KEYWORDS and not key.startswith("x-"):
                yield f"{pointer}: unknown keyword {key!r}; correct it"
        for source in schema.get("x-source", ()):
            if source.partition(":")[0] not in listed:
                yield f"{pointer}: source {source!r} is not listed in sources.yaml"
        if not (schema.keys() & {"description", "$ref"}) and not pointer.endswith("/not"):
            yield f"{pointer}: has no description; write one"
        yield from example_problems(document, pointer, schema)
    yield from undescribed(document)


def undescribed(document: Any) -> Iterator[str]:
    """Operations, parameters and replies that nothing describes."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            place = f"{method.upper()} {path}"
            parts = {"the operation": operation, "its body": operation.get("requestBody")}
            parts |= {f"parameter {p['name']}": p for p in operation.get("parameters", ())}
            parts |= {f"reply {status}": r for status, r in operation["responses"].items()}
            for name, part in parts.items():
                if part and not part.keys() & {"description", "$ref"}:
                    yield f"{place}: {name} has no description; write one"


def example_problems(document: Any, pointer: str, schema: Any) -> Iterator[str]:
    root = {"$ref": f"#{quote(pointer)}", **{k: v for k, v in document.items() if k != "openapi"}}
    try:
        validator = jsonschema_rs.Draft202012Validator(root)
    except jsonschema_rs.ValidationError as error:
        yield f"{pointer}: is no schema: {error.message}"
        return
    for number, example in enumerate(schema.get("examples", ())):
        for misfit in validator.iter_errors(example):
            yield f"{pointer}/examples/{number}: {misfit.message}"


def catalogue_problems(dialect: str) -> Iterator[str]:
    """What is wrong with the requirements of one dialect."""
    contract = load_contract(dialect)
    base = load_contract().document
    document = json.dumps(contract.document)
    listed = overlays.listed_sources()
    voices = [made.speaks_for for made in RULES] + [made.speaks_for for made in EXPERIMENTS]
    for name, requirement in contract.requirements.items():
        # What a keyword says is judged with its schema; of anything else somebody has to speak.
        by_schema = requirement.keyword or requirement.schema or f'"{name}"' in document
        if not any(spoken_for(v, [name]) if by_schema else name in v for v in voices):
            yield f"{name}: no rule and no experiment speaks for it; write one"
        if not requirement.source:
            yield f"{name}: has no source; give it one"
        elif requirement.level != "MAY" and not binding(requirement.source, dialect):
            yield f"{name}: all its sources speak of another vendor; cite one of {dialect}'s"
        if requirement.schema is not None and not jsonschema_rs.meta.is_valid(requirement.schema):
            yield f"{name}: its schema is no JSON Schema; quote what YAML takes for another type"
        for source in requirement.source:
            if source.partition(":")[0] not in listed:
                yield f"{name}: source {source!r} is not listed in sources.yaml"
        if not requirement.keyword:
            try:
                resolve(base, requirement.pointer)
            except SpecError:
                try:
                    resolve(contract.document, requirement.pointer)
                except SpecError as error:
                    yield f"{_where(name)}: {error}"
    for voice in voices:
        for name in voice:
            if not name.endswith(".") and name not in _everywhere():
                yield f"a rule or experiment speaks for {name!r}, which no dialect requires"


def binding(sources: Iterable[str], dialect: str) -> bool:
    """Whether one of the sources speaks of the dialect's vendor, or of nobody in particular."""
    vendors = overlays.vendors()
    vendor = next(name for name in load_contract(dialect).chain if name in vendors.values())
    return any(vendors.get(source.partition(":")[0], vendor) == vendor for source in sources)


def _everywhere() -> set[str]:
    return {name for dialect in dialect_names() for name in load_contract(dialect).requirements}


def _where(name: str) -> str:
    for path in sorted((spec_folder() / "requirements").glob("*.yaml")):
        for number, entry in enumerate(read_yaml(path)):
            if entry["id"] == name:
                return f"{path.name}:{line_of(path, [number, 'pointer'])}"
    return name


def unknown_evidence() -> Iterator[str]:
    """Evidence for requirements that there are not."""
    path = spec_folder() / "evidence.yaml"
    known = _everywhere()
    for name in read_yaml(path) or ():
        if name not in known:
            line = line_of(path, [name])
            yield f"{path}:{line}: no dialect requires {name!r}; correct the id, or remove it"


def unusable() -> Iterator[str]:
    """Why dialects cannot be loaded; what they have in common is said once."""
    told = set()
    for dialect in dialect_names():
        try:
            load_contract(dialect)
        except SpecError as error:
            told.add(str(error))
    yield from sorted(told)


def main() -> int:
    problems = [*overlays.problems(), *unusable()]
    if not problems:
        for dialect in dialect_names():
            found = [
                *document_problems(load_contract(dialect).document),
                *catalogue_problems(dialect),
            ]
            problems += [f"{dialect}: {problem}" for problem in found]
            count = len(load_contract(dialect).requirements)
            print(f"{dialect}: {count} requirements, {len(found)} problems")
        problems += unknown_evidence()
        problems += vector_problems()
        print(f"{len(vectors())} vectors")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
