"""pandas and Pandera: a schema for each delivery, validated lazily. Two processes, Parquet files."""

from __future__ import annotations

import pathlib

import pandas as pd
import pandera.pandas as pa

import framework
from job import Check, Delivery
from outcome import Outcome, main


def schema(checks: list[Check]) -> pa.DataFrameSchema:
    """Every check, named by its number."""
    columns: dict[str, list[pa.Check]] = {}
    for number, check in enumerate(checks):
        match check.kind:
            case "required":
                column, test = check.column, pa.Check(lambda texts: texts.notna(), error=str(number), ignore_na=False)
            case "pattern":
                column, test = (
                    check.column,
                    pa.Check(
                        lambda texts, form=check.operand: texts.str.contains(form.replace("(", "(?:")),
                        error=str(number),
                    ),
                )
            case "length":
                column, test = check.column, pa.Check.str_length(0, check.operand, error=str(number))
            case "set":
                column, test = check.column, pa.Check.isin(check.operand, error=str(number))
            case _:
                column, test = f"ok_{number}", pa.Check.eq(True, error=str(number))
        columns.setdefault(column, []).append(test)
    return pa.DataFrameSchema({name: pa.Column(checks=tests, nullable=True) for name, tests in columns.items()})


def validate(frame: pd.DataFrame, checks: list[Check]) -> framework.Failures:
    """The failure cases of the schema."""
    try:
        schema(checks).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        return {int(number): group["index"].to_numpy() for number, group in cases.groupby("check")}
    return {}


def work(delivery: Delivery, out: pathlib.Path, is_check: bool) -> Outcome:
    """One delivery."""
    return framework.work(delivery, out, is_check, validate)


if __name__ == "__main__":
    main(work)
