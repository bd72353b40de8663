"""A folder of definitions in which Qingyuan does no more than the other tools: no rules between records,
no authority, nothing shared. For the row of the table that compares like with like."""

from __future__ import annotations

import pathlib
import shutil

import yaml

from catalog import read_yaml


def restricted(source: pathlib.Path, target: pathlib.Path) -> pathlib.Path:
    """Copies the definitions without what the job leaves out."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("checks", "sharing"))
    (target / "authority.yaml").write_text('origin: "assumed: nobody owns anything here"\n', encoding="utf-8")
    for path in (target / "rules").glob("*.yaml"):
        document = read_yaml(path)
        document["rules"] = [rule for rule in document["rules"] if rule["kind"] == "in-record"]
        if document["rules"]:
            path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
        else:
            path.unlink()
    return target
