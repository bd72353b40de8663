"""The job of one delivery, compiled from `Pipelines/`: how values are read and what must hold.

A delivery is worked off in steps that each add columns: `raw_x` as delivered, `txt_x` without its
edges and null spellings, `x` the typed value. `checks` are terms over these columns that are true
where a record fails. What the job leaves out stands in README.md.
"""

from __future__ import annotations

import datetime
import itertools
import pathlib
import re
from dataclasses import dataclass, field
from typing import Any

from catalog import Catalog
from identifiers import CHECKS, Context
from rulelanguage import NotInTheJob, RuleReader
from terms import Term, col, every, filled, lit, matches, negated, part, replaced, some, term, when, within

OPEN_ENDS = ["长期", "永久", "长期有效", "永久有效", "无固定期限", "无期限", "长久", "2099-12-31", "20991231"]
ISO_DATE = "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$"
ISO_TIME = "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}$"
BRACKETS = (r"[\[({〔【﹝〈<《⟦［（]([0-9]{4})[\])}〕】﹞〉>》⟧］）]", r"〔\1〕")


@dataclass(frozen=True)
class Check:
    """One rule of the job. `failed` is true where a record breaks it."""

    rule: str
    issue: str
    severity: str
    failed: Term
    # For tools with checks of their own: required, pattern, length or set, and what it is asked of.
    kind: str = "other"
    column: str = ""
    operand: Any = None


@dataclass(frozen=True)
class Lookup:
    """Labels to codes: `target` is the code of the lower-case text in `source`, or missing."""

    source: str
    target: str
    pairs: dict[str, str]
    # The text holds several labels; missing if one of them is unknown.
    is_many: bool = False


@dataclass
class Delivery:
    """One file and what is to be done with it."""

    name: str
    system: str
    category: str
    path: str
    format: str
    encoding: str
    night: datetime.date
    # Place of the value by raw column: the heading of a CSV file, the path in a JSON document.
    sources: dict[str, str] = field(default_factory=dict)
    headings: list[str] = field(default_factory=list)
    steps: list[dict[str, Term] | list[Lookup]] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    key: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def raws(self) -> list[str]:
        """Columns as delivered."""
        return list(self.sources)


class Compiler:
    """Compiles the job of one delivery."""

    def __init__(self, catalog: Catalog, delivery: Delivery) -> None:
        self.catalog, self.delivery = catalog, delivery
        self.category = catalog.category(delivery.category)
        self.mapping = catalog.mapping(delivery.system, delivery.category)
        # A run judges as of the night's date; the moment is what `qingyuan` takes for it.
        self.moment = datetime.datetime.combine(delivery.night, datetime.time(23, 59, 59))
        self.entries = {entry["element"]: entry for entry in self.category["elements"]}
        self.trimmed: dict[str, Term] = {}
        self.texts: dict[str, Term] = {}
        self.narrowed: dict[str, Term] = {}
        self.spelled: dict[str, Term] = {}
        self.typed: dict[str, Term] = {}
        self.lookups: list[Lookup] = []

    def compile(self) -> Delivery:
        """Fills the delivery."""
        self._find_sources()
        for name in self.entries:
            self._read(name)
        delivery = self.delivery
        delivery.steps = [self.trimmed, self.texts, self.narrowed, self.spelled, self.lookups, self.typed]
        moved = self._moves()
        if moved:
            delivery.steps.append(moved)
        delivery.steps = [step for step in delivery.steps if step]
        delivery.values = list(self.entries)
        delivery.key = list(self.category["entity-key"])
        for name, entry in self.entries.items():
            self._obligation(name, entry)
            if self._is_mapped(name):
                self._accuracy(name)
        self._rules()
        return delivery

    # Columns

    def _is_mapped(self, name: str) -> bool:
        return f"raw_{name}" in self.delivery.sources

    def _find_sources(self) -> None:
        delivery = self.delivery
        for entry in self.mapping["columns"]:
            name = entry.get("element")
            if name in self.entries and f"raw_{name}" not in delivery.sources:
                names = [entry["column"], *entry.get("also", [])]
                found = next((each for each in names if each in delivery.headings), names[0])
                if delivery.format != "csv" or found in delivery.headings:
                    delivery.sources[f"raw_{name}"] = found

    def _column(self, name: str) -> dict[str, Any]:
        return next(entry for entry in self.mapping["columns"] if entry.get("element") == name)

    def _read(self, name: str) -> None:
        """The steps from the delivered text to the typed value."""
        if not self._is_mapped(name):
            constant = {**self.mapping.get("generated", {}), **self.mapping.get("constants", {})}.get(name)
            self.texts[f"txt_{name}"] = lit(constant)
            self.typed[name] = lit(constant)
            return
        element = self.catalog.elements[name]
        nulls = self.catalog.nulls[element.get("nulls", "default")]
        self.trimmed[f"txt_{name}"] = term("trim", col(f"raw_{name}"))
        self.texts[f"txt_{name}"] = term("nullif", col(f"txt_{name}"), tuple(nulls))
        text = col(f"txt_{name}")
        domain = element["domain"]
        # Free text keeps the width of its signs unless the element says otherwise.
        if element.get("width", "keep" if "free-text" in domain else "fold") == "fold":
            self.narrowed[f"txt_{name}"] = term("narrow", text)
        if "code-list" in domain:
            self._read_code(name, element, text)
        elif element["type"] == "date":
            self._read_date(name, text)
        elif element["type"] == "date-time":
            self._read_time(name, text)
        elif element["type"] == "number":
            self._read_number(name, element, text)
        else:
            self.typed[name] = self._spelling(domain.get("check"), text)

    def _spelling(self, check: str | None, text: Term) -> Term:
        if check == "doc_no":
            return replaced(replaced(text, *BRACKETS), " ", "")
        if check == "phone":
            return replaced(text, " ", "")
        if check == "org_code":
            return replaced(term("upper", text), "-", "")
        if check == "gbt4754":
            sections = self.catalog.industries
            upper = term("upper", text)
            letter = term("code", part(upper, 1, 2), tuple(sections.items()))
            return when(
                every(matches(upper, "^[0-9]{4}$"), within(part(upper, 1, 2), sorted(sections))),
                term("concat", letter, upper),
                upper,
            )
        return term("upper", text) if check else text

    def _read_code(self, name: str, element: dict[str, Any], text: Term) -> None:
        entries = self.catalog.code_lists[element["domain"]["code-list"]]
        if entries.get("extensible") or any("from" in value for value in entries["values"]):
            raise NotInTheJob(f"{name}: an extensible or dated list")
        self.spelled[f"key_{name}"] = term("lower", text)
        pairs = spellings(entries, self._column(name).get("codes", {}))
        self.lookups.append(Lookup(f"key_{name}", name, pairs, bool(element.get("multi-valued"))))

    def _read_date(self, name: str, text: Term) -> None:
        digits = replaced(text, "^([0-9]{4})([0-9]{2})([0-9]{2})$", r"\1-\2-\3")
        plain = replaced(digits, "^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?( 00:00:00)?$", r"\1-\2-\3")
        words = term("numerals", text)
        spelled = when(matches(text, "^[〇一二三四五六七八九十年月日]+$"), words, plain)
        iso = when(
            within(text, OPEN_ENDS),
            lit("9999-12-31"),
            when(matches(text, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), text, spelled),
        )
        self.spelled[f"iso_{name}"] = iso
        value = col(f"iso_{name}")
        self.typed[name] = when(
            matches(value, ISO_DATE),
            term("date", value),
            when(
                matches(value, "^[0-9]{5}$"),
                term("serial", value),
                when(matches(value, "^[0-9]{13}$"), term("day", term("epoch", value)), lit_date(None)),
            ),
        )

    def _read_time(self, name: str, text: Term) -> None:
        compact = replaced(text, "^([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})$", r"\1-\2-\3 \4:\5:\6")
        plain = replaced(
            compact,
            "^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?[ T]?上?午?"
            r"([0-9]{1,2})[:时]([0-9]{1,2})分?(:[0-9]{1,2})?(\+08:00)?$",
            r"\1-\2-\3 \4:\5\6",
        )
        full = replaced(plain, "^([0-9-]+ [0-9]+:[0-9]+)$", r"\1:00")
        self.spelled[f"iso_{name}"] = when(matches(text, ISO_TIME), text, full)
        value = col(f"iso_{name}")
        self.typed[name] = when(
            matches(value, ISO_TIME),
            term("datetime", value),
            when(matches(value, "^[0-9]{13}$"), term("epoch", value), lit_time(None)),
        )

    def _read_number(self, name: str, element: dict[str, Any], text: Term) -> None:
        unit = re.escape(element.get("unit", "")) if element.get("unit") else ""
        bare = replaced(text, f" ?{unit}$", "") if unit else text
        grouped = "^-?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?$"
        plain = when(matches(bare, grouped), replaced(bare, ",", ""), bare)
        self.spelled[f"num_{name}"] = replaced(replaced(plain, "^(-?[0-9]+[.][0-9]*?)0+$", r"\1"), "[.]$", "")
        value = col(f"num_{name}")
        digits, decimals = number_form(element["representation"])
        self.typed[name] = when(
            matches(value, fits_number(digits, decimals)), term("decimal", value, decimals), lit_number(None)
        )

    def _moves(self) -> dict[str, Term]:
        """Names of natural persons that stand where the names of subjects do (semantics: parties)."""
        moved: dict[str, Term] = {}
        for move in self.category.get("moves", []):
            source, target = move["from"], move["to"]
            if not self._is_mapped(source) or not self._is_mapped(move["element"]):
                continue
            applies = every(
                within(col(move["element"]), move["codes"]),
                filled(col(source)),
                some(term("isnull", col(target)), term("eq", col(source), col(target))),
            )
            for prefix in ("", "txt_"):
                name = col(f"{prefix}{source}")
                moved[f"{prefix}{target}"] = when(applies, name, col(f"{prefix}{target}"))
                moved[f"{prefix}{source}"] = when(applies, term("nothing", name), name)
        return moved

    # Checks

    def _add(
        self,
        rule: str,
        issue: str,
        severity: str,
        failed: Term,
        kind: str = "other",
        column: str = "",
        operand: Any = None,
    ) -> None:
        self.delivery.checks.append(Check(rule, issue, severity, failed, kind, column, operand))

    def _rule(self, text: str, own: str = "") -> Term:
        def value(name: str) -> Term:
            if name == "value":
                name = own
            if name not in self.entries:
                raise NotInTheJob(name)
            return col(name)

        return RuleReader(text, value, lambda name: col(f"txt_{name}"), self.delivery.night, self.moment).read()

    def _obligation(self, name: str, entry: dict[str, Any]) -> None:
        identifier = self.catalog.elements[name]["id"]
        empty = term("isnull", col(f"txt_{name}"))
        if entry["obligation"] == "required" and self._is_mapped(name):
            issue = "Q14" if entry.get("key") else "Q11"
            self._add(f"{identifier}.required", issue, "return", empty, "required", f"txt_{name}")
        if entry["obligation"] == "conditional":
            self._add(
                f"{identifier}.conditional",
                "Q14" if entry.get("key") else "Q12",
                "return",
                every(self._rule(entry["when"]), empty),
            )

    def _accuracy(self, name: str) -> None:
        element = self.catalog.elements[name]
        identifier, domain = element["id"], element["domain"]
        severity = "note" if element.get("advisory") else "return"
        text, value = col(f"txt_{name}"), col(name)
        if "code-list" in domain:
            lookup = next(each for each in self.lookups if each.target == name)
            self._add(
                f"{identifier}.domain",
                "Q24",
                severity,
                every(filled(text), term("isnull", value)),
                "other" if lookup.is_many else "set",
                f"key_{name}",
                sorted(lookup.pairs),
            )
        elif element["type"] in ("date", "date-time"):
            self._check_date(name, element, severity)
        elif element["type"] == "number":
            self._check_number(name, element, severity)
        else:
            self._check_text(name, element, severity)
        if "holds" in domain:
            issue = "Q29" if re.search(r"\b(today|night|now)\b", domain["holds"]) else "Q22"
            self._add(f"{identifier}.order", issue, severity, negated(self._rule(domain["holds"], name)))

    def _check_date(self, name: str, element: dict[str, Any], severity: str) -> None:
        iso, value, identifier = col(f"iso_{name}"), col(name), element["id"]
        form = (ISO_DATE if element["type"] == "date" else ISO_TIME)[:-1] + "$|^[0-9]{13}$"
        if element["type"] == "date":
            form += "|^[0-9]{5}$"
        self._add(f"{identifier}.date", "Q21", severity, negated(matches(iso, form)), "pattern", f"iso_{name}", form)
        self._add(f"{identifier}.calendar", "Q29", severity, every(matches(iso, form), term("isnull", value)))
        earliest = self.catalog.earliest
        bound = (
            lit(earliest) if element["type"] == "date" else lit(datetime.datetime.combine(earliest, datetime.time()))
        )
        self._add(f"{identifier}.earliest", "Q29", severity, term("lt", value, bound))

    def _check_number(self, name: str, element: dict[str, Any], severity: str) -> None:
        text, value, identifier = col(f"num_{name}"), col(name), element["id"]
        digits, decimals = number_form(element["representation"])
        form = "^-?[0-9]+([.][0-9]+)?$"
        short = f"^-?0*[0-9]{{1,{digits - decimals}}}([.][0-9]+)?$"
        self._add(f"{identifier}.number", "Q21", severity, negated(matches(text, form)), "pattern", f"num_{name}", form)
        self._add(f"{identifier}.digits", "Q23", severity, every(matches(text, form), negated(matches(text, short))))
        self._add(
            f"{identifier}.decimals",
            "Q21",
            severity,
            every(matches(text, short), negated(matches(text, fits_number(digits, decimals)))),
        )
        if "range" in element["domain"]:
            low, high = element["domain"]["range"][1:-1].split(",")
            ends = element["domain"]["range"]
            outside = []
            if low.strip():
                outside.append(term("lt" if ends[0] == "[" else "le", value, lit(int(low))))
            if high.strip():
                outside.append(term("gt" if ends[-1] == "]" else "ge", value, lit(int(high))))
            self._add(f"{identifier}.range", "Q23", severity, some(*outside))

    def _check_text(self, name: str, element: dict[str, Any], severity: str) -> None:
        identifier, domain, value = element["id"], element["domain"], col(name)
        kind, operand = representation(str(element["representation"]))
        fits = matches(value, operand) if kind == "pattern" else term("le", term("length", value), lit(operand))
        self._add(f"{identifier}.representation", "Q21", severity, negated(fits), kind, name, operand)
        if "pattern" in domain:
            self._add(f"{identifier}.pattern", "Q21", severity, every(fits, negated(matches(value, domain["pattern"]))))
        kind = domain.get("check")
        if kind is None:
            return
        context = Context(self.catalog, self.delivery.night, col)
        advisory = severity == "note" or self.catalog.identifier(kind).get("advisory", False)
        for verdict in CHECKS[kind](value, context):
            rule = f"{identifier}.check.{kind}" + (".note" if verdict.is_note else "")
            weight = "note" if verdict.is_note or advisory else "return"
            self._add(rule, verdict.issue, weight, every(fits, when(fits, verdict.failed, lit(False))))

    def _rules(self) -> None:
        for rule in self.catalog.rules(self.delivery.category):
            try:
                if rule["kind"] != "in-record":
                    raise NotInTheJob("needs other records")
                broken = negated(self._rule(rule["holds"]))
                if "when" in rule:
                    broken = every(self._rule(rule["when"]), broken)
            except NotInTheJob:
                self.delivery.left_out.append(rule["id"])
                continue
            self._add(rule["id"], rule["issue"], rule["severity"], broken)


def lit_date(_: None) -> Term:
    """No date."""
    return term("null", "date")


def lit_time(_: None) -> Term:
    """No moment."""
    return term("null", "datetime")


def lit_number(_: None) -> Term:
    """No number."""
    return term("null", "decimal")


def spellings(entries: dict[str, Any], own: dict[str, str]) -> dict[str, str]:
    """Lower-case spellings of a value domain: code, label, synonyms, code and label together."""
    found: dict[str, str] = {}
    for value in entries["values"]:
        found.setdefault(value["code"].lower(), value["code"])
    for value in entries["values"]:
        for text in (value["label"], *value.get("synonyms", []), value["english"]):
            found.setdefault(narrowed(str(text)).lower(), value["code"])
    for text, code in own.items():
        found.setdefault(narrowed(str(text)).lower(), str(code))
    codes = [value["code"] for value in entries["values"]]
    for code in codes:
        loose = code.lstrip("0") or "0"
        if code.isdigit() and sum(1 for each in codes if (each.lstrip("0") or "0") == loose) == 1:
            found.setdefault(loose, code)
            found.setdefault("0" + code, code)
    labels = [(text, code) for text, code in found.items() if not re.fullmatch("[0-9a-z]+", text)]
    for (text, code), joint in itertools.product(labels, ("-", " ", "")):
        found.setdefault(f"{code.lower()}{joint}{text}", code)
    for text, code in labels:
        found.setdefault(f"{text}({code.lower()})", code)
        found.setdefault(f"{code.lower()}({text})", code)
    return found


def narrowed(text: str) -> str:
    """Full-width forms made narrow."""
    return text.translate(NARROW)


NARROW = {**{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}, 0x3000: 0x20}


def number_form(text: str) -> tuple[int, int]:
    """Digits and decimals of `n..16,2`."""
    digits, _, decimals = text.removeprefix("n").removeprefix("..").partition(",")
    return int(digits), int(decimals or 0)


def fits_number(digits: int, decimals: int) -> str:
    """Pattern of the numbers that a representation holds."""
    fraction = f"([.][0-9]{{1,{decimals}}})?" if decimals else ""
    return f"^-?0*[0-9]{{1,{digits - decimals}}}{fraction}$"


def representation(text: str) -> tuple[str, Any]:
    """The texts that a representation holds: a pattern, or a length where any character may stand."""
    kind, length = re.fullmatch(r"(an|a|n|c)((?:\.\.)?[0-9]+)", text).groups()
    upper = int(length.removeprefix(".."))
    if kind == "c":
        return "length", upper
    count = f"{{1,{upper}}}" if length.startswith("..") else f"{{{upper}}}"
    signs = {"n": "[0-9]", "a": "[A-Za-z]", "an": r"[^\x00-\x20\x7f]"}[kind]
    return "pattern", f"^{signs}{count}$"


def headings_of(path: str, encoding: str) -> list[str]:
    """The first line of a CSV file."""
    with open(path, encoding=encoding) as file:
        return [name.strip().strip('"') for name in file.readline().lstrip("\ufeff").rstrip("\r\n").split(",")]


def load(folder: pathlib.Path) -> list[Delivery]:
    """The deliveries of a prepared set, compiled."""
    import json

    described = json.loads((folder / "set.json").read_text(encoding="utf-8"))
    catalog = Catalog(pathlib.Path(described["pipelines"]))
    night = datetime.date.fromisoformat(described["night"])
    deliveries = []
    for entry in described["deliveries"]:
        path = str(folder / entry["path"])
        adapter = catalog.adapter(entry["system"])
        headings = headings_of(path, adapter["encoding"]) if adapter["format"] == "csv" else []
        deliveries.append(
            Compiler(
                catalog,
                Delivery(
                    f"{entry['system']} {entry['category']}",
                    entry["system"],
                    entry["category"],
                    path,
                    adapter["format"],
                    adapter["encoding"],
                    night,
                    headings=headings,
                ),
            ).compile()
        )
    return deliveries
