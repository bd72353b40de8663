"""Counts of Qingyuan by delivery and rule, and how a peer's differ from them."""

from __future__ import annotations

import pathlib
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from job import Delivery


@dataclass
class Expected:
    """What Qingyuan found in a delivery, as far as the rules of the job go."""

    read: int = 0
    accepted: int = 0
    returned: int = 0
    duplicate: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    # Findings of rules that are not in the job.
    beyond: Counter[str] = field(default_factory=Counter)


def expected(home: pathlib.Path, deliveries: list[Delivery]) -> dict[str, Expected]:
    """Reads Qingyuan's warehouse."""
    database = sqlite3.connect(f"file:{home / 'warehouse' / 'warehouse.sqlite'}?mode=ro", uri=True)
    results = {}
    for delivery in deliveries:
        own = (delivery.system, delivery.category)
        counts = database.execute(
            "SELECT read, accepted + pending, returned, duplicate FROM delivery_ledger "
            "WHERE system = ? AND category = ?",
            own,
        ).fetchone()
        result = Expected(*(int(count) for count in counts))
        rules = {check.rule for check in delivery.checks} | {"record.duplicate"}
        for rule, severity, count in database.execute(
            "SELECT rule, severity, count(*) FROM finding_current WHERE system = ? AND category = ? GROUP BY 1, 2", own
        ):
            (result.findings if rule in rules else result.beyond)[f"{rule} {severity}"] += count
        results[delivery.name] = result
    return results


def differences(expected: Expected, found: dict[str, object]) -> Iterable[tuple[str, int, int]]:
    """What differs: name, Qingyuan's count, the peer's."""
    for name in ("read", "accepted", "returned", "duplicate"):
        if getattr(expected, name) != found[name]:
            yield name, getattr(expected, name), int(found[name])  # type: ignore[call-overload]
    counts: dict[str, int] = found["findings"]  # type: ignore[assignment]
    for rule in sorted({*expected.findings, *counts}):
        if expected.findings[rule] != counts.get(rule, 0):
            yield rule, expected.findings[rule], counts.get(rule, 0)
