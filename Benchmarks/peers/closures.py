"""Compiles terms to plain Python functions over a record, a dictionary of columns."""

from __future__ import annotations

import datetime
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from job import NARROW, Check, Delivery
from terms import Term

Record = dict[str, Any]
Function = Callable[[Record], Any]

EDGES = " \t\r\n\v\f\u00a0\u3000\u200b\ufeff"
DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
COMPARE = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
SEPARATORS = re.compile("[、;；|,，/]+")
EPOCH = datetime.datetime(1970, 1, 1, 8)
SERIALS = datetime.date(1899, 12, 30)


def trim(text: str | None) -> str | None:
    """Without white space and Excel's text marks at the edges."""
    if text is None:
        return None
    text = text.strip(EDGES)
    if text.startswith("'") and not (len(text) > 1 and text.endswith("'")):
        return text[1:].strip(EDGES)
    if text.startswith('="') and text.endswith('"') and len(text) > 3:
        return text[2:-1].strip(EDGES)
    return text


def numerals(text: str) -> str:
    """`二〇二六年三月十一日` as `2026-3-11`."""
    year, _, rest = text.partition("年")
    month, _, day = rest.partition("月")

    def small(number: str) -> str:
        tens, is_ten, ones = number.rstrip("日").partition("十")
        if not is_ten:
            return tens.translate(DIGITS)
        return (tens or "一").translate(DIGITS) + (ones or "〇").translate(DIGITS)

    return f"{year.translate(DIGITS)}-{small(month)}-{small(day)}"


def to_date(text: str) -> datetime.date | None:
    """A day, or nothing if the calendar has none such."""
    try:
        year, month, day = text.split("-")
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        return None


def to_datetime(text: str) -> datetime.datetime | None:
    """A moment, or nothing if there is none such."""
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None


def hybrid(text: str) -> int:
    """The remainder of ISO 7064 MOD 11,10 before the check digit."""
    rest = 10
    for sign in text:
        rest = (rest + int(sign)) % 10 or 10
        rest = rest * 2 % 11
    return rest


def compile_term(term: Term) -> Function:
    """The function of a term; missing values are None."""
    return getattr(Closures, f"op_{term.op}")(*term.args)


def unary(function: Callable[[Any], Any]) -> Callable[[Term], Function]:
    """A function of one value that misses where the value does."""

    def build(inner: Term) -> Function:
        get = compile_term(inner)

        def run(record: Record) -> Any:
            value = get(record)
            return None if value is None else function(value)

        return run

    return build


class Closures:
    """One builder for each operation."""

    op_lower = staticmethod(unary(str.lower))
    op_upper = staticmethod(unary(str.upper))
    op_trim = staticmethod(unary(trim))
    op_narrow = staticmethod(unary(lambda text: text if text.isascii() else text.translate(NARROW)))
    op_numerals = staticmethod(unary(numerals))
    op_date = staticmethod(unary(to_date))
    op_datetime = staticmethod(unary(to_datetime))
    op_serial = staticmethod(unary(lambda text: SERIALS + datetime.timedelta(days=int(text))))
    op_epoch = staticmethod(unary(lambda text: EPOCH + datetime.timedelta(seconds=int(text) // 1000)))
    op_day = staticmethod(unary(datetime.datetime.date))
    op_length = staticmethod(unary(len))
    op_nothing = staticmethod(lambda _: lambda record: None)
    op_null = staticmethod(lambda _: lambda record: None)

    @staticmethod
    def op_col(name: str) -> Function:
        return operator.itemgetter(name)

    @staticmethod
    def op_lit(value: Any) -> Function:
        return lambda record: value

    @staticmethod
    def op_nullif(inner: Term, spellings: tuple[str, ...]) -> Function:
        get, known = compile_term(inner), frozenset(spellings)

        def run(record: Record) -> str | None:
            text = get(record)
            return None if text is None or text.lower() in known else text

        return run

    @staticmethod
    def op_sub(inner: Term, pattern: str, by: str) -> Function:
        replace = re.compile(pattern).sub
        return unary(lambda text: replace(by, text))(inner)

    @staticmethod
    def op_match(inner: Term, pattern: str) -> Function:
        test = re.compile(pattern.replace("$", r"\Z")).match
        return unary(lambda text: test(text) is not None)(inner)

    @staticmethod
    def op_in(inner: Term, values: tuple[str, ...]) -> Function:
        known = frozenset(values)
        return unary(lambda text: text in known)(inner)

    @staticmethod
    def op_code(inner: Term, pairs: tuple[tuple[str, str], ...]) -> Function:
        return unary(dict(pairs).get)(inner)

    @staticmethod
    def op_substr(inner: Term, start: int, length: int) -> Function:
        return unary(lambda text: text[start - 1 : start - 1 + length])(inner)

    @staticmethod
    def op_concat(left: Term, right: Term) -> Function:
        one, other = compile_term(left), compile_term(right)
        return lambda record: one(record) + other(record)

    @staticmethod
    def op_weighted(inner: Term, start: int, weights: tuple[int, ...], alphabet: str, modulus: int) -> Function:
        places = {sign: place for place, sign in enumerate(alphabet)}
        end = start - 1 + len(weights)

        def run(text: str) -> int:
            return (
                sum(places[sign] * weight for sign, weight in zip(text[start - 1 : end], weights, strict=True))
                % modulus
            )

        return unary(run)(inner)

    @staticmethod
    def op_hybrid(inner: Term, start: int, digits: int) -> Function:
        return unary(lambda text: hybrid(text[start - 1 : start - 1 + digits]))(inner)

    @staticmethod
    def op_pick(table: str, inner: Term) -> Function:
        return unary(lambda place: table[place])(inner)

    @staticmethod
    def op_decimal(inner: Term, _: int) -> Function:
        return unary(Decimal)(inner)

    @staticmethod
    def op_isnull(inner: Term) -> Function:
        get = compile_term(inner)
        return lambda record: get(record) is None

    @staticmethod
    def op_not(inner: Term) -> Function:
        return unary(operator.not_)(inner)

    @staticmethod
    def op_and(*parts: Term) -> Function:
        functions = [compile_term(part) for part in parts]

        def run(record: Record) -> bool | None:
            result: bool | None = True
            for function in functions:
                value = function(record)
                if value is False:
                    return False
                if value is None:
                    result = None
            return result

        return run

    @staticmethod
    def op_or(*parts: Term) -> Function:
        functions = [compile_term(part) for part in parts]

        def run(record: Record) -> bool | None:
            result: bool | None = False
            for function in functions:
                value = function(record)
                if value is True:
                    return True
                if value is None:
                    result = None
            return result

        return run

    @staticmethod
    def op_if(condition: Term, then: Term, otherwise: Term) -> Function:
        test, one, other = compile_term(condition), compile_term(then), compile_term(otherwise)
        return lambda record: one(record) if test(record) else other(record)


def _comparison(name: str) -> Callable[[Term, Term], Function]:
    compare = COMPARE[name]

    def build(left: Term, right: Term) -> Function:
        one, other = compile_term(left), compile_term(right)

        def run(record: Record) -> bool | None:
            first, second = one(record), other(record)
            return None if first is None or second is None else compare(first, second)

        return run

    return build


for _name in COMPARE:
    setattr(Closures, f"op_{_name}", staticmethod(_comparison(_name)))


class Standardizer:
    """Fills the columns of a record that the steps of a delivery say."""

    def __init__(self, delivery: Delivery) -> None:
        self.steps: list[Callable[[Record], None]] = []
        for step in delivery.steps:
            if isinstance(step, dict):
                self.steps.append(self._project({name: compile_term(each) for name, each in step.items()}))
            else:
                for lookup in step:
                    self.steps.append(self._lookup(lookup.source, lookup.target, lookup.pairs, lookup.is_many))

    @staticmethod
    def _project(functions: dict[str, Function]) -> Callable[[Record], None]:
        items = list(functions.items())

        def run(record: Record) -> None:
            record.update([(name, function(record)) for name, function in items])

        return run

    @staticmethod
    def _lookup(source: str, target: str, pairs: dict[str, str], is_many: bool) -> Callable[[Record], None]:
        def one(record: Record) -> None:
            record[target] = pairs.get(record[source])

        def many(record: Record) -> None:
            text = record[source]
            codes = None if text is None else [pairs.get(each) for each in SEPARATORS.split(text) if each]
            record[target] = None if codes is None or None in codes else ";".join(codes)

        return many if is_many else one

    def __call__(self, record: Record) -> None:
        for step in self.steps:
            step(record)


def failing(checks: list[Check]) -> list[tuple[Check, Function]]:
    """The checks with their functions, true where a record fails."""
    return [(check, compile_term(check.failed)) for check in checks]
