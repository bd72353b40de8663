"""Asks the program and the other tools about the same file and keeps what they do not agree on."""
import gzip
import json
import pathlib
import random
import re
import shutil
import subprocess

import answers
import inputs
from answers import Refused

#: How a text is written: as UTF-8 without and with a mark, UTF-16 with one, GB 18030.
ENCODINGS = ["utf-8"] * 12 + ["utf-8-sig", "utf-16-le", "utf-16-be", "gb18030", "gb18030"]
MARK = "\ufeff"
#: Shares of inputs that are damaged, and of files that are packed.
DAMAGED, PACKED = 0.4, 0.04


def encoded(random, text):
    """The bytes of `text` in some encoding that they cannot be mistaken for another one in."""
    encoding = random.choice(ENCODINGS)
    if encoding == "gb18030":
        content = text.encode(encoding)
        # Code points of which Python's edition of 2000 has another code are not in the inputs.
        return content if content.isascii() or not is_utf8(content) else text.encode()
    if text.startswith(MARK):
        return text.encode()
    return (MARK + text).encode(encoding) if encoding.startswith("utf-16") else text.encode(encoding)


def is_utf8(content):
    try:
        content.decode()
        return True
    except UnicodeDecodeError:
        return False


class Witness:
    """One format: an input by its number, the question, the answers of the others."""

    def __init__(self, name, make, answer):
        self.name, self.make, self.answer = name, make, answer

    def text(self, seed, number):
        """Text, words for the command line, and the random source that made them."""
        source = random.Random(f"{seed} {self.name} {number}")
        made = self.make(source)
        text, delimiter = made if isinstance(made, tuple) else (made, None)
        if source.random() < DAMAGED:
            text = inputs.damaged(source, text, inputs.MARKS[self.name])
        return text, delimiter, source

    def differences(self, program, folder, seed, number):
        """What differs, and the file; the file is gone if nothing does."""
        text, delimiter, source = self.text(seed, number)
        content = encoded(source, text)
        is_packed = source.random() < PACKED
        path = pathlib.Path(folder) / f"{self.name}-{seed}-{number}.{self.name}{'.gz' if is_packed else ''}"
        path.write_bytes(gzip.compress(content, mtime=0) if is_packed else content)
        words = ["--delimiter", delimiter] if delimiter else []
        ours = asked(program, path, words)
        problems = []
        for tool, answer in self.answer.items():
            theirs = told(answer, text.removeprefix(MARK), delimiter, folder, number)
            if isinstance(ours, Refused) and isinstance(theirs, Refused):
                continue
            if ours != theirs and not is_known(ours, tool):
                problems.append(f"{path}: {difference(ours, tool, theirs)}")
        if not problems:
            path.unlink()
        return problems


def asked(program, path, words):
    """Values that `read` prints, or what it says of a file that is not well-formed."""
    done = subprocess.run([program, "read", "--json", *words, str(path)], capture_output=True)
    if done.returncode == 1:
        return Refused(done.stderr.decode(errors="replace").strip())
    if done.returncode != 0:
        return [f"exit {done.returncode}: {done.stderr.decode(errors='replace').strip()[-400:]}"]
    if ".csv" in path.name:
        return json.loads(done.stdout)
    values = [json.loads(line) for line in done.stdout.split(b"\n") if line]
    return [(value["path"], value["kind"], value["text"]) for value in values]


def told(answer, text, delimiter, folder, number):
    try:
        if answer is answers.rows:
            return answer(text, delimiter)
        if answer is not answers.libxml2_values:
            return answer(text)
        path = pathlib.Path(folder) / f"{number}.plain"
        # Without the declaration, which may name another encoding than that of this copy.
        path.write_bytes(undeclared(text).encode())
        try:
            return answer(path)
        finally:
            path.unlink()
    except Refused as refusal:
        return refusal


def undeclared(text):
    """`text` whose declaration, if it is a whole one, names no encoding."""
    name = r"[A-Za-z][A-Za-z0-9._-]*"
    return re.sub(rf"^(<\?xml[^>]*?)\s+encoding\s*=\s*(\"{name}\"|'{name}')", r"\1", text, count=1)


KNOWN = {"expat": "is not a valid URI", "libxml2": "no white space behind '<!DOCTYPE'"}


def is_known(ours, tool):
    """Each of them lets one thing pass that the other, which is asked too, and we do not: expat takes every text for the
    name of a namespace, which is a URI, and libxml2 needs no white space behind `<!DOCTYPE`."""
    return isinstance(ours, Refused) and tool in KNOWN and KNOWN[tool] in str(ours)


def difference(ours, tool, theirs):
    if isinstance(ours, Refused):
        return f"refused ({str(ours)[-160:]}), but {tool} reads {len(theirs)}"
    if isinstance(theirs, Refused):
        return f"{len(ours)} read, but {tool} refuses: {theirs}"
    for number, (left, right) in enumerate(zip(ours, theirs), 1):
        if left != right:
            return f"value {number} is {left!r:.300}, by {tool} {right!r:.300}"
    return f"{len(ours)} read, by {tool} {len(theirs)}"


def witnesses():
    """The formats, and whether libxml2 can be asked."""
    has_libxml2 = shutil.which("xmllint") is not None
    xml = {"expat": answers.expat_values} | ({"libxml2": answers.libxml2_values} if has_libxml2 else {})
    return [
        Witness("csv", inputs.table, {"Python's csv": answers.rows}),
        Witness("json", inputs.documents, {"Python's json": answers.document_values}),
        Witness("ndjson", inputs.lines, {"Python's json": answers.line_values}),
        Witness("xml", inputs.markup, xml),
    ], has_libxml2
