"""An installation that is disturbed: its runs under the shim, what it holds, and who looks at it meanwhile."""
import hashlib
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import nights

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CHANGES = "write,sync,name,size,remove,mode"
#: Marks of a program that ended other than by its own decision.
CRASHES = ("Fatal error", "Precondition failed", "Assertion failed", "Program crashed", "Stack dump")

#: What a tier file and a report say of the publication that they were made from.
OF_THE_WAY = re.compile(r"^about \('(history|publication|stamp)',")
PUBLICATION = re.compile(r"发布时间 [-0-9]+ [0-9:]+|第 \d+ 次发布|(?<=_by &lt;= )\d+|(?<=closed_by &gt; )\d+")


def build_shim(folder):
    shim = pathlib.Path(folder) / "faults.so"
    compiler = shutil.which("cc") or shutil.which("clang") or "cc"
    subprocess.run([compiler, "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                    "-o", str(shim), str(HERE / "faults.c"), "-ldl"], check=True)
    return shim


def program(given=None):
    """The program to be disturbed: the release, built if none is given, so that faults fall into the work."""
    if given:
        return pathlib.Path(given).resolve()
    build = ["swift", "build", "-c", "release", "--product", "qingyuan", "--static-swift-stdlib"]
    subprocess.run(build, check=True, cwd=ROOT, stdout=sys.stderr)
    done = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], check=True, cwd=ROOT,
                          capture_output=True, text=True)
    return pathlib.Path(done.stdout.strip()) / "qingyuan"


class Bench:
    """What all homes share: the program, the shim, the definitions, a place that forgets."""

    def __init__(self, program, folder):
        self.program = str(program)
        self.folder = pathlib.Path(folder)
        self.shim = build_shim(folder)
        self.definitions = self.folder / "pipelines"
        nights.write_definitions(self.definitions)

    def home(self, name="home"):
        return Home(self, self.folder / name)


class Ended:
    """How a run ended, and after how long."""

    def __init__(self, code, errors, seconds):
        self.code, self.errors, self.seconds = code, errors, seconds

    @property
    def was_killed(self):
        return self.code == -signal.SIGKILL

    def __str__(self):
        return f"exit {self.code}: {self.errors.strip()[-600:]}"


class Home:
    def __init__(self, bench, path):
        self.bench, self.path = bench, pathlib.Path(path)

    def replace(self, snapshot):
        shutil.rmtree(self.path, ignore_errors=True)
        shutil.copytree(snapshot, self.path)

    def begin(self):
        """An empty home whose masks hash under a secret that is the same in every test."""
        shutil.rmtree(self.path, ignore_errors=True)
        (self.path / "access").mkdir(parents=True, mode=0o700)
        secret = self.path / "access" / "mask.secret"
        secret.write_bytes(bytes(range(32)))
        secret.chmod(0o600)

    def command(self, *words):
        return [self.bench.program, *words, "--home", str(self.path), "--pipelines", str(self.bench.definitions)]

    def start(self, night, fault=None):
        """Starts a run of a night (from 0); `fault` holds variables of the shim without their prefix."""
        environment = {**os.environ, "TERM": "xterm", "TZ": "UTC"}
        if fault is not None:
            environment |= {"LD_PRELOAD": str(self.bench.shim), "FAULTS_UNDER": str(self.path)}
            environment |= {f"FAULTS_{name.upper()}": str(value) for name, value in fault.items()}
        return subprocess.Popen(self.command("run", "--no-wait", "--night", nights.DATES[night]),
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)

    def run(self, night, fault=None, timeout=120, kill_after=None):
        begun = time.monotonic()
        process = self.start(night, fault)
        if kill_after is not None:
            time.sleep(kill_after)
            process.kill()
        try:
            _, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
            return Ended(-999, "does not end\n" + errors.decode(errors="replace"), timeout)
        return Ended(process.returncode, errors.decode(errors="replace"), time.monotonic() - begun)

    def count(self, night, kinds, log, screen=False):
        """Runs a night and returns the calls that the shim would count: (kind, function, path)."""
        pathlib.Path(log).unlink(missing_ok=True)
        fault = {"kinds": kinds, "log": log} | ({"screen": 1} if screen else {})
        ended = self.run(night, fault)
        if ended.code > 1 or ended.code < 0:
            raise SystemExit(f"the undisturbed run of {nights.DATES[night]} ends with {ended}")
        lines = pathlib.Path(log).read_text(encoding="utf-8", errors="replace").splitlines()
        return [tuple(line.split("\t")[1:4]) for line in sorted(lines, key=lambda line: int(line.split("\t")[0]))]

    # What it holds

    def answer(self, *words):
        done = subprocess.run(self.command(*words), capture_output=True)
        return done.returncode, done.stdout + done.stderr

    def dump(self, *more):
        target = self.bench.folder / "dump"
        target.unlink(missing_ok=True)
        code, text = self.answer("dump", "--out", str(target), *more)
        if code:
            return [f"dump ends with {code}: {text.decode(errors='replace')}"]
        return target.read_text(encoding="utf-8").splitlines()

    def content(self, last_night):
        """Everything that a night leaves, by name; equal for two homes that went the same way.

        Left out is what tells of the way: NIGHT.txt and NIGHT.json, which have the last run and not the night;
        the time of a publication and its number, for a night that was killed behind its publication has a second,
        empty one.
        """
        content = {"dump": self.dump(), "golden": self.dump("--canonical")}
        code, text = self.answer("verify")
        content["verify"] = [f"{code}"] if code == 0 else [f"{code} {text.decode(errors='replace')}"]
        names = []
        for path in sorted(self.path.rglob("*")):
            name = str(path.relative_to(self.path))
            if name.endswith(("-wal", "-shm")):
                continue
            kind = "folder" if path.is_dir() else f"{path.stat().st_mode & 0o777:o}"
            names.append(f"{name} {kind}")
            if path.is_file() and name.startswith(("returns/", "archive/", "inbox/", "work/")):
                content[name] = [hashlib.sha256(path.read_bytes()).hexdigest()]
        content["names"] = names
        for tier in sorted((self.path / "tiers").glob("*.sqlite")):
            content[f"tiers/{tier.name}"] = [line for line in tables(tier) if not OF_THE_WAY.search(line)]
        for night in nights.DATES[:last_night + 1]:
            page = self.path / "report" / f"{night}.html"
            text = page.read_text(encoding="utf-8") if page.exists() else ""
            content[f"report {night}"] = PUBLICATION.sub("…", text).splitlines()
        return content


def tables(path):
    """All rows of all tables of a database, sorted."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        names = [name for name, in database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
        return [line for name in names
                for line in sorted(f"{name} {row}" for row in database.execute(f'SELECT * FROM "{name}"'))]
    finally:
        database.close()


def differences(expected, found, limit=5):
    """What is not the same, as lines for people; none where all is."""
    result = []
    for name in sorted(expected.keys() | found.keys()):
        left, right = expected.get(name), found.get(name)
        if left == right:
            continue
        if left is None or right is None:
            result.append(f"{name}: {'not expected' if left is None else 'missing'}")
            continue
        lost = [line for line in left if line not in set(right)][:limit]
        new = [line for line in right if line not in set(left)][:limit]
        result.append(f"{name}: {len(left)} lines, {len(right)} found; lost {[line[:200] for line in lost]}, "
                      f"new {[line[:200] for line in new]}")
    return result[:limit] + [f"{len(result) - limit} more"] * (len(result) > limit)


class Watch:
    """A reader that looks at warehouse and tier files all the time, from a thread of its own."""

    QUERY = """SELECT (SELECT n.night FROM publication_night AS n JOIN publication AS p ON n.publication = p.number),
      (SELECT count(*) FROM READER), (SELECT count(*) FROM LOAN), (SELECT count(*) FROM VISIT),
      (SELECT count(*) FROM LOAN_history), (SELECT count(*) FROM returned_record),
      (SELECT count(*) FROM finding_current), (SELECT count(*) FROM pending_record),
      (SELECT count(*) FROM READER_golden), (SELECT count(*) FROM delivery_ledger WHERE read > 0)"""
    TIER = """SELECT (SELECT value FROM about WHERE name = 'night'), (SELECT count(*) FROM LOAN),
      (SELECT count(*) FROM VISIT), (SELECT value FROM about WHERE name = 'records')"""

    def __init__(self):
        self.looks, self.problems = 0, []
        self._over, self._thread = threading.Event(), None

    @classmethod
    def picture(cls, home, file):
        path = home.path / file
        if not path.exists():
            return None
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        try:
            row = database.execute(cls.QUERY if file.startswith("warehouse") else cls.TIER).fetchone()
            return None if row[0] is None else (file, *row)
        finally:
            database.close()

    FILES = ("warehouse/warehouse.sqlite", "tiers/public.sqlite", "tiers/shared.sqlite")

    @classmethod
    def pictures(cls, home):
        return {picture for picture in (cls.picture(home, file) for file in cls.FILES) if picture}

    def begin(self, home, expected, has_night):
        """`has_night`: a night was published before, so that from the first look on there must be something."""
        self._over.clear()
        self._thread = threading.Thread(target=self._look, args=(home, expected, has_night), daemon=True)
        self._thread.start()

    def end(self):
        self._over.set()
        self._thread.join()

    def _look(self, home, expected, has_night):
        seen = {file: has_night for file in self.FILES}
        while not self._over.is_set():
            for file in self.FILES:
                try:
                    picture = self.picture(home, file)
                    if picture is None:
                        if seen[file]:
                            self.problems.append(f"{file}: the night is gone")
                        continue
                    self.looks += 1
                    seen[file] = True
                    if expected is not None and picture not in expected:
                        self.problems.append(f"half a night: {picture}")
                except sqlite3.Error as error:
                    # Before the first night there may be no file, or no views in it.
                    if seen[file]:
                        self.problems.append(f"{file}: {error}")
            self._over.wait(0.003)
