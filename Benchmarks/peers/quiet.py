"""Runs a command and measures it: wall clock, processor time and memory of it and all that it starts."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Measured:
    """One run."""

    seconds: float
    processor: float
    peak: float
    anonymous: float


class Tree:
    """What a process and its descendants take, polled."""

    def __init__(self, root: int) -> None:
        self.root = root
        self.ticks: dict[int, int] = {}
        self.peak = self.anonymous = 0

    def poll(self) -> None:
        """Looks once."""
        parents: dict[int, int] = {}
        ticks: dict[int, int] = {}
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                parents[int(entry.name)] = int(fields[1])
                ticks[int(entry.name)] = int(fields[11]) + int(fields[12])
        self.ticks.update((process, spent) for process, spent in ticks.items() if self._belongs(process, parents))
        total = anonymous = 0
        for process in self.ticks:
            try:
                with open(f"/proc/{process}/smaps_rollup") as lines:
                    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith("Pss")}
            except (OSError, ValueError):
                continue
            total += sizes.get("Pss", 0)
            anonymous += sizes.get("Pss_Anon", 0)
        self.peak, self.anonymous = max(self.peak, total), max(self.anonymous, anonymous)

    def _belongs(self, process: int, parents: dict[int, int]) -> bool:
        while process > 1:
            if process == self.root or process in self.ticks:
                return True
            process = parents.get(process, 0)
        return False


def measure(command: list[str], output: pathlib.Path | None = None) -> Measured:
    """Runs the command; exit code 1 is that of a tool that found something."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log, open(output or os.devnull, "w") as out:
        before = os.times()
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=log)
        tree = Tree(process.pid)
        while process.poll() is None:
            tree.poll()
            time.sleep(0.1)
        seconds = time.monotonic() - start
        after = os.times()
        log.seek(0)
        text = log.read()
    if process.returncode not in (0, 1) or (process.returncode == 1 and "Traceback" in text):
        sys.exit(f"{' '.join(command)} failed:\n{text[-4000:]}")
    reaped = after.children_user + after.children_system - before.children_user - before.children_system
    return Measured(seconds, max(reaped, sum(tree.ticks.values()) / TICKS), tree.peak / 1024, tree.anonymous / 1024)
