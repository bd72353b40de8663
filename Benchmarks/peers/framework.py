"""What the two frameworks on pandas share: the frame before validation, and storing what they found.

A framework has checks of its own for values that are missing, fit a pattern, have a length or stand
in a list. What it has no check for (check characters, calendars, rules over several columns) is
computed into a column `ok_N` by pandas, which the framework then demands to be true.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import numpy as np
import pandas as pd

from job import Check, Delivery
from outcome import Outcome, duplicate_check
from pandasterms import Frame, contradictions, read

# Number of the check and the labels of the rows that fail it.
Failures = dict[int, np.ndarray]


def work(
    delivery: Delivery, out: pathlib.Path, is_check: bool, validate: Callable[[pd.DataFrame, list[Check]], Failures]
) -> Outcome:
    """One delivery."""
    worker = Frame(read(delivery))
    worker.take(delivery)
    total = len(worker.frame)
    repeated, contradicting = contradictions(delivery, worker.frame)
    worker.frame = worker.frame[~repeated]
    checks = [*delivery.checks, duplicate_check()]
    helpers = {
        f"ok_{number}": ~worker.failed(check.failed)
        for number, check in enumerate(delivery.checks)
        if check.kind == "other"
    }
    helpers[f"ok_{len(delivery.checks)}"] = ~contradicting[~repeated]
    frame = pd.concat([worker.frame, pd.DataFrame(helpers, index=worker.frame.index)], axis=1)
    failures = validate(frame, checks)
    findings = pd.concat(
        [
            pd.DataFrame(
                {
                    "record": records,
                    "rule": checks[number].rule,
                    "issue": checks[number].issue,
                    "severity": checks[number].severity,
                }
            )
            for number, records in failures.items()
        ]
        or [pd.DataFrame(columns=["rule", "severity"])]
    )
    returned = [records for number, records in failures.items() if checks[number].severity == "return"]
    is_returned = frame.index.isin(np.concatenate(returned)) if returned else np.zeros(len(frame), dtype=bool)
    if not is_check:
        name = f"{delivery.system}_{delivery.category}"
        findings.to_parquet(out / f"{name}_finding.parquet")
        frame.loc[~is_returned, delivery.values].to_parquet(out / f"{name}_accepted.parquet")
        frame.loc[is_returned, delivery.raws].to_parquet(out / f"{name}_rejected.parquet")
    counts = findings.groupby(["rule", "severity"]).size()
    return Outcome.of(
        total,
        int((~is_returned).sum()),
        int(is_returned.sum()),
        ((rule, severity, int(count)) for (rule, severity), count in counts.items()),
    )
