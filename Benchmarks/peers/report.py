"""Writes what a session measured and compared as a page of tables."""

from __future__ import annotations

import os
import pathlib
import platform
import re
import statistics
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from compare import Expected, differences
from job import Delivery
from tools import TOOLS, Tool


@dataclass
class Session:
    """Everything that is reported."""

    measured: dict[str, Any]
    sets: dict[str, Any]
    expected: dict[str, dict[str, Expected]]
    deliveries: list[Delivery]
    program: str

    def records(self, tool: Tool) -> int:
        """Records of the set that a tool was measured on."""
        return sum(each["records"] for each in self.sets[self.measured[tool.name]["set"]]["deliveries"])

    def median(self, name: str, mode: str, what: str) -> float | None:
        """The median of what was measured."""
        runs = self.measured.get(name, {}).get(mode, [])
        return statistics.median(run[what] for run in runs) if runs else None

    def speed(self, name: str, mode: str) -> float | None:
        """Records a second."""
        seconds = self.median(name, mode, "seconds")
        return None if seconds is None else self.records(TOOLS[name]) / seconds

    def differing(self, tool: Tool) -> list[str]:
        """Where the counts of a tool are not Qingyuan's."""
        lines = []
        for name, one in self.expected[self.measured[tool.name]["set"]].items():
            for what, own, other in differences(one, self.measured[tool.name]["counts"][name]):
                lines.append(f"{tool.label}, {name}, {what}: {other:,}, Qingyuan has {own:,}")
        return lines


def machine() -> str:
    """The machine, without its name."""
    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    size = int(memory.group(1)) // 1048576 if memory else 0
    return (
        f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores, {size} GiB, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


def speeds(session: Session, mode: str) -> list[str]:
    """The table of one mode."""
    lines = [
        "| | records | runs | s | records/s | Qingyuan is | the job alone is | processors, µs a record "
        "| peak MB (anonymous) | |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    whole, alone = session.speed("qingyuan", mode), session.speed("qingyuan-same", mode)
    for tool in TOOLS.values():
        speed = session.speed(tool.name, mode)
        if speed is None:
            continue

        def ratio(own: float | None, tool: Tool = tool, speed: float = speed) -> str:
            return "" if own is None or tool.script is None else f"{own / speed:.2f} × as fast"

        what = {key: session.median(tool.name, mode, key) for key in ("seconds", "processor", "peak", "anonymous")}
        runs = len(session.measured[tool.name][mode])
        effort = 1e6 * what["processor"] / session.records(tool)
        label = f"{tool.label} {version(tool.package)}" if tool.package else tool.label
        lines.append(
            f"| {label} | {session.records(tool):,} | {runs} | {what['seconds']:.1f} | {speed:,.0f} | {ratio(whole)} | "
            f"{ratio(alone)} | {effort:,.0f} | {what['peak']:,.0f} ({what['anonymous']:,.0f}) | "
            f"{tool.note if mode == 'run' else ''} |"
        )
    return lines


def agreement(session: Session) -> tuple[list[str], int]:
    """Whether counts agree, and how many do not."""
    lines, wrong = [], 0
    for tool in TOOLS.values():
        if tool.script is None or tool.name not in session.measured:
            continue
        found = session.differing(tool)
        wrong += len(found)
        counted = sum(
            4 + len({*one.findings, *session.measured[tool.name]["counts"][name]["findings"]})
            for name, one in session.expected[session.measured[tool.name]["set"]].items()
        )
        lines.append(
            f"- {tool.label}: {counted} counts (delivery by rule and severity, records read, accepted, "
            f"returned, duplicate), {len(found)} differ" + (":" if found else ".")
        )
        lines += [f"  - {line}" for line in found]
    return lines, wrong


def rules(session: Session, name: str) -> list[str]:
    """Findings by rule over all deliveries of a set."""
    tools = [
        tool
        for tool in TOOLS.values()
        if tool.script and tool.name in session.measured and session.measured[tool.name]["set"] == name
    ]
    own: Counter[str] = Counter()
    others: dict[str, Counter[str]] = {tool.name: Counter() for tool in tools}
    for delivery, one in session.expected[name].items():
        own.update(one.findings)
        for tool in tools:
            others[tool.name].update(session.measured[tool.name]["counts"][delivery]["findings"])
    lines = ["| rule | Qingyuan | " + " | ".join(tool.label for tool in tools) + " |", "|---" * (len(tools) + 2) + "|"]
    for rule in sorted({*own, *(each for counts in others.values() for each in counts)}):
        lines.append(
            f"| {rule} | {own[rule]:,} | " + " | ".join(f"{others[tool.name][rule]:,}" for tool in tools) + " |"
        )
    return lines


def verdicts(session: Session, name: str) -> list[str]:
    """What the set is and what became of it."""
    lines = [
        "| | records | MB | accepted | returned | duplicate | findings of the job | beyond the job | left out of "
        "the set |",
        "|---" * 9 + "|",
    ]
    for entry in session.sets[name]["deliveries"]:
        delivery = f"{entry['system']} {entry['category']}"
        one = session.expected[name][delivery]
        beyond = ", ".join(f"{rule} {count:,}" for rule, count in sorted(one.beyond.items())) or "none"
        lines.append(
            f"| {delivery} | {entry['records']:,} | {entry['bytes'] / 1e6:,.0f} | {one.accepted:,} | "
            f"{one.returned:,} | {one.duplicate:,} | {sum(one.findings.values()):,} | {beyond} | "
            f"{entry['dropped']:,} |"
        )
    return lines


def write(session: Session, path: pathlib.Path | None) -> int:
    """Prints the page and writes it; exit code 1 if counts differ."""
    total = sum(each["records"] for each in session.sets["main"]["deliveries"])
    size = sum(each["bytes"] for each in session.sets["main"]["deliveries"]) / 1e6
    agreed, wrong = agreement(session)
    counts = {delivery.name: len(delivery.checks) + 1 for delivery in session.deliveries}
    runs = max(len(entry["run"]) for entry in session.measured.values())
    lines = [
        "# The same job with other tools",
        "",
        f"Made by `Benchmarks/peers/run --records {round(total, -5)} --runs {runs}`; do not edit. "
        "[README.md](README.md) says what the job is and what each tool cannot do. Medians of wall clock, from start "
        "to end of the process. The machine is shared: wall clock has waiting for others in it, the time of the "
        "processors has not. Tools with fewer records ran on the smaller set, where their start is a larger part.",
        "",
        f"- Machine: {machine()}",
        f"- Main set: {total:,} records, {size:,.0f} MB, generated with faults in a tenth of the records; "
        + ", ".join(f"{name} {count} rules" for name, count in counts.items())
        + ".",
        "",
        "## Read, judge, store",
        "",
        *speeds(session, "run"),
        "",
        "## Judge only",
        "",
        "Qingyuan's `check --json --limit 0` of each file, two at once; the others without storing rows.",
        "",
        *speeds(session, "check"),
        "",
        "## Agreement",
        "",
        *agreed,
        "",
    ]
    for name, title in (("main", "Main set"), ("slow", "Smaller set")):
        if name in session.sets:
            lines += [f"### {title}", "", *verdicts(session, name), "", *rules(session, name), ""]
    text = "\n".join(lines).rstrip() + "\n"
    print(text)
    if path:
        path.write_text(text, encoding="utf-8")
    return 1 if wrong else 0
