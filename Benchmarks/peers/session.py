"""One session: makes the sets, measures every tool on them, compares, reports. Started by `run`."""

from __future__ import annotations

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
from typing import Any

import prepare
from compare import Expected, expected
from job import load
from quiet import Measured, measure
from report import Session, write
from restrict import restricted
from tools import NIGHT, SEED, TOOLS, Tool

HERE = pathlib.Path(__file__).resolve().parent
PIPELINES = HERE.parent.parent / "Pipelines"
FAULTS = 0.1


class Runner:
    """Runs tools on the sets of a home folder and keeps what was measured there."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.home = options, options.home
        self.home.mkdir(parents=True, exist_ok=True)
        self.file = self.home / "measured.json"
        self.measured: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8")) if self.file.exists() else {}
        self.restricted = self.home / "pipelines"
        if not self.restricted.exists():
            restricted(PIPELINES, self.restricted)

    def set_of(self, name: str) -> pathlib.Path:
        """The folder of a set, which is made if it is not there."""
        records = self.options.slow_records if name == "slow" else self.options.records
        folder = self.home / name
        if not (folder / "set.json").exists():
            prepare.generate(self.options.program, PIPELINES, folder, records, FAULTS, NIGHT, SEED)
        return folder

    def measure(self, tool: Tool) -> None:
        """All runs of one tool."""
        name = "slow" if tool.is_slow or self.options.on_slow else "main"
        folder = self.set_of(name)
        runs = 1 if tool.is_slow else self.options.runs
        entry: dict[str, Any] = {"set": name, "run": [], "check": []}
        for mode in ("run", "check") * runs:
            if mode == "check" and not tool.checks:
                continue
            out = self.home / "out"
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            subprocess.run(["sync"], check=True)
            result = (
                self._qingyuan(tool, folder, out, mode) if tool.script is None else self._peer(tool, folder, out, mode)
            )
            entry[mode].append(vars(result))
            print(
                f"{tool.label}, {mode}: {result.seconds:.1f} s, {result.processor:.1f} s of processors, "
                f"{result.peak:.0f} MB",
                file=sys.stderr,
            )
            if tool.script and mode == "run":
                entry["counts"] = json.loads((out / "counts.json").read_text(encoding="utf-8"))
            elif tool.script and json.loads((out / "counts.json").read_text(encoding="utf-8")) != entry["counts"]:
                sys.exit(f"{tool.label} finds other things when it only checks")
            elif mode == "run":
                self._keep(tool, out, name)
        shutil.rmtree(self.home / "out", ignore_errors=True)
        self.measured[tool.name] = entry
        self.file.write_text(json.dumps(self.measured, ensure_ascii=False), encoding="utf-8")

    def _peer(self, tool: Tool, folder: pathlib.Path, out: pathlib.Path, mode: str) -> Measured:
        return measure(
            [sys.executable, str(HERE / str(tool.script)), str(folder), str(out), *["--check"] * (mode == "check")]
        )

    def _qingyuan(self, tool: Tool, folder: pathlib.Path, out: pathlib.Path, mode: str) -> Measured:
        pipelines = str(self.restricted if tool.is_restricted else PIPELINES)
        if mode == "run":
            shutil.copytree(folder / "inbox", out / "inbox")
            subprocess.run(["sync"], check=True)
            return measure(
                [
                    self.options.program,
                    "run",
                    "--home",
                    str(out),
                    "--night",
                    NIGHT,
                    "--no-wait",
                    "--pipelines",
                    pipelines,
                ]
            )
        # A check is of one file: two at once, as two cores are there.
        commands = [
            f'"{self.options.program}" check "{each.path}" --source {each.system} --category {each.category} '
            f'--json --limit 0 --today {NIGHT} --pipelines "{pipelines}" > "{out}/{place}.jsonl" || [ $? = 1 ]'
            for place, each in enumerate(load(folder))
        ]
        (out / "commands").write_text("\0".join(commands), encoding="utf-8")
        return measure(["xargs", "-0", "-P", "2", "-I", "{}", "-a", str(out / "commands"), "sh", "-c", "{}"])

    def _keep(self, tool: Tool, out: pathlib.Path, name: str) -> None:
        """What Qingyuan stored is what the others are compared with."""
        if not tool.is_restricted:
            kept = self.home / f"qingyuan-{name}"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.move(str(out), str(kept))

    def expected(self, name: str) -> dict[str, Expected]:
        """Qingyuan's counts on a set."""
        folder, home = self.home / name, self.home / f"qingyuan-{name}"
        if not (home / "warehouse").exists():
            shutil.copytree(folder / "inbox", home / "inbox")
            done = subprocess.run(
                [
                    self.options.program,
                    "run",
                    "--home",
                    str(home),
                    "--night",
                    NIGHT,
                    "--no-wait",
                    "--pipelines",
                    str(PIPELINES),
                ],
                capture_output=True,
                text=True,
            )
            if done.returncode not in (0, 1):
                sys.exit(done.stderr)
        return expected(home, load(folder))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int)
    parser.add_argument("--slow-records", type=int)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--program")
    parser.add_argument("--tools")
    parser.add_argument("--home", type=pathlib.Path)
    parser.add_argument("--on-slow", action="store_true")
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    runner = Runner(options)
    wanted = options.tools.split(",") if options.tools else list(TOOLS)
    for name in wanted:
        if name:
            runner.measure(TOOLS[name])
    sets = {
        name: json.loads((runner.home / name / "set.json").read_text(encoding="utf-8"))
        for name in ("main", "slow")
        if (runner.home / name / "set.json").exists()
    }
    session = Session(
        runner.measured,
        sets,
        {name: runner.expected(name) for name in sets},
        load(runner.home / next(iter(sets))),
        options.program,
    )
    sys.exit(write(session, None if options.no_write else HERE / "RESULTS.md"))


if __name__ == "__main__":
    main()
