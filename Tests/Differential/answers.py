"""What other tools say of the same text: Python's csv and json, expat, and libxml2 by xmllint.

Every function gives a list of lines as `qingyuan read --json` prints them, or raises `Refused`. Where the other tool is
known to be laxer than the grammar, or the product has a limit of its own, the difference stands here and nowhere else.
"""
import csv
import io
import json
import re
import subprocess
import xml.etree.ElementTree as tree

csv.field_size_limit(1 << 30)
#: Objects, arrays and elements in each other (semantics.md §16).
NESTING = 64


class Refused(Exception):
    """The text is not well-formed."""


# CSV


def rows(text, delimiter):
    """Rows by Python's csv. Blank lines are no rows.

    Python takes a quote inside an unquoted field for a character, in strict mode too. RFC 4180 does not, so that its
    grammar is asked first.
    """
    if not is_rfc_4180(text, delimiter):
        raise Refused("RFC 4180")
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Refused(str(error)) from error
    return [row for row in found if row]


def is_rfc_4180(text, delimiter):
    field = re.compile(f'"(?:[^"]|"")*"|[^"\r\n{re.escape(delimiter)}]*')
    at = 0
    while at < len(text):
        at = field.match(text, at).end()
        if at < len(text) and text[at] not in "\r\n" + delimiter:
            return False
        at += 1
    return True


# JSON


class Number(str):
    """A number with the digits that it was sent with."""


def members(pairs):
    """Python takes the last of two members of one name; a record with two is ambiguous, and refused."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Refused("a name stands twice")
    return found


def extension(word):
    """NaN, Infinity and -Infinity are Python's own."""
    raise Refused(word)


DECODER = json.JSONDecoder(object_pairs_hook=members, parse_int=Number, parse_float=Number, parse_constant=extension)
SPACE = " \t\n\r"


def document_values(text):
    """Values of documents that are separated by white space, which a file of JSON may hold."""
    documents, at = [], 0
    while True:
        begin = at
        while at < len(text) and text[at] in SPACE:
            at += 1
        if at == len(text):
            break
        if documents and at == begin:
            raise Refused("two documents touch each other")
        document, at = parsed(text, at)
        documents.append(document)
    if not documents:
        raise Refused("there is no document")
    return json_values(documents)


def line_values(text):
    """Values of documents of which each has a line; a file may have none."""
    documents = []
    for line in text.split("\n"):
        line = line.strip(SPACE)
        if line:
            document, end = parsed(line, 0)
            if end < len(line):
                raise Refused("a line has more than a document")
            documents.append(document)
    return json_values(documents)


def parsed(text, at):
    try:
        return DECODER.raw_decode(text, at)
    except (json.JSONDecodeError, RecursionError) as error:
        raise Refused(str(error)) from error


def json_values(documents):
    found = []
    for number, document in enumerate(documents, 1):
        walk(document, "" if number == 1 else f"#{number}", 0, found)
    return found


def walk(value, path, depth, found):
    def add(kind, text):
        found.append((path if "/" in path else path + "/", kind, whole(text)))
    if isinstance(value, (dict, list)):
        if depth == NESTING:
            raise Refused("nested too deeply")
        if not value:
            add("object" if isinstance(value, dict) else "array", "{}" if isinstance(value, dict) else "[]")
        elif isinstance(value, dict):
            for name, member in value.items():
                walk(member, f"{path}/{whole(name)}", depth + 1, found)
        else:
            place = path + ("/" if depth == 0 else "")
            for number, item in enumerate(value, 1):
                walk(item, f"{place}[{number}]", depth + 1, found)
    elif isinstance(value, Number):
        add("number", value)
    elif isinstance(value, str):
        add("string", value)
    elif value is None:
        add("null", "null")
    else:
        add("boolean", "true" if value else "false")


def whole(text):
    """Python takes half of a pair of surrogates for a character; UTF-8 has none for it."""
    if any(0xD800 <= ord(character) < 0xE000 for character in text):
        raise Refused("half of a surrogate pair")
    return text


# XML


def expat_values(text):
    """Values of elements and attributes by expat.

    Not compared, since `read` does not show them: comments, processing instructions, prefixes and namespaces (but that
    elements are counted by local name and namespace), what was CDATA, white space alone. Not written into the inputs:
    entities that hold markup, which the product refuses, and attribute defaults of a DTD. Expat takes any version.
    """
    version = re.match(r"<\?xml\s+version\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", text)
    if version and not re.fullmatch(r"1\.[0-9]+", version[1] or version[2] or ""):
        raise Refused("a version that is none")
    try:
        root = tree.fromstring(text)
    except (tree.ParseError, ValueError) as error:
        raise Refused(str(error)) from error
    return xml_values(root)


def libxml2_values(path):
    """Values of libxml2's tree, as xmllint writes it."""
    done = subprocess.run(["xmllint", "--nonet", "--noent", "--nocdata", str(path)], capture_output=True)
    if done.returncode != 0 or b"namespace error" in done.stderr:
        raise Refused(done.stderr.decode(errors="replace")[:200])
    return xml_values(tree.fromstring(done.stdout))


def xml_values(root):
    found = []
    descend(root, "/" + local(root.tag), 1, found)
    return found


def local(name):
    return name.rpartition("}")[2]


def descend(node, path, depth, found):
    if depth > NESTING:
        raise Refused("nested too deeply")
    for name, text in node.attrib.items():
        found.append((f"{path}/@{local(name)}", "attribute", text))
    counts = {}
    pieces = [node.text or ""]
    for child in node:
        counts[child.tag] = counts.get(child.tag, 0) + 1
        number = f"[{counts[child.tag]}]" if counts[child.tag] > 1 else ""
        descend(child, f"{path}/{local(child.tag)}{number}", depth + 1, found)
        pieces.append(child.tail or "")
    text = "".join(pieces)
    if text.strip(SPACE):
        found.append((path, "text", text))
    elif not len(node):
        found.append((path, "empty", ""))
