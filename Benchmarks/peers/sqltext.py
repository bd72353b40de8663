"""Compiles terms to SQL text, in the dialects of DuckDB and Spark."""

from __future__ import annotations

import datetime
from typing import Any

from closures import EDGES
from job import NARROW, Delivery, Lookup
from terms import Term

COMPARE = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
NULLS = {"date": "CAST(NULL AS DATE)", "datetime": "CAST(NULL AS {moment})", "decimal": "CAST(NULL AS DECIMAL(18, 6))"}
# 二十三 and the like; the order matters.
TENS = (
    ("([1-9])十([1-9])", r"\1\2"),
    ("([1-9])十", r"\g0"),
    ("十([1-9])", r"1\1"),
    ("十", "10"),
    ("^(....)年([0-9]+)月([0-9]+)日$", r"\1-\2-\3"),
)


class Dialect:
    """DuckDB's SQL; another dialect overrides what it says differently."""

    moment = "TIMESTAMP"
    try_cast = "TRY_CAST"

    def text(self, value: str) -> str:
        """A literal."""
        return "'" + value.replace("'", "''") + "'"

    def name(self, name: str) -> str:
        """A column."""
        return f'"{name}"'

    def sql(self, part: Any) -> str:
        """The text of a term."""
        return getattr(self, f"op_{part.op}")(*part.args)

    def op_col(self, name: str) -> str:
        return self.name(name)

    def op_lit(self, value: Any) -> str:
        match value:
            case None:
                return "CAST(NULL AS VARCHAR(100))"
            case bool():
                return "TRUE" if value else "FALSE"
            case datetime.datetime():
                return f"{self.moment} '{value}'"
            case datetime.date():
                return f"DATE '{value}'"
            case int():
                return str(value)
            case _:
                return self.text(value)

    def op_null(self, kind: str) -> str:
        return NULLS[kind].format(moment=self.moment)

    def op_nothing(self, _: Term) -> str:
        return "CAST(NULL AS VARCHAR(100))"

    def op_trim(self, inner: Term) -> str:
        bare = self.strip(self.sql(inner))
        tail = self.strip(f"substr({bare}, 2)")
        quoted = self.strip(f"substr({bare}, 3, length({bare}) - 3)")
        apostrophe = self.text("'")
        return (
            f"CASE WHEN substr({bare}, 1, 1) = {apostrophe} AND (length({bare}) = 1 OR right({bare}, 1) <> "
            f"{apostrophe}) THEN {tail} WHEN substr({bare}, 1, 2) = '=\"' AND right({bare}, 1) = '\"' "
            f"AND length({bare}) > 3 THEN {quoted} ELSE {bare} END"
        )

    def strip(self, text: str) -> str:
        return f"trim({text}, {self.text(EDGES)})"

    def op_nullif(self, inner: Term, spellings: tuple[str, ...]) -> str:
        value = self.sql(inner)
        return f"CASE WHEN {self.among(f'lower({value})', spellings)} THEN NULL ELSE {value} END"

    def among(self, value: str, texts: tuple[str, ...]) -> str:
        return f"{value} IN ({', '.join(map(self.text, texts))})"

    def op_narrow(self, inner: Term) -> str:
        wide, narrow = "".join(map(chr, NARROW)), "".join(map(chr, NARROW.values()))
        text = self.sql(inner)
        return (
            f"CASE WHEN {self.is_ascii(text)} OR NOT {self.holds_wide(text)} THEN {text} ELSE "
            f"translate({text}, {self.text(wide)}, {self.text(narrow)}) END"
        )

    def holds_wide(self, text: str) -> str:
        """Some full-width form stands in the text."""
        return f"regexp_matches({text}, '[\uff01-\uff5e\u3000]')"

    def is_ascii(self, text: str) -> str:
        """As many bytes as characters."""
        return f"strlen({text}) = length({text})"

    def op_lower(self, inner: Term) -> str:
        return f"lower({self.sql(inner)})"

    def op_upper(self, inner: Term) -> str:
        return f"upper({self.sql(inner)})"

    def op_length(self, inner: Term) -> str:
        return f"length({self.sql(inner)})"

    def op_sub(self, inner: Term, pattern: str, by: str) -> str:
        return f"regexp_replace({self.sql(inner)}, {self.text(pattern)}, {self.text(by)}, 'g')"

    def op_match(self, inner: Term, pattern: str) -> str:
        return f"regexp_matches({self.sql(inner)}, {self.text(pattern)})"

    def op_in(self, inner: Term, values: tuple[str, ...]) -> str:
        return self.among(self.sql(inner), values)

    def op_code(self, inner: Term, pairs: tuple[tuple[str, str], ...]) -> str:
        cases = " ".join(f"WHEN {self.text(key)} THEN {self.text(code)}" for key, code in pairs)
        return f"CASE {self.sql(inner)} {cases} END"

    def op_substr(self, inner: Term, start: int, length: int) -> str:
        return f"substr({self.sql(inner)}, {start}, {length})"

    def op_concat(self, left: Term, right: Term) -> str:
        return f"concat({self.sql(left)}, {self.sql(right)})"

    def op_numerals(self, inner: Term) -> str:
        text = f"translate({self.sql(inner)}, '〇一二三四五六七八九', '0123456789')"
        for pattern, by in TENS:
            text = self.replaced(text, pattern, by)
        return text

    def replaced(self, text: str, pattern: str, by: str) -> str:
        return f"regexp_replace({text}, {self.text(pattern)}, {self.text(by.replace('g0', '10'))}, 'g')"

    def op_date(self, inner: Term) -> str:
        return f"{self.try_cast}({self.sql(inner)} AS DATE)"

    def op_datetime(self, inner: Term) -> str:
        return f"{self.try_cast}({self.sql(inner)} AS {self.moment})"

    def op_serial(self, inner: Term) -> str:
        return f"DATE '1899-12-30' + {self.try_cast}({self.sql(inner)} AS INTEGER)"

    def op_epoch(self, inner: Term) -> str:
        return f"epoch_ms({self.try_cast}({self.sql(inner)} AS BIGINT)) + INTERVAL 8 HOUR"

    def op_day(self, inner: Term) -> str:
        return f"CAST({self.sql(inner)} AS DATE)"

    def op_decimal(self, inner: Term, _: int) -> str:
        return f"{self.try_cast}({self.sql(inner)} AS DECIMAL(18, 6))"

    def op_weighted(self, inner: Term, start: int, weights: tuple[int, ...], alphabet: str, modulus: int) -> str:
        value = self.sql(inner)
        parts = (
            f"(instr({self.text(alphabet)}, substr({value}, {start + place}, 1)) - 1) * {weight}"
            for place, weight in enumerate(weights)
        )
        return f"({' + '.join(parts)}) % {modulus}"

    def op_hybrid(self, inner: Term, start: int, digits: int) -> str:
        value, rest = self.sql(inner), "10"
        for place in range(start, start + digits):
            rest = f"((({rest} + ascii(substr({value}, {place}, 1)) - 49) % 10 + 1) * 2 % 11)"
        return rest

    def op_pick(self, table: str, inner: Term) -> str:
        return f"substr({self.text(table)}, CAST({self.sql(inner)} AS INTEGER) + 1, 1)"

    def op_isnull(self, inner: Term) -> str:
        return f"({self.sql(inner)} IS NULL)"

    def op_not(self, inner: Term) -> str:
        return f"(NOT {self.sql(inner)})"

    def op_and(self, *parts: Term) -> str:
        return "(" + " AND ".join(map(self.sql, parts)) + ")"

    def op_or(self, *parts: Term) -> str:
        return "(" + " OR ".join(map(self.sql, parts)) + ")"

    def op_if(self, condition: Term, then: Term, otherwise: Term) -> str:
        return f"CASE WHEN {self.sql(condition)} THEN {self.sql(then)} ELSE {self.sql(otherwise)} END"

    # Whole steps

    def codes_of(self, lookup: Lookup) -> str:
        """Codes of a text with several labels; missing if one is unknown."""
        pairs = ", ".join(f"{self.text(key)}: {self.text(code)}" for key, code in lookup.pairs.items())
        parts = f"list_filter(regexp_split_to_array({self.name(lookup.source)}, '[、;；|,，/]+'), lambda x: x <> '')"
        codes = f"list_transform({parts}, lambda x: MAP {{{pairs}}}[x])"
        return (
            f"CASE WHEN len(list_filter({codes}, lambda x: x IS NULL)) > 0 THEN NULL "
            f"ELSE array_to_string({codes}, ';') END"
        )


for _name, _sign in COMPARE.items():
    setattr(
        Dialect, f"op_{_name}", lambda self, left, right, sign=_sign: f"({self.sql(left)} {sign} {self.sql(right)})"
    )


def whole(pattern: str) -> str:
    """The pattern for Java, where `$` also stands before a last line break."""
    return pattern.replace("$", r"\z")


class SparkDialect(Dialect):
    """Spark SQL."""

    moment = "TIMESTAMP_NTZ"
    try_cast = "TRY_CAST"

    def text(self, value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def name(self, name: str) -> str:
        return f"`{name}`"

    def strip(self, text: str) -> str:
        return f"trim(BOTH {self.text(EDGES)} FROM {text})"

    def op_sub(self, inner: Term, pattern: str, by: str) -> str:
        return self.replaced(self.sql(inner), pattern, by)

    def replaced(self, text: str, pattern: str, by: str) -> str:
        by = by.replace(r"\g0", "$10").replace("\\", "$")
        return f"regexp_replace({text}, {self.text(whole(pattern))}, {self.text(by)})"

    def op_match(self, inner: Term, pattern: str) -> str:
        return f"({self.sql(inner)} RLIKE {self.text(whole(pattern))})"

    def op_serial(self, inner: Term) -> str:
        return f"date_add(DATE '1899-12-30', {self.try_cast}({self.sql(inner)} AS INT))"

    def op_epoch(self, inner: Term) -> str:
        moment = f"timestamp_millis({self.try_cast}({self.sql(inner)} AS BIGINT)) + INTERVAL 8 HOURS"
        return f"CAST({moment} AS TIMESTAMP_NTZ)"

    def is_ascii(self, text: str) -> str:
        return f"octet_length({text}) = length({text})"

    def holds_wide(self, text: str) -> str:
        return f"({text} RLIKE '[\uff01-\uff5e\u3000]')"

    def op_nothing(self, _: Term) -> str:
        return "CAST(NULL AS STRING)"

    def op_lit(self, value: Any) -> str:
        return "CAST(NULL AS STRING)" if value is None else super().op_lit(value)

    def codes_of(self, lookup: Lookup) -> str:
        pairs = ", ".join(f"{self.text(key)}, {self.text(code)}" for key, code in lookup.pairs.items())
        parts = f"filter(split({self.name(lookup.source)}, '[、;；|,，/]+'), x -> x <> '')"
        codes = f"transform({parts}, x -> map({pairs})[x])"
        return f"CASE WHEN exists({codes}, x -> x IS NULL) THEN NULL ELSE array_join({codes}, ';') END"


def columns_after(delivery: Delivery) -> list[str]:
    """Columns that stand after all steps, in the order in which they appear."""
    found = dict.fromkeys(["record", *delivery.sources])
    for step in delivery.steps:
        found.update(dict.fromkeys(step if isinstance(step, dict) else [each.target for each in step]))
    return list(found)
