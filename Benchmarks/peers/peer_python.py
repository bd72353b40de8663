"""Plain Python: csv, json, compiled closures, sqlite3. Two processes, one database for each delivery."""

from __future__ import annotations

import pathlib

from closures import Standardizer, failing
from job import Delivery
from outcome import Outcome, duplicate_check, main
from records import contradictions, read
from sqlitestore import Judged, store


def work(delivery: Delivery, out: pathlib.Path, is_check: bool) -> Outcome:
    """One delivery."""
    standardize, checks = Standardizer(delivery), failing(delivery.checks)
    records = list(read(delivery))
    for record in records:
        standardize(record)
    repeated, contradicting = contradictions(delivery, records)
    contradiction = duplicate_check()

    def judged() -> Judged:
        for place, record in enumerate(records):
            if place not in repeated:
                found = [check for check, function in checks if function(record)]
                yield place, record, found + [contradiction] * (place in contradicting)

    return store(delivery, out, is_check, len(records), judged())


if __name__ == "__main__":
    main(work)
