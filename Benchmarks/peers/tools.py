"""The tools that are compared, and what each cannot do or does otherwise."""

from __future__ import annotations

from dataclasses import dataclass

NIGHT = "2026-06-15"
SEED = 11


@dataclass(frozen=True)
class Tool:
    """One row of the table."""

    name: str
    label: str
    # None: Qingyuan.
    script: str | None
    note: str
    package: str = ""
    is_slow: bool = False
    # Qingyuan with no more to do than the others.
    is_restricted: bool = False
    checks: bool = True


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "qingyuan",
            "Qingyuan",
            None,
            "does more: rules between records, authority, references, history, tier files, returns in the format "
            "received, its own report; SQLite with indexes",
        ),
        Tool(
            "qingyuan-same",
            "Qingyuan, the job alone",
            None,
            "without rules between records, authority and tier files; still fingerprints, history, returns, report, "
            "indexes",
            is_restricted=True,
            checks=False,
        ),
        Tool(
            "polars",
            "Polars",
            "peer_polars.py",
            "check digits by NumPy; GB18030 is decoded in memory; Parquet",
            package="polars",
        ),
        Tool(
            "duckdb",
            "DuckDB SQL",
            "peer_duckdb.py",
            "GB18030 is transcoded by Python first, as the extension for it cannot be had offline; DuckDB file",
            package="duckdb",
        ),
        Tool("python", "Python csv + sqlite3", "peer_python.py", "two processes; SQLite without indexes"),
        Tool(
            "spark",
            "PySpark local[2]",
            "peer_spark.py",
            "start of the Java machine included, a large part; Parquet",
            package="pyspark",
            checks=False,
        ),
        Tool(
            "pandera",
            "pandas + Pandera",
            "peer_pandera.py",
            "two processes; check digits, calendars and rules over columns are computed by pandas, numbers are binary; "
            "Parquet",
            package="pandera",
        ),
        Tool(
            "gx",
            "Great Expectations",
            "peer_gx.py",
            "two processes; on pandas, as Pandera, and standardized by it",
            package="great_expectations",
            is_slow=True,
        ),
        Tool(
            "frictionless",
            "Frictionless",
            "peer_frictionless.py",
            "two processes; standardized by plain Python; what constraints cannot say is one check of our own; SQLite",
            package="frictionless",
            is_slow=True,
        ),
    )
}
