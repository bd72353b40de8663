"""Polars: the job as expressions, both cores, Parquet files."""

from __future__ import annotations

import pathlib

import polars as pl

from job import Delivery
from outcome import Outcome, arguments, duplicate_check, load, write
from polarsterms import codes_of, expression


def read(delivery: Delivery) -> pl.LazyFrame:
    """Raw columns of every record."""
    if delivery.format == "csv":
        frame = pl.read_csv(
            delivery.path,
            encoding=delivery.encoding,
            infer_schema=False,
            columns=list(dict.fromkeys(delivery.sources.values())),
        ).lazy()
        return frame.select(pl.col(heading).alias(name) for name, heading in delivery.sources.items()).with_row_index(
            "record"
        )
    tree: dict[str, list[str]] = {}
    for path in delivery.sources.values():
        first, _, second = path.partition("/")
        tree.setdefault(first, []).extend([second] if second else [])
    schema = {
        name: pl.Struct({each: pl.String for each in inner}) if inner else pl.String for name, inner in tree.items()
    }
    frame = pl.read_ndjson(delivery.path, schema=schema).lazy()
    return frame.select(member(path).alias(name) for name, path in delivery.sources.items()).with_row_index("record")


def member(path: str) -> pl.Expr:
    """The value at a path."""
    first, _, second = path.partition("/")
    return pl.col(first).struct.field(second) if second else pl.col(first)


def typed(delivery: Delivery) -> pl.DataFrame:
    """All steps."""
    frame = read(delivery)
    for step in delivery.steps:
        if isinstance(step, dict):
            frame = frame.with_columns(expression(term).alias(name) for name, term in step.items())
        else:
            frame = frame.with_columns(codes_of(lookup).alias(lookup.target) for lookup in step)
    return frame.collect()


def contradictions(delivery: Delivery, frame: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Records that repeat an earlier one, and those that contradict another."""
    keyed = (
        frame.lazy()
        .select("record", "source_update_time", *delivery.key, *delivery.sources)
        .drop_nulls(delivery.key)
        .filter(pl.len().over(delivery.key) > 1)
        .sort("record")
        .collect()
    )
    first = keyed.unique([*delivery.key, *delivery.sources], keep="first", maintain_order=True)
    repeated = keyed.join(first, on="record", how="anti")["record"]
    same = first.filter(pl.len().over([*delivery.key, "source_update_time"]) > 1)["record"]
    return repeated, same


def work(delivery: Delivery, out: pathlib.Path, is_check: bool) -> Outcome:
    """One delivery."""
    frame = typed(delivery)
    repeated, contradicting = contradictions(delivery, frame)
    checks = [*delivery.checks, duplicate_check()]
    tests = [expression(check.failed).fill_null(False) for check in delivery.checks]
    tests.append(pl.col("record").is_in(contradicting.implode()))
    kept = frame.lazy().filter(~pl.col("record").is_in(repeated.implode()))
    flags = kept.select("record", *(test.alias(f"flag_{number}") for number, test in enumerate(tests))).collect()
    parts = []
    for number, check in enumerate(checks):
        failed = flags.filter(pl.col(f"flag_{number}")).select("record")
        parts.append(
            failed.with_columns(rule=pl.lit(check.rule), issue=pl.lit(check.issue), severity=pl.lit(check.severity))
        )
    findings = pl.concat(parts)
    returned = flags.select(
        "record",
        is_returned=pl.any_horizontal(
            f"flag_{number}" for number, check in enumerate(checks) if check.severity == "return"
        ),
    )
    if not is_check:
        judged = frame.join(returned, on="record")
        name = f"{delivery.system}_{delivery.category}"
        findings.write_parquet(out / f"{name}_finding.parquet")
        judged.filter(~pl.col("is_returned")).select("record", *delivery.values).write_parquet(
            out / f"{name}_accepted.parquet"
        )
        judged.filter(pl.col("is_returned")).select("record", *delivery.sources).write_parquet(
            out / f"{name}_rejected.parquet"
        )
    rejected = int(returned["is_returned"].sum())
    counts = findings.group_by("rule", "severity").len().rows()
    return Outcome.of(frame.height, returned.height - rejected, rejected, counts)


def main() -> None:
    """All deliveries, one after the other; Polars itself uses both cores."""
    options = arguments()
    write(options.out, {delivery.name: work(delivery, options.out, options.check) for delivery in load(options.set)})


if __name__ == "__main__":
    main()
