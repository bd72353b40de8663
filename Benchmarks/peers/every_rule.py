"""A file in which every rule of a category fires, judged by Qingyuan and by three other tools. Started by `run`.

Clean generated records are spoilt until every check of the job has failed somewhere: one value at a time,
then two together for the rules that no single value breaks. Whether a spoilt record breaks a check is asked of
the Python peer, so that no expectation is written by hand; then Qingyuan, DuckDB, Polars and Python judge the
whole file, and the counts of every rule must be equal. Writes Benchmarks/peers/EVERY_RULE.md.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import pathlib
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from closures import Function, Standardizer, failing, trim
from compare import Expected, differences, expected
from identifiers import CREDIT
from job import Check, Delivery, Lookup, load
from prepare import only_file
from records import read
from terms import Term
from tools import NIGHT, SEED, TOOLS

HERE = pathlib.Path(__file__).resolve().parent
PIPELINES = HERE.parent.parent / "Pipelines"
DELIVERIES = (("SAM", "ENT"), ("SAM", "LIC"))
PEERS = ("duckdb", "polars", "python")
RECORDS = 3000
# Records in which a check fails because of the same column.
EACH = 2
# Clean records that are tried before a check is given up.
BASES = 12
# What stands in no clean export, or stands there in another column.
ODD = (
    ["", "x", "A1", "0", "1", "7", "-1", "-0.5", "12.5", "0.125", "1.23456789", "1" * 25, "9" * 12]
    + ["1800-01-01", "1899-12-31", "1949-10-01", "2001-02-03", "2020-05-05", "2026-06-14", "2026-06-16", "2099-01-01"]
    + ["2023-02-30", "2023-13-01", "20230230", "1800-01-01 00:00:00", "2001-02-03 04:05:06", "2026-06-16 00:00:00"]
    + ["2023-02-30 10:00:00", "2020-01-01 25:00:00", "昨天", "长期", "000000", "999999", "12345678", "!", "a b c"]
    + ["甲" * 20, "甲" * 600, "x" * 300, "110101199001011234", "110101199001011237", "〔2020〕1号", "13800000000"]
)

Raw = dict[str, str]


class Spoiler:
    """Makes the records of a delivery in which checks fail."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.clean: list[Raw] = list(read(delivery))
        self.standardize, self.checks = Standardizer(delivery), failing(delivery.checks)
        self.candidates = {name: list(dict.fromkeys(self._texts(name))) for name in delivery.sources}
        # What was made: the spoilt records, the places of the checks that fail in them, and how often by column.
        self.made: list[Raw] = []
        self.failed: set[int] = set()
        self.seen: Counter[tuple[int, str]] = Counter()
        self.next = 0

    def _texts(self, name: str) -> Iterator[str]:
        """What is tried in a column."""
        element = name.removeprefix("raw_")
        yield from ODD
        for step in self.delivery.steps:
            for lookup in step if isinstance(step, list) else []:
                if isinstance(lookup, Lookup) and lookup.target == element:
                    yield from sorted(set(lookup.pairs.values()))
        # Texts that are too long by one.
        for check in self.delivery.checks:
            if check.kind == "length" and check.column == element:
                yield "甲" * (check.operand + 1)
        own = sorted({trim(record[name]) for record in self.clean[:400]} - {"", None})
        yield from own[:: max(1, len(own) // 12)]
        is_identifier = any(
            ".check." in check.rule and element in set(read_by(check.failed)) for check, _ in self.checks
        )
        for text in own[:: max(1, len(own) // 3)]:
            yield from (text[:-1], text + "0", text * 2, f"{text[:1]}\n{text[1:]}")
            # One sign exchanged, in each part of an identifier, with every check character: one of them is right.
            for place in sorted({0, 2, len(text) // 2, len(text) - 2} & set(range(len(text) - 1))) * is_identifier:
                for sign in "09":
                    changed = text[:place] + sign + text[place + 1 : -1]
                    yield from (changed + last for last in (CREDIT if text.isascii() else text[-1]))
            if len(text) == 18 and is_identifier:
                # Resident identity numbers of a county that is none, of a day that is none, and with the day hidden.
                yield from (f"510199{text[6:-1]}{last}" for last in "0123456789X")
                yield from (text[:6] + day + text[14:] for day in ("20230230", "********"))
        # What belongs to another column.
        for other in self.delivery.sources:
            yield next((record[other] for record in self.clean if record[other]), "")

    def broken(self, record: Raw) -> set[int]:
        """Places of the checks that fail in a record."""
        judged = dict(record)
        self.standardize(judged)
        return {place for place, (_, function) in enumerate(self.checks) if function(judged)}

    def _take(self, record: Raw) -> None:
        self.made.append(record)
        self.next += 1
        self.failed |= self.broken(record)

    def spoil(self) -> list[str]:
        """Breaks everything; the checks that nothing broke."""
        for name, texts in self.candidates.items():
            for text in texts:
                record = {**self.clean[self.next], name: text}
                broken = self.broken(record)
                if any(self.seen[place, name] < EACH for place in broken):
                    self._take(record)
                    self.seen.update((place, name) for place in broken)
        for check, function in self.checks:
            if check.rule not in self.fired():
                self._break(check, function)
        return [check.rule for check in self.delivery.checks if check.rule not in self.fired()]

    def fired(self) -> set[str]:
        """Rules that some record breaks. A rule may have several verdicts, of which one can hide another for good."""
        return {self.checks[place][0].rule for place in self.failed}

    def _break(self, check: Check, function: Function) -> None:
        """Changes two of the columns that a check reads."""
        names = self._columns(check.failed)
        for base in self.clean[self.next : self.next + BASES]:
            for pair in itertools.combinations(names, 2):
                for texts in itertools.product(*(self.candidates[name] for name in pair)):
                    record = {**base, **dict(zip(pair, texts, strict=True))}
                    judged = dict(record)
                    self.standardize(judged)
                    if function(judged):
                        self._take(record)
                        return

    def _columns(self, term: Term) -> list[str]:
        """Columns of the file that a term reads, also by what the steps make of them."""
        wanted, known = set(read_by(term)), set()
        while wanted - known:
            known |= wanted
            for step in self.delivery.steps:
                if isinstance(step, dict):
                    for name in wanted & set(step):
                        wanted = wanted | set(read_by(step[name]))
                else:
                    wanted = wanted | {lookup.source for lookup in step if lookup.target in wanted}
        return [name for name in self.delivery.sources if name in wanted]

    def write(self, path: pathlib.Path) -> int:
        """Writes the spoilt records, then the clean ones that were not used, one of these twice and one of these with
        another content: a repeated and a contradicting record. Returns the number of records."""
        rest = self.clean[self.next :]
        column = next(name for name in self.delivery.sources if name.endswith("_name"))
        records = [*self.made, *rest, rest[0], {**rest[1], column: rest[2][column]}]
        headings = list(dict.fromkeys(self.delivery.sources.values()))
        with open(path, "w", encoding=self.delivery.encoding, newline="") as file:
            rows = csv.writer(file, lineterminator="\r\n")
            rows.writerow(headings)
            for record in records:
                values = {self.delivery.sources[name]: text for name, text in record.items()}
                rows.writerow([values[heading] for heading in headings])
        return len(records)


def read_by(term: Term) -> Iterator[str]:
    """Names of the columns that a term reads."""
    if term.op == "col":
        yield str(term.args[0])
    for arg in term.args:
        if isinstance(arg, Term):
            yield from read_by(arg)


def make(program: str, home: pathlib.Path) -> dict[str, tuple[int, list[str]]]:
    """Makes the set; records and the checks that nothing broke, by delivery."""
    described = []
    for system, category in DELIVERIES:
        made = home / "generated" / f"{system}-{category}"
        subprocess.run(
            [program, "generate", "--records", str(RECORDS), "--seed", str(SEED), "--faults", "0", "--start", NIGHT]
            + ["--system", system, "--category", category, "--pipelines", str(PIPELINES), "--out", str(made)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        source = only_file(made)
        target = home / "inbox" / system / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        described.append({"system": system, "category": category, "path": f"inbox/{system}/{source.name}"})
    (home / "set.json").write_text(
        json.dumps({"night": NIGHT, "pipelines": str(PIPELINES), "deliveries": described}), encoding="utf-8"
    )
    results = {}
    for delivery in load(home):
        spoiler = Spoiler(delivery)
        missing = spoiler.spoil()
        results[delivery.name] = (spoiler.write(pathlib.Path(delivery.path)), missing)
    return results


def judge(program: str, home: pathlib.Path) -> tuple[dict[str, Expected], dict[str, dict[str, object]]]:
    """What Qingyuan stored, and what every peer stored, by delivery."""
    own = home / "qingyuan"
    shutil.copytree(home / "inbox", own / "inbox")
    done = subprocess.run(
        [program, "run", "--home", str(own), "--night", NIGHT, "--no-wait", "--pipelines", str(PIPELINES)],
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)
    peers = {}
    for name in PEERS:
        out = home / name
        out.mkdir()
        subprocess.run([sys.executable, str(HERE / str(TOOLS[name].script)), str(home), str(out)], check=True)
        peers[name] = json.loads((out / "counts.json").read_text(encoding="utf-8"))
    return expected(own, load(home)), peers


def page(
    deliveries: list[Delivery],
    made: dict[str, tuple[int, list[str]]],
    found: dict[str, Expected],
    peers: dict[str, dict[str, object]],
) -> tuple[str, list[str]]:
    """The page, and what is wrong: differences, and rules that nothing broke or nobody found broken."""
    wrong: list[str] = []
    labels = ["Qingyuan", *(TOOLS[name].label for name in PEERS)]
    lines = [
        "# Every rule, judged by four",
        "",
        "Files in which every rule of the job fires, judged by Qingyuan and by three of the other tools:",
        "`Benchmarks/peers/run --every-rule` makes them anew and writes this page; it fails on any difference and on",
        "any rule that did not fire. What the rules are stands in [README.md](README.md).",
    ]
    for delivery in deliveries:
        records, missing = made[delivery.name]
        own = found[delivery.name]
        wrong += [f"{delivery.name}: nothing broke {rule}" for rule in missing]
        for name in PEERS:
            for what, ours, theirs in differences(own, peers[name][delivery.name]):
                wrong.append(f"{delivery.name} {what}: Qingyuan {ours}, {TOOLS[name].label} {theirs}")
        rules = {check.rule: check for check in delivery.checks}
        lines += ["", f"## {delivery.name}", ""]
        lines += [
            f"{records:,} records, of which {own.returned:,} are returned and {own.duplicate} repeats another; "
            f"{len(rules)} rules and contradicting records, {sum(own.findings.values()):,} findings.",
            "",
            f"| rule | issue | severity | {' | '.join(labels)} |",
            f"|---|---|---|{'---:|' * len(labels)}",
        ]
        for key in sorted(own.findings):
            rule, severity = key.split(" ")
            issue = rules[rule].issue if rule in rules else "Q37"
            counts = [own.findings[key], *(peers[name][delivery.name]["findings"].get(key, 0) for name in PEERS)]
            lines.append(f"| `{rule}` | {issue} | {severity} | {' | '.join(f'{count:,}' for count in counts)} |")
        fired = {key.split(" ")[0] for key in own.findings}
        wrong += [f"{delivery.name}: {rule} was not found broken" for rule in {*rules, "record.duplicate"} - fired]
        lines += ["", "Rules of the category that need other records or other systems, and are not of this job: "]
        lines[-1] += ", ".join(delivery.left_out) + "."
        lines.append(f"Beyond the job Qingyuan found {beyond(own)}.")
    return "\n".join(lines) + "\n", wrong


def beyond(own: Expected) -> str:
    """What Qingyuan found by rules that are not in the job."""
    return ", ".join(f"{count:,} of `{key.split(' ')[0]}`" for key, count in sorted(own.beyond.items())) or "nothing"


def main() -> Iterable[str]:
    """The command line; what is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--home", type=pathlib.Path, required=True)
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    made = make(options.program, options.home)
    found, peers = judge(options.program, options.home)
    text, wrong = page(load(options.home), made, found, peers)
    if options.no_write:
        print(text)
    elif not wrong:
        (HERE / "EVERY_RULE.md").write_text(text, encoding="utf-8")
    return wrong


if __name__ == "__main__":
    problems = list(main())
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)
