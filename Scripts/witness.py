#!/usr/bin/env python3
"""Compares what the program says of a generated set with the set's truth.

    Scripts/witness.py findings PROGRAM DIR        qingyuan check of every file
    Scripts/witness.py links DIR HOME NIGHT        findings between records in HOME after that night
    Scripts/witness.py nights PROGRAM DIR HOME     the ledger of HOME, which has run all nights
    Scripts/witness.py types DIR                   whether every issue type of Pipelines is in the truth at all

A finding is its record, issue code, rule and severity, and for checks of one element the element.
Exit 1 if anything differs.
"""
import collections
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys

COUNTS = {
    "read": "read", "accepted": "accepted", "unchanged": "unchanged", "duplicate": "duplicate",
    "returned": "returned", "pending": "pending", "deleted": "deleted", "held": "held", "removed": "removed",
    "acceptedFirst": "accepted_first", "returnedFirst": "returned_first",
}


def nights_of(folder):
    with open(os.path.join(folder, "expected.json"), encoding="utf-8") as file:
        return json.load(file)["nights"]


def finish(problems):
    for problem in problems[:60]:
        print(problem[:300])
    if len(problems) > 60:
        print(f"… {len(problems) - 60} more")
    sys.exit(1 if problems else 0)


# Findings


def check(program, path, day, system, category):
    command = [program, "check", path, "--source", system, "--category", category, "--json",
               "--today", day]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{path}: exit {done.returncode}: {done.stderr.strip()}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    found = collections.Counter()
    for line in lines[:-1]:
        for item in line["findings"]:
            found[(line["record"],) + shape(item)] += 1
    return found, lines[-1]


def shape(item):
    is_of_element = item["rule"].startswith("ZF")
    return (item["code"], item["rule"], item["element"] if is_of_element else "", item["severity"])


def truth_of(folder):
    truth = collections.defaultdict(collections.Counter)
    faults = {}
    with open(os.path.join(folder, "truth.jsonl"), encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            place = place_of(line["night"], line)
            faults[place + (line["record"],)] = line["fault"]
            for item in line["expect"]:
                truth[place][(line["record"],) + shape(item)] += 1
    return truth, faults


def place_of(night, item):
    return (night, item["system"], item["file"], item["category"])


def path_of(folder, night, system, name):
    path = os.path.join(folder, f"night-{night}", system, name)
    return path if os.path.exists(path) else os.path.join(folder, name)


def compare_findings(program, folder):
    truth, faults = truth_of(folder)
    tally = collections.defaultdict(collections.Counter)
    systems = collections.defaultdict(collections.Counter)
    problems = []
    records = 0
    for night in nights_of(folder):
        for file in night["files"]:
            if file["status"] == "repeated":
                continue
            place = place_of(night["night"], file)
            path = path_of(folder, *place[:3])
            found, summary = check(program, path, night["date"], file["system"], file["category"])
            if file["status"] == "held":
                codes = sorted({hold["code"] for hold in summary["holds"]})
                if file["hold"] not in codes:
                    problems.append(f"{place}: held for {codes}, expected {file['hold']}")
                continue
            if summary["holds"]:
                problems.append(f"{place}: held: {summary['holds']}")
            records += summary["read"]
            compare_counts(place, file["balance"], summary, problems)
            expected = truth[place]
            parts = {"hit": found & expected, "missed": expected - found, "extra": found - expected}
            for part, findings in parts.items():
                for finding in findings.elements():
                    tally[finding[1]][part] += 1
                    systems[file["system"]][part] += 1
                    if part != "hit":
                        fault = faults.get(place + finding[:1])
                        problems.append(f"{place}: {part} {finding} of {fault}")
    kinds = len(set(faults.values()))
    print(f"{records} records, {len(faults)} planted faults of {kinds} kinds")
    show("issue", tally)
    show("system", systems)
    finish(problems)


def show(title, tally):
    print(f"{title:6} expected   found  missed   extra  recall  precision")
    for name in sorted(tally):
        hit, missed, extra = (tally[name][part] for part in ("hit", "missed", "extra"))
        recall = hit / (hit + missed) if hit + missed else 1
        precision = hit / (hit + extra) if hit + extra else 1
        print(
            f"{name:6} {hit + missed:8} {hit + extra:7} {missed:7} {extra:7} {recall:7.3f} "
            f"{precision:10.3f}")


def compare_counts(place, balance, summary, problems):
    # A single file cannot tell what was accepted in an earlier night, or what is missing elsewhere.
    accepted = balance["accepted"] + balance["unchanged"] + balance["pending"]
    expected = dict(balance, accepted=accepted)
    for name in ("read", "accepted", "returned", "duplicate", "deleted"):
        if expected[name] != summary[name]:
            problems.append(f"{place}: {name} {summary[name]}, expected {expected[name]}")


# Findings between records


def expected_links(folder, night):
    links = collections.Counter()
    with open(os.path.join(folder, "links.jsonl"), encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            if line["night"] == night:
                links[link(line["system"], line["category"], line["record_id"], line)] += 1
    return links


def link(system, category, record, item):
    element = item["element"] if item["rule"].startswith("AR") else ""
    return (system, category, record, item["code"], item["rule"], element, item["severity"])


def found_links(home):
    path = os.path.join(home, "warehouse", "warehouse.sqlite")
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    query = """SELECT f.system, f.category, f.code, f.rule, f.element, f.severity,
          r.source_record_id AS record
        FROM finding_current AS f JOIN "{}" AS r ON r.record = f.record
        WHERE f.category = ? AND (f.rule BETWEEN 'CR41' AND 'CR59' OR f.rule LIKE 'AR__')"""
    categories = [row[0] for row in database.execute("SELECT DISTINCT category FROM delivery_ledger")]
    links = collections.Counter()
    for category in categories:
        for table in (category, "pending_record"):
            for row in database.execute(query.format(table), (category,)):
                links[link(row["system"], category, row["record"], row)] += 1
    return links


def compare_links(folder, home, night):
    expected, found = expected_links(folder, int(night)), found_links(home)
    parts = {"hit": found & expected, "missed": expected - found, "extra": found - expected}
    tally = collections.defaultdict(collections.Counter)
    problems = []
    for part, links in parts.items():
        for item in links.elements():
            tally[item[3]][part] += 1
            if part != "hit":
                problems.append(f"night {night}: {part} {item}")
    print(f"night {night}: {sum(expected.values())} findings between records expected")
    show("issue", tally)
    finish(problems)


# Nights


def compare_nights(program, folder, home):
    done = subprocess.run(
        [program, "deliveries", "--home", home, "--json"], capture_output=True, text=True, check=True)
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    ledger = {
        (entry["night"], entry["system"], entry["file_name"], entry["category"]): entry
        for entry in entries}
    problems = []
    nights = nights_of(folder)
    for night in nights:
        for file in night["files"]:
            place = f"{night['date']} {file['system']} {file['file']} {file['category']}"
            entry = ledger.pop((night["date"],) + place_of(0, file)[1:], None)
            if entry is None:
                problems.append(f"{place}: not in the ledger")
            elif entry["status"] != file["status"]:
                problems.append(
                    f"{place}: {entry['status']}, expected {file['status']}: {entry['reason']}")
            elif file["status"] == "loaded":
                for name, column in COUNTS.items():
                    found, expected = int(entry[column]), file["balance"][name]
                    if found != expected:
                        problems.append(f"{place}: {name} {found}, expected {expected}")
            elif file["status"] == "held" and file["hold"] not in entry["reason"]:
                problems.append(f"{place}: held for {entry['reason']}, expected {file['hold']}")
    problems += [" ".join(place) + ": not expected" for place in ledger]
    print(f"{len(entries)} deliveries of {len(nights)} nights, {len(problems)} differences")
    finish(problems)


# What there is to be found


def compare_types(folder):
    path = pathlib.Path(__file__).resolve().parent.parent / "Pipelines" / "catalog" / "issue-types.yaml"
    types = set(re.findall(r"^  - code: (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE))
    planted = {finding[1] for findings in truth_of(folder)[0].values() for finding in findings}
    nights = nights_of(folder)
    planted |= {item[3] for night in nights for item in expected_links(folder, night["night"])}
    planted |= {file["hold"] for night in nights for file in night["files"] if file["status"] == "held"}
    print(f"{len(planted & types)} of {len(types)} issue types are planted")
    finish([f"{code}: planted nowhere" for code in sorted(types - planted)]
           + [f"{code}: no issue type" for code in sorted(planted - types)])


if __name__ == "__main__":
    if sys.argv[1:2] == ["findings"] and len(sys.argv) == 4:
        compare_findings(*sys.argv[2:])
    elif sys.argv[1:2] == ["links"] and len(sys.argv) == 5:
        compare_links(*sys.argv[2:])
    elif sys.argv[1:2] == ["nights"] and len(sys.argv) == 5:
        compare_nights(*sys.argv[2:])
    elif sys.argv[1:2] == ["types"] and len(sys.argv) == 3:
        compare_types(*sys.argv[2:])
    else:
        sys.exit(__doc__)
