"""Frictionless: a Table Schema with constraints, and one check of our own for what constraints cannot say.

Values are standardized by plain Python before, as Frictionless has no label maps and one date form a
field. Two processes, one SQLite database for each delivery.
"""

from __future__ import annotations

import pathlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import frictionless
from frictionless import errors, fields

from closures import Function, Standardizer, failing
from job import Check, Delivery
from outcome import Outcome, duplicate_check, main
from records import Record, contradictions, read
from sqlitestore import Judged, store

CONSTRAINTS = {"required": "required", "pattern": "pattern", "length": "maxLength", "set": "enum"}


class Rules(frictionless.Check):
    """Everything that is no constraint; the note of an error is the number of the check."""

    type = "rules"
    Errors = [errors.RowError]

    def __init__(self, records: list[Record], functions: list[tuple[int, Function]]) -> None:
        super().__init__()
        self.records, self.functions = records, functions

    def validate_row(self, row: frictionless.Row) -> Iterable[errors.RowError]:
        """The checks that the record of the row fails."""
        record = self.records[row["place"]]
        for number, function in self.functions:
            if function(record):
                yield errors.RowError.from_row(row, note=str(number))


def schema(checks: list[Check]) -> tuple[frictionless.Schema, dict[tuple[str, str], int]]:
    """The schema, and the number of the check by field and constraint."""
    constraints: dict[str, dict[str, Any]] = defaultdict(dict)
    numbers = {}
    for number, check in enumerate(checks):
        if check.kind in CONSTRAINTS:
            name = CONSTRAINTS[check.kind]
            constraints[check.column][name] = True if name == "required" else check.operand
            numbers[check.column, name] = number
    described = [fields.IntegerField(name="place")]
    described += [fields.StringField(name=column, constraints=each) for column, each in constraints.items()]
    return frictionless.Schema(fields=described), numbers


def rows(records: list[Record], repeated: set[int], columns: list[str]) -> Iterator[dict[str, Any]]:
    """What the schema is asked about."""
    for place, record in enumerate(records):
        if place not in repeated:
            yield {"place": place, **{name: record[name] for name in columns}}


def work(delivery: Delivery, out: pathlib.Path, is_check: bool) -> Outcome:
    """One delivery."""
    standardize = Standardizer(delivery)
    records = list(read(delivery))
    for record in records:
        standardize(record)
    repeated, contradicting = contradictions(delivery, records)
    table, numbers = schema(delivery.checks)
    others = [
        (number, function) for number, (check, function) in enumerate(failing(delivery.checks)) if check.kind == "other"
    ]
    columns = [field.name for field in table.fields[1:]]
    kept = [place for place in range(len(records)) if place not in repeated]
    resource = frictionless.Resource(data=list(rows(records, repeated, columns)), schema=table)
    report = resource.validate(frictionless.Checklist(checks=[Rules(records, others)]), limit_errors=10**9)
    found: dict[int, list[Check]] = defaultdict(list)
    for error in report.tasks[0].errors:
        # The heading is the first row.
        place = kept[error.row_number - 2]
        if isinstance(error, errors.ConstraintError):
            number = numbers[error.field_name, error.note.split('"')[1]]
        elif isinstance(error, errors.RowError) and error.note.isdigit():
            number = int(error.note)
        else:
            raise RuntimeError(error.message)
        found[place].append(delivery.checks[number])
    for place in contradicting:
        found[place].append(duplicate_check())

    def judged() -> Judged:
        for place in kept:
            yield place, records[place], found.get(place, [])

    return store(delivery, out, is_check, len(records), judged())


if __name__ == "__main__":
    main(work)
