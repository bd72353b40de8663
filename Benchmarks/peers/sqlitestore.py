"""Stores accepted rows, rejected rows and findings of one delivery in a SQLite database of its own."""

from __future__ import annotations

import pathlib
import sqlite3
from collections.abc import Iterable
from typing import Any

from job import Check, Delivery
from outcome import Outcome
from records import Record

Judged = Iterable[tuple[int, Record, list[Check]]]


def store(delivery: Delivery, out: pathlib.Path, is_check: bool, read: int, judged: Judged) -> Outcome:
    """Stores the judged records, each with the checks it fails; what is stored is counted."""
    accepted: list[tuple[Any, ...]] = []
    rejected: list[tuple[Any, ...]] = []
    findings: list[tuple[Any, ...]] = []
    for place, record, found in judged:
        findings += [(place, check.rule, check.issue, check.severity) for check in found]
        if any(check.severity == "return" for check in found):
            rejected.append((place, *(record[name] for name in delivery.sources)))
        else:
            accepted.append((place, *(stored(record[name]) for name in delivery.values)))
    database = sqlite3.connect(":memory:" if is_check else str(out / f"{delivery.name}.sqlite"))
    # A file that can be made again needs no journal.
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    insert(database, "finding", ["record", "rule", "issue", "severity"], findings)
    if not is_check:
        insert(database, "accepted", ["record", *delivery.values], accepted)
        insert(database, "rejected", ["record", *delivery.sources], rejected)
    database.commit()
    counts = database.execute("SELECT rule, severity, count(*) FROM finding GROUP BY 1, 2").fetchall()
    database.close()
    return Outcome.of(read, len(accepted), len(rejected), counts)


def insert(database: sqlite3.Connection, table: str, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    """A new table with these rows."""
    names = ", ".join(f'"{name}"' for name in columns)
    database.execute(f"CREATE TABLE {table} ({names})")
    database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)


def stored(value: Any) -> Any:
    """Dates and decimals as their text."""
    return value if value is None or isinstance(value, str) else str(value)
