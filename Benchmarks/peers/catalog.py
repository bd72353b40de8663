"""Reads what the job needs from `Pipelines/`: elements, code lists, categories, rules, adapters."""

from __future__ import annotations

import csv
import pathlib
from functools import cached_property
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: pathlib.Path) -> dict[str, Any]:
    """One document."""
    return yaml.load(path.read_text(encoding="utf-8"), LOADER)


class Catalog:
    """The folder of definitions; everything is read when it is first asked for."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder

    @cached_property
    def elements(self) -> dict[str, dict[str, Any]]:
        """Data elements by identifier."""
        files = sorted((self.folder / "catalog" / "elements").glob("*.yaml"))
        return {entry["identifier"]: entry for path in files for entry in read_yaml(path)["elements"]}

    @cached_property
    def code_lists(self) -> dict[str, dict[str, Any]]:
        """Value domains by identifier."""
        files = sorted((self.folder / "catalog" / "code-lists").glob("*.yaml"))
        return {entry["id"]: entry for entry in map(read_yaml, files)}

    @cached_property
    def nulls(self) -> dict[str, list[str]]:
        """Spellings of no value by list, in lower case."""
        lists = read_yaml(self.folder / "catalog" / "null-spellings.yaml")["lists"]
        return {entry["id"]: sorted({str(text).strip().lower() for text in entry["spellings"]}) for entry in lists}

    @cached_property
    def divisions(self) -> list[str]:
        """All division codes, of any year."""
        with open(self.folder / "catalog" / "divisions.csv", encoding="utf-8") as file:
            rows = csv.reader(line for line in file if not line.startswith("#"))
            next(rows)
            return sorted({row[0] for row in rows})

    @cached_property
    def industries(self) -> dict[str, str]:
        """Letter of the section by two-digit division."""
        sections = read_yaml(self.folder / "catalog" / "industries.yaml")["industries"]
        return {
            f"{division:02}": entry["letter"]
            for entry in sections
            for division in range(int(entry["from"]), int(entry["to"]) + 1)
        }

    @cached_property
    def earliest(self) -> Any:
        """The first day that any date may be."""
        return read_yaml(self.folder / "catalog" / "dates.yaml").get("earliest")

    def identifier(self, kind: str) -> dict[str, Any]:
        """The definition of an identifier check."""
        entries = read_yaml(self.folder / "catalog" / "identifiers.yaml")["identifiers"]
        return next(entry for entry in entries if entry["kind"] == kind)

    def category(self, code: str) -> dict[str, Any]:
        """A category with its elements."""
        return read_yaml(self.folder / "catalog" / "categories" / f"{code}.yaml")

    def rules(self, category: str) -> list[dict[str, Any]]:
        """Rules of a category, all kinds."""
        path = self.folder / "rules" / f"{category}.yaml"
        return read_yaml(path)["rules"] if path.exists() else []

    def adapter(self, system: str) -> dict[str, Any]:
        """How a system writes its exports."""
        return read_yaml(self.folder / "sources" / f"{system}.yaml")

    def mapping(self, system: str, category: str) -> dict[str, Any]:
        """The columns of one category in the exports of a system."""
        return next(entry for entry in self.adapter(system)["categories"] if entry["category"] == category)
