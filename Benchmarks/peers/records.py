"""Records of a delivery for the tools that take them one by one in Python, and duplicates among them."""

from __future__ import annotations

import csv
import json
import pathlib
import shutil
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from job import Delivery

Record = dict[str, Any]


def read(delivery: Delivery) -> Iterator[Record]:
    """Raw columns of every record; an empty field is an empty text, a missing member None."""
    if delivery.format == "csv":
        with open(delivery.path, encoding=delivery.encoding, newline="") as file:
            rows = csv.reader(file)
            header = [name.lstrip("\ufeff") for name in next(rows)]
            places = [(name, header.index(heading)) for name, heading in delivery.sources.items()]
            for row in rows:
                yield {name: row[place] for name, place in places}
        return
    paths = [(name, path.split("/")) for name, path in delivery.sources.items()]
    with open(delivery.path, encoding=delivery.encoding) as file:
        for line in file:
            document = json.loads(line)
            yield {name: member(document, path) for name, path in paths}


def member(document: Any, path: list[str]) -> str | None:
    """The value at a path as text."""
    for step in path:
        if not isinstance(document, dict):
            return None
        document = document.get(step)
    return None if document is None else str(document)


def as_utf8(delivery: Delivery, folder: pathlib.Path) -> str:
    """The path of the file in UTF-8; made by Python where a tool does not read its encoding."""
    if delivery.encoding.startswith("utf-8"):
        return delivery.path
    target = folder / f"{delivery.name}.utf8"
    with (
        open(delivery.path, encoding=delivery.encoding, newline="") as source,
        open(target, "w", encoding="utf-8", newline="") as out,
    ):
        shutil.copyfileobj(source, out, 1 << 20)
    return str(target)


def contradictions(delivery: Delivery, records: list[Record]) -> tuple[set[int], set[int]]:
    """Places of the records that repeat an earlier one, and of those that contradict another (Q37)."""
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        key = tuple(record[name] for name in delivery.key)
        if None not in key:
            groups[key].append(place)
    repeated: set[int] = set()
    contradicting: set[int] = set()
    for places in groups.values():
        if len(places) > 1:
            contents: dict[tuple[Any, ...], int] = {}
            times: dict[Any, list[int]] = defaultdict(list)
            for place in places:
                content = tuple(records[place][name] for name in delivery.sources)
                if content in contents:
                    repeated.add(place)
                else:
                    contents[content] = place
                    times[records[place]["source_update_time"]].append(place)
            for same in times.values():
                if len(same) > 1:
                    contradicting.update(same)
    return repeated, contradicting
