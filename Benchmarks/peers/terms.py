"""The terms that a job is made of: what a value becomes and when a check fails.

A term is an operation and its operands. The loader writes every step of the job in these few
operations; each peer's compiler turns them into its own idiom (SQL text, Polars expressions, ...).
Truth has three values: an operation on a missing value is missing, `and`, `or` and `not` are
Kleene's, `isnull` never misses.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Term:
    """An operation and its operands, which are terms or plain Python values."""

    op: str
    args: tuple[Any, ...]

    def rewritten(self, change: Callable[[Term], Term]) -> Term:
        """The term with every part changed, innermost first."""
        return change(
            Term(self.op, tuple(arg.rewritten(change) if isinstance(arg, Term) else arg for arg in self.args))
        )


def term(op: str, *args: Any) -> Term:
    """A term; plain values among the operands stay what they are."""
    return Term(op, args)


def col(name: str) -> Term:
    """The value of a column."""
    return Term("col", (name,))


def lit(value: str | int | bool | datetime.date | datetime.datetime | None) -> Term:
    """A constant."""
    return Term("lit", (value,))


def every(*parts: Term) -> Term:
    """All hold."""
    return parts[0] if len(parts) == 1 else Term("and", parts)


def some(*parts: Term) -> Term:
    """One holds."""
    return parts[0] if len(parts) == 1 else Term("or", parts)


def negated(part: Term) -> Term:
    """Does not hold."""
    return Term("not", (part,))


def matches(value: Term, pattern: str) -> Term:
    """The whole text fits a regular expression, which says `^` and `$` itself."""
    return Term("match", (value, pattern))


def replaced(value: Term, pattern: str, by: str) -> Term:
    r"""The text with what fits the pattern replaced; groups are written `\1`."""
    return Term("sub", (value, pattern, by))


def within(value: Term, values: list[str] | tuple[str, ...]) -> Term:
    """The text is one of these."""
    return Term("in", (value, tuple(values)))


def part(value: Term, start: int, length: int) -> Term:
    """Characters of a text, counted from 1."""
    return Term("substr", (value, start, length))


def when(condition: Term, then: Term, otherwise: Term) -> Term:
    """One value where the condition is true, else the other."""
    return Term("if", (condition, then, otherwise))


def filled(value: Term) -> Term:
    """The value is there."""
    return negated(Term("isnull", (value,)))
