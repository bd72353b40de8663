"""Makes the set that all tools read: generated deliveries without the records no other tool reads past.

Records whose planted fault is in the form of the file (stray or unclosed quotes, broken JSON, wrong
numbers of fields, bytes of no encoding) or damages its text (Q28) are taken out, line for line; all
other faults stay. README.md says why.
"""

from __future__ import annotations

import json
import pathlib
import re
import subprocess

RECORD = re.compile(rb"[A-Z]{3}[0-9]{9}")
DELIVERIES = (("SAM", "ENT"), ("MEE", "ENT"), ("SAM", "LIC"), ("MEE", "LIC"))


def generate(
    program: str, pipelines: pathlib.Path, out: pathlib.Path, records: int, faults: float, night: str, seed: int
) -> None:
    """Writes the set to `out`: SYSTEM/file and set.json."""
    described = []
    for system, category in DELIVERIES:
        made = out / "generated" / f"{system}-{category}"
        subprocess.run(
            [
                program,
                "generate",
                "--records",
                str(records // len(DELIVERIES)),
                "--seed",
                str(seed),
                "--faults",
                str(faults),
                "--start",
                night,
                "--system",
                system,
                "--category",
                category,
                "--pipelines",
                str(pipelines),
                "--out",
                str(made),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        source = only_file(made)
        target = out / "inbox" / system / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        kept, dropped = without_broken(source, target, broken(made / "truth.jsonl"))
        described.append(
            {
                "system": system,
                "category": category,
                "path": f"inbox/{system}/{source.name}",
                "records": kept,
                "dropped": dropped,
                "bytes": target.stat().st_size,
            }
        )
    (out / "set.json").write_text(
        json.dumps({"night": night, "pipelines": str(pipelines), "faults": faults, "deliveries": described}),
        encoding="utf-8",
    )


def only_file(folder: pathlib.Path) -> pathlib.Path:
    """The delivery that `generate` wrote to a folder."""
    return next(path for path in folder.iterdir() if path.suffix in (".csv", ".ndjson"))


def broken(truth: pathlib.Path) -> set[int]:
    """Numbers of the records to leave out."""
    found = set()
    with open(truth, encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            if any(
                item["code"] == "Q28" or item["rule"].startswith("record.") and item["rule"] != "record.duplicate"
                for item in line["expect"]
            ):
                found.add(line["record"])
    return found


def without_broken(source: pathlib.Path, target: pathlib.Path, numbers: set[int]) -> tuple[int, int]:
    """Copies the records that are not in `numbers`; kept and dropped ones."""
    is_csv = source.suffix == ".csv"
    kept = number = 0
    isdropping = False
    with open(source, "rb") as lines, open(target, "wb") as out:
        commas = 0
        if is_csv:
            heading = next(lines)
            commas = heading.count(b",")
            out.write(heading)
        for line in lines:
            # Behind a broken record, what neither begins with a number nor is complete belongs to it.
            if isdropping and is_csv and not RECORD.match(line) and line.count(b",") < commas:
                continue
            number += 1
            isdropping = number in numbers
            if isdropping:
                continue
            # A quoted line break: the record goes on.
            while is_csv and line.count(b'"') % 2:
                line += next(lines)
            kept += 1
            out.write(line)
    return kept, number - kept
