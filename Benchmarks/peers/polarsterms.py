"""Compiles terms to Polars expressions."""

from __future__ import annotations

import datetime
import operator
from functools import reduce
from typing import Any

import numpy as np
import polars as pl

from closures import EDGES
from job import NARROW, Lookup
from sqltext import TENS
from terms import Term

COMPARE = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
KINDS = {"date": pl.Date, "datetime": pl.Datetime("us"), "decimal": pl.Decimal(18, 6)}


def expression(term: Term) -> pl.Expr:
    """The expression of a term."""
    return getattr(Expressions, f"op_{term.op}")(*term.args)


def groups(by: str) -> str:
    r"""`\1` as `${1}`."""
    for number in range(1, 10):
        by = by.replace(f"\\{number}", f"${{{number}}}")
    return by


def signs(texts: pl.Series, start: int, length: int) -> np.ndarray:
    """Bytes of a part of each text, one row each; zeros where the part is not of that many ASCII signs."""
    parts = texts.str.slice(start - 1, length)
    fits = (parts.str.len_bytes() == length) & (parts.str.len_chars() == length)
    parts = pl.select(pl.when(fits.fill_null(False)).then(parts).otherwise(pl.lit("0" * length))).to_series()
    joined = parts.str.join("").item() if len(parts) else ""
    return np.frombuffer(joined.encode(), dtype=np.uint8).reshape(-1, length)


def weighted_sums(texts: pl.Series, start: int, weights: tuple[int, ...], alphabet: str, modulus: int) -> pl.Series:
    """Weighted sums of many texts at once."""
    places = np.zeros(256, dtype=np.int64)
    places[np.frombuffer(alphabet.encode(), dtype=np.uint8)] = np.arange(len(alphabet))
    sums = places[signs(texts, start, len(weights))] @ np.array(weights) % modulus
    return pl.Series(texts.name, sums)


def hybrid_sums(texts: pl.Series, start: int, digits: int) -> pl.Series:
    """ISO 7064 MOD 11,10 of many texts at once."""
    matrix = signs(texts, start, digits).astype(np.int64) - 48
    rest = np.full(len(matrix), 10)
    for place in range(digits):
        rest = ((rest + matrix[:, place] - 1) % 10 + 1) * 2 % 11
    return pl.Series(texts.name, rest)


class Expressions:
    """One builder for each operation."""

    op_col = staticmethod(pl.col)

    @staticmethod
    def op_lit(value: Any) -> pl.Expr:
        return pl.lit(value, dtype=pl.String) if value is None else pl.lit(value)

    @staticmethod
    def op_null(kind: str) -> pl.Expr:
        return pl.lit(None, dtype=KINDS[kind])

    @staticmethod
    def op_nothing(_: Term) -> pl.Expr:
        return pl.lit(None, dtype=pl.String)

    @staticmethod
    def op_trim(inner: Term) -> pl.Expr:
        bare = expression(inner).str.strip_chars(EDGES)
        apostrophe = bare.str.starts_with("'") & ((bare.str.len_chars() == 1) | ~bare.str.ends_with("'"))
        quoted = bare.str.starts_with('="') & bare.str.ends_with('"') & (bare.str.len_chars() > 3)
        return (
            pl.when(apostrophe)
            .then(bare.str.slice(1).str.strip_chars(EDGES))
            .when(quoted)
            .then(bare.str.strip_prefix('="').str.strip_suffix('"').str.strip_chars(EDGES))
            .otherwise(bare)
        )

    @staticmethod
    def op_nullif(inner: Term, spellings: tuple[str, ...]) -> pl.Expr:
        value = expression(inner)
        return pl.when(~value.str.to_lowercase().is_in(list(spellings))).then(value)

    @staticmethod
    def op_narrow(inner: Term) -> pl.Expr:
        return expression(inner).str.replace_many(list(map(chr, NARROW)), list(map(chr, NARROW.values())))

    @staticmethod
    def op_lower(inner: Term) -> pl.Expr:
        return expression(inner).str.to_lowercase()

    @staticmethod
    def op_upper(inner: Term) -> pl.Expr:
        return expression(inner).str.to_uppercase()

    @staticmethod
    def op_length(inner: Term) -> pl.Expr:
        return expression(inner).str.len_chars()

    @staticmethod
    def op_sub(inner: Term, pattern: str, by: str) -> pl.Expr:
        return expression(inner).str.replace_all(pattern, groups(by))

    @staticmethod
    def op_match(inner: Term, pattern: str) -> pl.Expr:
        return expression(inner).str.contains(pattern)

    @staticmethod
    def op_in(inner: Term, values: tuple[str, ...]) -> pl.Expr:
        return expression(inner).is_in(list(values))

    @staticmethod
    def op_code(inner: Term, pairs: tuple[tuple[str, str], ...]) -> pl.Expr:
        return expression(inner).replace_strict(dict(pairs), default=None, return_dtype=pl.String)

    @staticmethod
    def op_substr(inner: Term, start: int, length: int) -> pl.Expr:
        return expression(inner).str.slice(start - 1, length)

    @staticmethod
    def op_concat(left: Term, right: Term) -> pl.Expr:
        return pl.concat_str(expression(left), expression(right))

    @staticmethod
    def op_numerals(inner: Term) -> pl.Expr:
        text = expression(inner).str.replace_many(list("〇一二三四五六七八九"), list("0123456789"))
        for pattern, by in TENS:
            text = text.str.replace_all(pattern, groups(by).replace(r"\g0", "${1}0"))
        return text

    @staticmethod
    def op_date(inner: Term) -> pl.Expr:
        return expression(inner).str.to_date("%Y-%m-%d", strict=False)

    @staticmethod
    def op_datetime(inner: Term) -> pl.Expr:
        return expression(inner).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)

    @staticmethod
    def op_serial(inner: Term) -> pl.Expr:
        return pl.lit(datetime.date(1899, 12, 30)) + pl.duration(days=expression(inner).cast(pl.Int32, strict=False))

    @staticmethod
    def op_epoch(inner: Term) -> pl.Expr:
        return (expression(inner).cast(pl.Int64, strict=False) * 1000).cast(pl.Datetime("us")) + pl.duration(hours=8)

    @staticmethod
    def op_day(inner: Term) -> pl.Expr:
        return expression(inner).dt.date()

    @staticmethod
    def op_decimal(inner: Term, _: int) -> pl.Expr:
        return expression(inner).str.to_decimal(scale=6)

    @staticmethod
    def op_weighted(inner: Term, *parameters: Any) -> pl.Expr:
        return expression(inner).map_batches(lambda texts: weighted_sums(texts, *parameters), return_dtype=pl.Int64)

    @staticmethod
    def op_hybrid(inner: Term, *parameters: Any) -> pl.Expr:
        return expression(inner).map_batches(lambda texts: hybrid_sums(texts, *parameters), return_dtype=pl.Int64)

    @staticmethod
    def op_pick(table: str, inner: Term) -> pl.Expr:
        return expression(inner).replace_strict(dict(enumerate(table)), default=None, return_dtype=pl.String)

    @staticmethod
    def op_isnull(inner: Term) -> pl.Expr:
        return expression(inner).is_null()

    @staticmethod
    def op_not(inner: Term) -> pl.Expr:
        return ~expression(inner)

    @staticmethod
    def op_and(*parts: Term) -> pl.Expr:
        return reduce(operator.and_, map(expression, parts))

    @staticmethod
    def op_or(*parts: Term) -> pl.Expr:
        return reduce(operator.or_, map(expression, parts))

    @staticmethod
    def op_if(condition: Term, then: Term, otherwise: Term) -> pl.Expr:
        return pl.when(expression(condition)).then(expression(then)).otherwise(expression(otherwise))


for _name, _compare in COMPARE.items():
    setattr(
        Expressions,
        f"op_{_name}",
        staticmethod(lambda left, right, compare=_compare: compare(expression(left), expression(right))),
    )


def codes_of(lookup: Lookup) -> pl.Expr:
    """Codes of a label, or of several; missing if one is unknown."""
    text = pl.col(lookup.source)
    if not lookup.is_many:
        return text.replace_strict(lookup.pairs, default=None, return_dtype=pl.String)
    parts = text.str.replace_all("[、;；|,，/]+", ";").str.strip_chars(";").str.split(";")
    codes = parts.list.eval(pl.element().replace_strict(lookup.pairs, default=None, return_dtype=pl.String))
    return pl.when(~codes.list.contains(pl.lit(None, dtype=pl.String))).then(codes.list.join(";"))
