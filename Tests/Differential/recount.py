"""Counts the sample nights again: the originals by Python's csv, json and expat, the warehouse in plain SQL."""
import collections
import gzip
import io
import json
import pathlib
import re
import sqlite3
import xml.etree.ElementTree as tree
import zipfile

import answers

LEFT = ["accepted", "unchanged", "duplicate", "returned", "pending", "held", "deleted"]
#: Names of the report for columns of the ledger.
COUNTS = {name: name for name in ["read", *LEFT, "removed"]} | {
    "acceptedFirst": "accepted_first", "returnedFirst": "returned_first"}


class Source:
    """What an adapter says of where records lie, as far as it takes to count them.

    Read line by line: Python's library has no YAML, and the adapters write these keys on lines of their own.
    """

    def __init__(self, path):
        text = path.read_text(encoding="utf-8")
        head, _, categories = text.partition("\ncategories:")
        self.format = found(r"^format: (\w+)", head)
        self.records = found(r'^  records: "?([^"\s#]+)"?', head)
        self.headers = int(found(r"header-rows: (\d)", head) or 1)
        footers = found(r"footers: \[(.*?)\]", head) or ""
        self.footers = tuple(word.strip().strip('"') for word in footers.split(",") if word.strip())
        self.spaces = dict(re.findall(r'(\w+): "([^"]*)"', found(r"namespaces: \{(.*?)\}", head) or ""))
        self.categories = {}
        for part in re.split(r"^  - category: ", categories, flags=re.M)[1:]:
            self.categories[part.split()[0]] = {
                "records": found(r'^    records: "?([^"\s#]+)"?', part) or self.records,
                "has_rows": found(r"^    rows-per: (\w+)", part) is not None,
            }

    def count(self, category, content):
        """Records of a category in an original."""
        about = self.categories[category]
        text = decoded(content)
        if self.format == "csv":
            return self.rows(text, about["has_rows"])
        if self.format == "xml":
            steps = (about["records"] or "").split("/")
            return len(self.elements(tree.fromstring(text), steps))
        documents = [json.loads(line) for line in text.split("\n") if line.strip()] if self.format == "ndjson" \
            else [json.loads(text)]
        return sum(count_items(document, about["records"]) for document in documents)

    def rows(self, text, has_rows):
        rows = answers.rows(text, ",")[self.headers:]
        while rows and rows[-1][0].strip().startswith(self.footers or ("\0",)):
            rows.pop()
        if not has_rows:
            return len(rows)
        # Adjacent lines of one record, which has its number in the first column.
        return sum(1 for number, row in enumerate(rows) if number == 0 or row[0] != rows[number - 1][0])

    def elements(self, root, steps):
        nodes = [root] if self.is_named(root, steps[0]) else []
        for step in steps[1:]:
            nodes = [child for node in nodes for child in node if self.is_named(child, step)]
        return nodes

    def is_named(self, node, step):
        prefix, _, own = step.removesuffix("[]").rpartition(":")
        space, _, local = node.tag.rpartition("}")
        return local == own and (not prefix or space == "{" + self.spaces[prefix])


def found(pattern, text):
    match = re.search(pattern, text, flags=re.M)
    return match[1] if match else None


def count_items(document, path):
    nodes = [document]
    for step in path.split("/") if path else []:
        name = step.removesuffix("[]")
        if name:
            nodes = [node[name] for node in nodes if isinstance(node, dict) and node.get(name) is not None]
        if step.endswith("[]"):
            nodes = [item for node in nodes for item in node]
    return len(nodes)


def decoded(content):
    """Text of an original: packed or not, UTF-8 or GB 18030."""
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read(archive.namelist()[0])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def recount(home, definitions):
    """Number of counts compared, what differs, and originals that the others do not read.

    An original with a record that is not well-formed is a broken document to Python; the product returns that record.
    """
    home = pathlib.Path(home)
    database = sqlite3.connect(f"file:{home / 'warehouse' / 'warehouse.sqlite'}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    sources = {path.stem: Source(path) for path in (pathlib.Path(definitions) / "sources").glob("*.yaml")}
    tally, broken = Tally(), 0
    deliveries = [dict(row) for row in database.execute(
        "SELECT d.*, r.night FROM delivery AS d JOIN run AS r ON r.id = d.run WHERE r.status <> 'running'")]
    for row in deliveries:
        where = f"{row['night']} {row['system']} {row['category']} {row['file_name']}"
        if row["status"] != "repeated":
            content = (home / "archive" / row["archive_path"]).read_bytes()
            try:
                records = sources[row["system"]].count(row["category"], content)
                tally.compare(where, "read", row["read"], records)
            except (answers.Refused, json.JSONDecodeError, tree.ParseError) as error:
                broken += 1
                if row["returned"] == 0 and row["status"] != "held":
                    tally.problems.append(f"{where}: nothing is returned or held, but {error}")
        tally.compare(where, "read", row["read"], sum(row[name] for name in LEFT))
        rows_of(database, row, where, tally)
    compare_reports(home, deliveries, database, tally)
    standing(home, database, tally)
    return tally.count, tally.problems, broken


class Tally:
    def __init__(self):
        self.count, self.problems = 0, []

    def compare(self, where, what, ours, theirs):
        self.count += 1
        if ours != theirs:
            self.problems.append(f"{where}: {what} {ours}, recounted {theirs}")


def rows_of(database, row, where, tally):
    """A row of the warehouse tells its delivery in the upper half of its number."""
    def rows(table, condition="1"):
        query = f'SELECT count(*) FROM "{table}" WHERE row_id >> 32 = ? AND {condition}'
        return database.execute(query, (row["id"],)).fetchone()[0]
    # What waited and was published later has its row from the night on in which it was.
    waited = rows("waiting_record", "wait_outcome = 'published'")
    sent_back = rows("waiting_record", "wait_outcome = 'returned'")
    tally.compare(where, "accepted", row["accepted"] + waited, rows(f"{row['category']}_version"))
    tally.compare(where, "returned", row["returned"] + sent_back, rows("quarantined_record", "status = 'returned'"))
    tally.compare(where, "pending", row["pending"], rows("waiting_record"))


def compare_reports(home, deliveries, database, tally):
    """Lines and totals of every night's report are sums of the ledger."""
    until = collections.Counter()
    nights = sorted({row["night"] for row in deliveries})
    for night in nights:
        report = json.loads((home / "report" / f"{night}.json").read_text(encoding="utf-8"))
        sums = collections.defaultdict(collections.Counter)
        for row in deliveries:
            if row["night"] == night:
                for name, column in COUNTS.items():
                    for place in [(row["system"], row["category"]), "total"]:
                        sums[place][name] += row[column]
        lines = {(line["system"], line["category"]): line for line in report["lines"]}
        for place in sorted(set(lines) | (set(sums) - {"total"})):
            for name in COUNTS:
                tally.compare(f"report of {night}, {' '.join(place)}", name, lines.get(place, {}).get(name, 0),
                              sums[place][name])
        until.update(sums["total"])
        for name in COUNTS:
            tally.compare(f"report of {night}, total", name, report["total"][name], sums["total"][name])
            tally.compare(f"report of {night}, year", name, report["yearToDate"][name], until[name])
        first, back = sums["total"]["acceptedFirst"], sums["total"]["returnedFirst"]
        tally.compare(f"report of {night}", "attainment", round(report["attainment"], 12),
                      round(first / (first + back), 12))
        held = sum(1 for row in deliveries if row["night"] == night and row["status"] == "held")
        tally.compare(f"report of {night}", "held deliveries", len(report["held"]), held)
    disagreeing = collections.Counter(tuple(row) for row in database.execute(
        "SELECT x.rule, d.system FROM conflict AS x JOIN delivery AS d ON d.id = x.row_id >> 32 WHERE x.closed_by IS NULL"))
    for line in report["conflicts"]:
        place = (line["rule"], line["system"])
        tally.compare(f"report of {nights[-1]}, conflicts of", " ".join(place), line["standing"], disagreeing.pop(place, 0))
    tally.compare(f"report of {nights[-1]}", "conflicts that it leaves out", len(disagreeing), 0)
    waiting = database.execute("SELECT count(*) FROM waiting_record WHERE closed_by IS NULL").fetchone()[0]
    tally.compare(f"report of {nights[-1]}", "waiting", report["waiting"]["open"], waiting)
    # A record that came again and was accepted, or is gone, is returned no more.
    still_open = database.execute(
        "SELECT count(*) FROM quarantined_record WHERE closed_by IS NULL AND status = 'returned'").fetchone()[0]
    shown = database.execute("SELECT count(*) FROM returned_record").fetchone()[0]
    tally.compare("warehouse", "returned records", shown, still_open)


def standing(home, database, tally):
    """What readers see as of the last publication, counted from the tables behind the views: findings, conflicts,
    golden records, and what tier files have of it."""
    open_rows = "SELECT row_id FROM \"{}\" WHERE closed_by IS NULL AND opened_by < 1 << 62"
    def rows(table):
        return {row[0] for row in database.execute(open_rows.format(table))}
    categories = [row[0] for row in database.execute("SELECT DISTINCT category FROM catalog_element ORDER BY 1")]
    seen = {category: rows(f"{category}_version") for category in categories}
    standing = rows("quarantined_record").union(rows("waiting_record"), *seen.values())
    codes = collections.Counter()
    for code, row in database.execute(
            "SELECT code, row_id FROM finding UNION ALL SELECT code, row_id FROM label WHERE closed_by IS NULL "
            "UNION ALL SELECT 'Q34', row_id FROM conflict WHERE closed_by IS NULL"):
        codes[code] += row in standing
    shown = dict(tuple(row) for row in database.execute("SELECT code, count(*) FROM finding_current GROUP BY 1"))
    for code in sorted(set(codes) | set(shown)):
        tally.compare("warehouse, findings", code, shown.get(code, 0), codes[code])
    for category in categories:
        key = [row[2] for row in database.execute(f'PRAGMA index_info("index_{category}_composed_1")')]
        records = [tuple(row) for row in database.execute(f'SELECT row_id, {", ".join(key)} FROM "{category}_version"')
                   if row[0] in seen[category]]
        # What lacks a part of its key speaks for itself.
        keys = {row[1:] if all(part not in (None, "") for part in row[1:]) else row[0] for row in records}
        golden = database.execute(f'SELECT count(*) FROM "{category}_golden"').fetchone()[0]
        tally.compare("warehouse, golden records", category, golden, len(keys))
    below = dict(seen)
    for tier in ("shared", "public"):
        file = sqlite3.connect(f"file:{home / 'tiers' / f'{tier}.sqlite'}?mode=ro", uri=True)
        tables = {row[0] for row in file.execute("SELECT name FROM sqlite_schema")}
        for category in sorted(tables & set(categories)):
            held = {row[0] for row in file.execute(f'SELECT record FROM "{category}"')}
            tally.compare(f"{tier} tier", f"records of {category} that the wider tier lacks", len(held - below[category]), 0)
            below[category] = held
        below |= {category: set() for category in categories if category not in tables}
