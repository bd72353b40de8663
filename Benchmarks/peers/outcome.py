"""What every peer is called with and hands back, so that counts can be compared."""

from __future__ import annotations

import argparse
import json
import pathlib
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from job import Check, Delivery, load


@dataclass
class Outcome:
    """Counts of one delivery, read from what was stored (or found, with `--check`)."""

    read: int = 0
    accepted: int = 0
    returned: int = 0
    duplicate: int = 0
    findings: dict[str, int] = field(default_factory=dict)

    @staticmethod
    def of(read: int, accepted: int, returned: int, findings: Iterable[tuple[str, str, int]]) -> Outcome:
        """From rows of rule, severity and count."""
        counts: Counter[str] = Counter()
        for rule, severity, count in findings:
            counts[f"{rule} {severity}"] += count
        return Outcome(read, accepted, returned, read - accepted - returned, dict(counts))


def duplicate_check() -> Check:
    """The finding of records that contradict each other."""
    from terms import lit

    return Check("record.duplicate", "Q37", "return", lit(False))


def main(work: Callable[[Delivery, pathlib.Path, bool], Outcome], workers: int = 2) -> None:
    """The command line of a peer that takes one delivery at a time, two at once."""
    options = arguments()
    deliveries = load(options.set)
    names = [delivery.name for delivery in deliveries]
    if workers == 1:
        outcomes = [work(delivery, options.out, options.check) for delivery in deliveries]
    else:
        with ProcessPoolExecutor(workers) as pool:
            outcomes = list(pool.map(work, deliveries, [options.out] * len(names), [options.check] * len(names)))
    write(options.out, dict(zip(names, outcomes, strict=True)))


def arguments() -> argparse.Namespace:
    """SET, OUT and `--check`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("set", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--check", action="store_true", help="judge only, store nothing")
    return parser.parse_args()


def write(out: pathlib.Path, outcomes: dict[str, Outcome]) -> None:
    """Writes OUT/counts.json."""
    text = json.dumps({name: vars(outcome) for name, outcome in outcomes.items()}, ensure_ascii=False)
    (out / "counts.json").write_text(text, encoding="utf-8")
