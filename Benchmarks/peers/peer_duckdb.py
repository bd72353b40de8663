"""DuckDB: the job as SQL text, one statement for each step, both cores, one database."""

from __future__ import annotations

import pathlib

import duckdb

from job import Delivery
from outcome import Outcome, arguments, duplicate_check, load, write
from records import as_utf8
from sqltext import Dialect

SQL = Dialect()


def reader(delivery: Delivery, folder: pathlib.Path) -> str:
    """The query that reads the file."""
    path = SQL.text(as_utf8(delivery, folder))
    if delivery.format == "csv":
        columns = ", ".join(f"{SQL.name(heading)} AS {SQL.name(name)}" for name, heading in delivery.sources.items())
        source = f"read_csv({path}, header = true, all_varchar = true, quote = '\"', escape = '\"', delim = ',')"
    else:
        columns = ", ".join(
            f"{'.'.join(map(SQL.name, heading.split('/')))} AS {SQL.name(name)}"
            for name, heading in delivery.sources.items()
        )
        source = f"read_ndjson({path}, columns = {members(delivery)})"
    return f"SELECT row_number() OVER () AS record, {columns} FROM {source}"


def members(delivery: Delivery) -> str:
    """The members of a document, all as text."""
    tree: dict[str, dict[str, None]] = {}
    for path in delivery.sources.values():
        first, _, second = path.partition("/")
        tree.setdefault(first, {}).update({second: None} if second else {})
    kinds = {
        name: "STRUCT(" + ", ".join(f"{SQL.name(each)} VARCHAR" for each in inner) + ")" if inner else "VARCHAR"
        for name, inner in tree.items()
    }
    return "{" + ", ".join(f"{SQL.text(name)}: {SQL.text(kind)}" for name, kind in kinds.items()) + "}"


def standardized(database: duckdb.DuckDBPyConnection, delivery: Delivery, query: str) -> str:
    """The query with every step around it."""
    present = dict.fromkeys(["record", *delivery.sources])
    for number, step in enumerate(delivery.steps):
        joins, new = "", {}
        if isinstance(step, dict):
            new = {name: SQL.sql(term) for name, term in step.items()}
        else:
            for place, lookup in enumerate(step):
                if lookup.is_many:
                    new[lookup.target] = SQL.codes_of(lookup)
                    continue
                table = f"codes_{number}_{place}"
                fill(database, table, ["label", "code"], list(lookup.pairs.items()))
                joins += f" LEFT JOIN {table} ON {table}.label = {SQL.name(lookup.source)}"
                new[lookup.target] = f"{table}.code"
        kept = [SQL.name(name) for name in present if name not in new]
        made = [f"{text} AS {SQL.name(name)}" for name, text in new.items()]
        query = f"SELECT {', '.join(kept + made)} FROM ({query}){joins}"
        present.update(dict.fromkeys(new))
    return query


def fill(database: duckdb.DuckDBPyConnection, table: str, columns: list[str], rows: list[tuple[str, ...]]) -> None:
    """A small table of texts."""
    values = ", ".join("(" + ", ".join(map(SQL.text, row)) + ")" for row in rows)
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM (VALUES {values}) AS v({', '.join(columns)})"
    )


def work(database: duckdb.DuckDBPyConnection, delivery: Delivery, out: pathlib.Path, is_check: bool) -> Outcome:
    """One delivery."""
    prefix = f"{delivery.system}_{delivery.category}"
    database.execute(f"CREATE OR REPLACE TEMP TABLE typed AS {standardized(database, delivery, reader(delivery, out))}")
    key = ", ".join(map(SQL.name, delivery.key))
    raws = ", ".join(map(SQL.name, delivery.sources))
    database.execute(f"""CREATE OR REPLACE TEMP TABLE repeated AS
        SELECT record, source_update_time, {key}, row_number() OVER (PARTITION BY {key}, {raws} ORDER BY record) > 1
            AS is_repeated
        FROM typed WHERE ({key}) IN (SELECT ({key}) FROM typed WHERE {
        " AND ".join(f"{SQL.name(name)} IS NOT NULL" for name in delivery.key)
    } GROUP BY {key} HAVING count(*) > 1)""")
    database.execute(f"""CREATE OR REPLACE TEMP TABLE contradicting AS
        SELECT record FROM (SELECT record, count(*) OVER (PARTITION BY {key}, source_update_time) AS others
            FROM repeated WHERE NOT is_repeated) WHERE others > 1""")
    checks = [*delivery.checks, duplicate_check()]
    tests = [SQL.sql(check.failed) for check in delivery.checks] + ["contradicting.record IS NOT NULL"]
    cases = ", ".join(f"CASE WHEN {test} THEN {number} END" for number, test in enumerate(tests))
    returning = [number for number, check in enumerate(checks) if check.severity == "return"]
    database.execute(f"""CREATE OR REPLACE TEMP TABLE judged AS
        SELECT record, found, list_has_any(found, {returning}) AS is_returned FROM (
            SELECT typed.record, list_filter([{cases}], lambda x: x IS NOT NULL) AS found FROM typed
            LEFT JOIN contradicting ON contradicting.record = typed.record
            WHERE typed.record NOT IN (SELECT record FROM repeated WHERE is_repeated))""")
    fill(
        database,
        "rules",
        ["number", "rule", "issue", "severity"],
        [(str(number), check.rule, check.issue, check.severity) for number, check in enumerate(checks)],
    )
    kind = "TEMP TABLE" if is_check else "TABLE"
    database.execute(
        f"CREATE {kind} {prefix}_finding AS SELECT record, rule, issue, severity FROM "
        "(SELECT record, CAST(unnest(found) AS VARCHAR) AS number FROM judged) JOIN rules USING (number)"
    )
    if not is_check:
        values = ", ".join(map(SQL.name, delivery.values))
        for table, columns, test in (("accepted", values, "NOT is_returned"), ("rejected", raws, "is_returned")):
            database.execute(
                f"CREATE TABLE {prefix}_{table} AS SELECT record, {columns} FROM typed "
                f"JOIN judged USING (record) WHERE {test}"
            )
    read, returned, judged = database.execute(
        "SELECT (SELECT count(*) FROM typed), count(*) FILTER (is_returned), count(*) FROM judged"
    ).fetchone()
    counts = database.execute(f"SELECT rule, severity, count(*) FROM {prefix}_finding GROUP BY ALL").fetchall()
    return Outcome.of(read, judged - returned, returned, counts)


def main() -> None:
    """All deliveries, one after the other; DuckDB itself uses both cores."""
    options = arguments()
    database = duckdb.connect(str(options.out / "peers.duckdb"))
    write(
        options.out,
        {delivery.name: work(database, delivery, options.out, options.check) for delivery in load(options.set)},
    )
    database.close()


if __name__ == "__main__":
    main()
