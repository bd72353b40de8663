"""Great Expectations on pandas: a suite for each delivery. Two processes, Parquet files."""

from __future__ import annotations

import pathlib

import great_expectations as gx
import numpy as np
import pandas as pd
from great_expectations import expectations as gxe

import framework
from job import Check, Delivery
from outcome import Outcome, main


def expectation(number: int, check: Check) -> gxe.Expectation:
    """The expectation for a check."""
    meta = {"number": number}
    match check.kind:
        case "required":
            return gxe.ExpectColumnValuesToNotBeNull(column=check.column, meta=meta)
        case "pattern":
            return gxe.ExpectColumnValuesToMatchRegex(
                column=check.column, regex=check.operand.replace("$", r"\Z"), meta=meta
            )
        case "length":
            return gxe.ExpectColumnValueLengthsToBeBetween(column=check.column, max_value=check.operand, meta=meta)
        case "set":
            return gxe.ExpectColumnValuesToBeInSet(column=check.column, value_set=check.operand, meta=meta)
        case _:
            return gxe.ExpectColumnValuesToBeInSet(column=f"ok_{number}", value_set=[True], meta=meta)


def validate(frame: pd.DataFrame, checks: list[Check]) -> framework.Failures:
    """Indexes of the unexpected values, by check."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    # The suite asks for plain objects: a missing value is None.
    plain = frame.astype({name: object for name in frame if frame[name].dtype == "string"})
    plain = plain.where(plain.notna(), None).assign(record=frame.index)
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("delivery")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": plain})
    suite = gx.ExpectationSuite("delivery", expectations=[expectation(*each) for each in enumerate(checks)])
    result = batch.validate(
        suite,
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["record"],
            "return_unexpected_index_query": False,
        },
    )
    failures: framework.Failures = {}
    for each in result.results:
        if each.exception_info.get("raised_exception"):
            raise RuntimeError(each.exception_info)
        found = each.result.get("unexpected_index_list") or []
        if found:
            failures[each.expectation_config.meta["number"]] = np.array([row["record"] for row in found])
    return failures


def work(delivery: Delivery, out: pathlib.Path, is_check: bool) -> Outcome:
    """One delivery."""
    return framework.work(delivery, out, is_check, validate)


if __name__ == "__main__":
    main(work)
