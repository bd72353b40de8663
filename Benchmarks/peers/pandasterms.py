"""Compiles terms to pandas expressions over a frame of nullable strings (for Pandera and Great Expectations)."""

from __future__ import annotations

import codecs
import json
import operator
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

from closures import EDGES, SEPARATORS, numerals
from job import NARROW, Delivery, Lookup
from records import member
from terms import Term

TEXT = pd.StringDtype("pyarrow", na_value=pd.NA)
COMPARE = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


def read(delivery: Delivery) -> pd.DataFrame:
    """Raw columns of every record."""
    if delivery.format == "csv":
        headings = list(dict.fromkeys(delivery.sources.values()))
        frame = pd.read_csv(
            delivery.path,
            encoding=codecs.lookup(delivery.encoding).name,
            dtype=TEXT,
            keep_default_na=False,
            usecols=headings,
        )
        return frame[list(delivery.sources.values())].set_axis(list(delivery.sources), axis=1)
    paths = {name: path.split("/") for name, path in delivery.sources.items()}
    with open(delivery.path, encoding=delivery.encoding) as file:
        documents = [json.loads(line) for line in file]
    return pd.DataFrame(
        {name: pd.array([member(document, path) for document in documents], dtype=TEXT) for name, path in paths.items()}
    )


class Frame:
    """Evaluates terms over one frame; columns are added as steps are taken."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def take(self, delivery: Delivery) -> None:
        """All steps of a delivery."""
        for step in delivery.steps:
            if isinstance(step, dict):
                new = {name: self.series(term) for name, term in step.items()}
            else:
                new = {lookup.target: self.codes(lookup) for lookup in step}
            kept = self.frame.drop(columns=[name for name in new if name in self.frame])
            self.frame = pd.concat([kept, pd.DataFrame(new)], axis=1)

    def codes(self, lookup: Lookup) -> pd.Series:
        """Codes of a label, or of several; missing if one is unknown."""
        text = self.frame[lookup.source]
        if not lookup.is_many:
            return text.map(lookup.pairs).astype(TEXT)

        def many(value: str) -> str | None:
            codes = [lookup.pairs.get(each) for each in SEPARATORS.split(value) if each]
            return None if None in codes else ";".join(codes)

        return text.map({value: many(value) for value in text.dropna().unique()}).astype(TEXT)

    def series(self, term: Term) -> pd.Series:
        """The values of a term, one for each record."""
        value = self.value(term)
        return (
            value
            if isinstance(value, pd.Series)
            else pd.Series(
                value, index=self.frame.index, dtype=(TEXT if value is None or isinstance(value, str) else None)
            )
        )

    def failed(self, term: Term) -> np.ndarray:
        """Where a check fails; unknown is not."""
        return self.series(term).astype("boolean").fillna(False).to_numpy(dtype=bool)

    def value(self, term: Term) -> Any:
        """A series, or a plain value where the term is constant."""
        return getattr(self, f"op_{term.op}")(*term.args)

    def op_col(self, name: str) -> pd.Series:
        return self.frame[name]

    def op_lit(self, value: Any) -> Any:
        return pd.Timestamp(value) if hasattr(value, "year") else value

    def op_null(self, kind: str) -> pd.Series:
        dtype = "float64" if kind == "decimal" else "datetime64[us]"
        return pd.Series(None, index=self.frame.index, dtype=dtype)

    def op_nothing(self, _: Term) -> pd.Series:
        return pd.Series(None, index=self.frame.index, dtype=TEXT)

    def op_trim(self, inner: Term) -> pd.Series:
        text = self.series(inner).str.strip(EDGES)
        marked = text.str.match("^['=]").fillna(False)
        if not marked.any():
            return text
        quoted = text[marked]
        excel = quoted.str.match('^=".+"$')
        apostrophe = quoted.str.startswith("'") & ((quoted.str.len() == 1) | ~quoted.str.endswith("'"))
        bare = quoted.mask(excel, quoted.str.slice(2, -1)).mask(apostrophe, quoted.str.slice(1))
        text.loc[marked] = bare.str.strip(EDGES)
        return text

    def op_nullif(self, inner: Term, spellings: tuple[str, ...]) -> pd.Series:
        text = self.series(inner)
        return text.mask(text.str.lower().isin(spellings), pd.NA)

    def op_narrow(self, inner: Term) -> pd.Series:
        text = self.series(inner)
        wide = text.str.contains("[\uff01-\uff5e\u3000]").fillna(False)
        if wide.any():
            text = text.copy()
            text.loc[wide] = text[wide].str.translate(NARROW)
        return text

    def op_lower(self, inner: Term) -> pd.Series:
        return self.series(inner).str.lower()

    def op_upper(self, inner: Term) -> pd.Series:
        return self.series(inner).str.upper()

    def op_length(self, inner: Term) -> pd.Series:
        return self.series(inner).str.len()

    def op_sub(self, inner: Term, pattern: str, by: str) -> pd.Series:
        return self.series(inner).str.replace(pattern, by, regex=True)

    def op_match(self, inner: Term, pattern: str) -> pd.Series:
        return self.series(inner).str.contains(pattern.replace("(", "(?:"), regex=True)

    def op_in(self, inner: Term, values: tuple[str, ...]) -> pd.Series:
        text = self.series(inner)
        return text.isin(values).astype("boolean").mask(text.isna(), pd.NA)

    def op_code(self, inner: Term, pairs: tuple[tuple[str, str], ...]) -> pd.Series:
        return self.series(inner).map(dict(pairs)).astype(TEXT)

    def op_substr(self, inner: Term, start: int, length: int) -> pd.Series:
        return self.series(inner).str.slice(start - 1, start - 1 + length)

    def op_concat(self, left: Term, right: Term) -> pd.Series:
        return self.series(left) + self.series(right)

    def op_numerals(self, inner: Term) -> pd.Series:
        text = self.series(inner)
        written = text.str.contains("^[〇一二三四五六七八九]{4}年").fillna(False)
        result = text.copy()
        if written.any():
            result.loc[written] = [numerals(value) for value in text[written]]
        return result

    def op_date(self, inner: Term) -> pd.Series:
        return pd.to_datetime(self.series(inner), format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")

    def op_datetime(self, inner: Term) -> pd.Series:
        return pd.to_datetime(self.series(inner), format="%Y-%m-%d %H:%M:%S", errors="coerce").astype("datetime64[us]")

    def numbers(self, inner: Term) -> pd.Series:
        """Texts as floating numbers; what is none misses."""
        return pd.to_numeric(self.series(inner).astype(object), errors="coerce").astype("float64")

    def op_serial(self, inner: Term) -> pd.Series:
        days = self.numbers(inner).where(lambda value: value < 3e6)
        return (pd.Timestamp("1899-12-30") + pd.to_timedelta(days, unit="D")).astype("datetime64[us]")

    def op_epoch(self, inner: Term) -> pd.Series:
        moments = self.numbers(inner).where(lambda value: value < 1e14)
        return (pd.to_datetime(moments, unit="ms") + pd.Timedelta(hours=8)).astype("datetime64[us]")

    def op_day(self, inner: Term) -> pd.Series:
        return self.series(inner).dt.normalize()

    def op_decimal(self, inner: Term, _: int) -> pd.Series:
        return self.numbers(inner)

    def op_weighted(self, inner: Term, start: int, weights: tuple[int, ...], alphabet: str, modulus: int) -> pd.Series:
        matrix = self.signs(inner, start, len(weights))
        places = np.zeros(256, dtype=np.int64)
        places[np.frombuffer(alphabet.encode(), dtype=np.uint8)] = np.arange(len(alphabet))
        return pd.Series(places[matrix] @ np.array(weights) % modulus, index=self.frame.index)

    def op_hybrid(self, inner: Term, start: int, digits: int) -> pd.Series:
        matrix = self.signs(inner, start, digits).astype(np.int64) - 48
        rest = np.full(len(matrix), 10)
        for place in range(digits):
            rest = ((rest + matrix[:, place] - 1) % 10 + 1) * 2 % 11
        return pd.Series(rest, index=self.frame.index)

    def signs(self, inner: Term, start: int, length: int) -> np.ndarray:
        """Bytes of a part of each text, one row each; zeros where the part is not of that many ASCII signs."""
        filler = "0" * length
        parts = [
            part if isinstance(part, str) and len(part) == length and part.isascii() else filler
            for part in self.series(inner).str.slice(start - 1, start - 1 + length).to_list()
        ]
        return np.frombuffer("".join(parts).encode(), dtype=np.uint8).reshape(-1, length)

    def op_pick(self, table: str, inner: Term) -> pd.Series:
        return self.series(inner).map(dict(enumerate(table))).astype(TEXT)

    def op_isnull(self, inner: Term) -> pd.Series:
        return self.series(inner).isna().astype("boolean")

    def op_not(self, inner: Term) -> pd.Series:
        return ~self.series(inner).astype("boolean")

    def op_and(self, *parts: Term) -> pd.Series:
        return reduce(operator.and_, (self.series(part).astype("boolean") for part in parts))

    def op_or(self, *parts: Term) -> pd.Series:
        return reduce(operator.or_, (self.series(part).astype("boolean") for part in parts))

    def op_if(self, condition: Term, then: Term, otherwise: Term) -> pd.Series:
        test = self.series(condition).astype("boolean").fillna(False).to_numpy(dtype=bool)
        if test.all():
            return self.series(then)
        if not test.any():
            return self.series(otherwise)
        return self.series(then).where(test, self.series(otherwise))


def _comparison(name: str) -> Any:
    compare = COMPARE[name]

    def run(self: Frame, left: Term, right: Term) -> pd.Series:
        one, other = self.value(left), self.value(right)
        known = np.ones(len(self.frame), dtype=bool)
        for side in (one, other):
            known &= pd.notna(side).to_numpy() if isinstance(side, pd.Series) else side is not None
        result = compare(one, other)
        if not isinstance(result, pd.Series):
            result = pd.Series(result, index=self.frame.index)
        return result.astype("boolean").mask(~known, pd.NA)

    return run


for _name in COMPARE:
    setattr(Frame, f"op_{_name}", _comparison(_name))


def contradictions(delivery: Delivery, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Whether each record repeats an earlier one, and whether it contradicts another."""
    keyed = frame[delivery.key].notna().all(axis=1)
    shared = keyed & frame.duplicated(delivery.key, keep=False)
    chosen = frame.loc[shared, list(dict.fromkeys([*delivery.key, *delivery.sources, "source_update_time"]))]
    repeated = chosen.duplicated([*delivery.key, *delivery.sources])
    first = chosen[~repeated]
    contradicting = first[first.duplicated([*delivery.key, "source_update_time"], keep=False)]
    return frame.index.isin(repeated[repeated].index), frame.index.isin(contradicting.index)
