"""Reads the rules of `Pipelines/` that look at one record, as far as the job needs their language.

Whatever is not understood is an error: a rule is either in the job or named as left out, never half.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

from terms import Term, every, filled, lit, negated, part, some, term, within

TOKEN = re.compile(r"\s*(<=>|=>|<=|>=|!=|[=<>&|(),]|date '[0-9-]+'|'[^']*'|[0-9]+(?:\.[0-9]+)?|[a-z_]\w*)")
COMPARISONS = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


class NotInTheJob(Exception):
    """The rule says something that the job leaves to Qingyuan."""


class RuleReader:
    """Turns the text of a rule into a term.

    `value` gives the term of an element, `raw` the one that says whether it is filled.
    """

    def __init__(
        self,
        text: str,
        value: Callable[[str], Term],
        raw: Callable[[str], Term],
        night: datetime.date,
        moment: datetime.datetime,
    ) -> None:
        self.tokens = self._split(text)
        self.value, self.raw, self.night, self.moment = value, raw, night, moment

    @staticmethod
    def _split(text: str) -> list[str]:
        tokens, place = [], 0
        text = text.strip()
        while place < len(text):
            found = TOKEN.match(text, place)
            if not found:
                raise NotInTheJob(text[place:])
            tokens.append(found.group(1))
            place = found.end()
        return tokens

    def read(self) -> Term:
        """The whole rule."""
        result = self._implication()
        if self.tokens:
            raise NotInTheJob(" ".join(self.tokens))
        return result

    def _take(self, *wanted: str) -> bool:
        if self.tokens and self.tokens[0] in wanted:
            self.tokens.pop(0)
            return True
        return False

    def _need(self, wanted: str) -> None:
        if not self._take(wanted):
            raise NotInTheJob(f"{wanted} expected before {' '.join(self.tokens)}")

    def _implication(self) -> Term:
        left = self._either()
        if self._take("=>"):
            return some(negated(left), self._implication())
        if self._take("<=>"):
            return term("eq", left, self._implication())
        return left

    def _either(self) -> Term:
        parts = [self._both()]
        while self._take("|", "or"):
            parts.append(self._both())
        return some(*parts)

    def _both(self) -> Term:
        parts = [self._negation()]
        while self._take("&", "and"):
            parts.append(self._negation())
        return every(*parts)

    def _negation(self) -> Term:
        return negated(self._negation()) if self._take("not") else self._comparison()

    def _comparison(self) -> Term:
        if self._take("("):
            inner = self._implication()
            self._need(")")
            return inner
        name = self.tokens[0] if self.tokens else ""
        left = self._operand()
        if self._take("present"):
            return filled(self.raw(name))
        if self._take("absent"):
            return term("isnull", self.raw(name))
        if self._take("in"):
            return within(left, self._list())
        if self.tokens and self.tokens[0] in COMPARISONS:
            result = term(COMPARISONS[self.tokens.pop(0)], left, self._operand())
            if self.tokens and self.tokens[0] in COMPARISONS:
                raise NotInTheJob("a chain")
            return result
        raise NotInTheJob(" ".join([name, *self.tokens]))

    def _list(self) -> list[str]:
        self._need("(")
        values = []
        while not self._take(")"):
            values.append(self.tokens.pop(0).strip("'"))
            self._take(",")
        return values

    def _operand(self) -> Term:
        if not self.tokens:
            raise NotInTheJob("nothing")
        word = self.tokens.pop(0)
        if word.startswith("date '"):
            return lit(datetime.date.fromisoformat(word[6:-1]))
        if word.startswith("'"):
            return lit(word[1:-1])
        if word[0].isdigit():
            return lit(int(word))
        if word in ("today", "night"):
            return lit(self.night)
        if word == "now":
            return lit(self.moment)
        if word == "substr":
            self._need("(")
            inner = self._operand()
            self._need(",")
            start = int(self.tokens.pop(0))
            self._need(",")
            length = int(self.tokens.pop(0))
            self._need(")")
            return part(inner, start, length)
        if word == "date":
            self._need("(")
            inner = self._operand()
            self._need(")")
            return term("day", inner)
        if self.tokens and self.tokens[0] == "(":
            raise NotInTheJob(word)
        return self.value(word)
