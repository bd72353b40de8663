"""Texts of CSV, JSON and XML as nasty as their grammars allow, from a random source alone, and damage to them."""

PLAIN = "abcXYZ0189 _-.;:/|#=~\t"
WIDE = ("京市监罚〔2026〕1号，。　éßЖ½€\u0080\u00a0\u0301\u200b\u2028\u2029\ufeff\ufffe\uffff"
        "\U0001f600\U00020087\U0010fffd")
#: Lengths around the blocks and pieces in which a file is read.
LONG = [4095, 4096, 4097, 65535, 65536, 65537, 140000]


def letters(random, extra="", longest=12):
    pool = random.choice([PLAIN, WIDE, PLAIN + WIDE + extra, extra or PLAIN])
    return "".join(random.choice(pool) for _ in range(random.randrange(longest)))


def damaged(random, text, marks):
    """`text` with one to three edits: characters put in, left out or exchanged, an end cut off, a part twice."""
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(text) + 1)
        to = min(len(text), at + random.choice([1, 1, 1, 2, 5]))
        edit = random.randrange(5)
        if edit == 0:
            text = text[:at] + random.choice(marks) + text[at:]
        elif edit == 1:
            text = text[:at] + text[to:]
        elif edit == 2:
            text = text[:at] + random.choice(marks) + text[to:]
        elif edit == 3:
            text = text[:to] + text[at:]
        elif random.randrange(3) == 0:
            text = text[:at]
    return text


# CSV

DELIMITERS = [",", ",", ",", ";", "\t", "|", "^", " ", "a", "\x1f"]


def table(random):
    """A table and its delimiter."""
    delimiter = random.choice(DELIMITERS)
    end = random.choice(["\r\n", "\n", "\r", None])
    rows = []
    for _ in range(random.randrange(40)):
        cells = [cell(random, delimiter) for _ in range(random.choice([0, 1, 1, 2, 3, 5, 20]))]
        rows.append(delimiter.join(cells) + (end or random.choice(["\r\n", "\n", "\r", "\n\r", "\n\n"])))
    text = "".join(rows)
    return (text.rstrip("\r\n") if random.randrange(3) == 0 else text), delimiter


def cell(random, delimiter):
    if random.randrange(400) == 0:
        return '"' + "x\n" * (random.choice(LONG) // 2) + '"'
    content = letters(random, '"\r\n' + delimiter)
    is_plain = not any(mark in content for mark in '"\r\n' + delimiter)
    return content if is_plain and random.randrange(2) else '"' + content.replace('"', '""') + '"'


# JSON

NUMBERS = ["0", "-0", "0.0", "-0.00", "1E+400", "1e-400", "12345678901234567890123456789012345678901234567890",
           "0.1234567890123456789012345678901234567890", "1.50", "10", "-7e0", "9007199254740993", "0e0", "1E5"]
SPACES = ["", "", "", " ", "\t", "\n", "\r", "\r\n", "  \n\t "]
SHORT = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def documents(random):
    """One document, now and then several with white space between them."""
    count = random.choice([1] * 8 + [2, 3])
    between = [space for space in SPACES if space]
    return "".join(blank(random) + value(random, 0) + blank(random)
                   + (random.choice(between) if number + 1 < count else "") for number in range(count))


def lines(random):
    end = random.choice(["\n", "\r\n"])
    # A line break inside a document would end it.
    spaces = ["", "", " ", "\t", "\r"]
    return "".join(random.choice(["", "", "", "  ", end]) + value(random, 0, spaces) + random.choice(spaces) + end
                   for _ in range(random.randrange(12)))


def blank(random, spaces=SPACES):
    return random.choice(spaces)


def value(random, depth, spaces=SPACES):
    if depth == 0 and random.randrange(60) == 0:
        deep = random.randrange(60, 69)
        return "[" * deep + value(random, 9, spaces) + "]" * deep
    kind = random.randrange(8 if depth < 6 else 5)
    if kind == 0:
        return random.choice(["true", "false", "null"])
    if kind in (1, 2):
        return random.choice(NUMBERS) if random.randrange(2) else str(random.randrange(-10**9, 10**9))
    if kind in (3, 4):
        return string(random)
    count = random.randrange(6)
    items = [blank(random, spaces) + value(random, depth + 1, spaces) + blank(random, spaces) for _ in range(count)]
    if kind == 5:
        return "[" + (",".join(items) or blank(random, spaces)) + "]"
    members = [blank(random, spaces) + string(random, f"{number}" if random.randrange(30) else "")
               + blank(random, spaces) + ":" + item for number, item in enumerate(items)]
    return "{" + (",".join(members) or blank(random, spaces)) + "}"


def string(random, end=""):
    if random.randrange(500) == 0:
        return '"' + "字" * random.choice(LONG) + end + '"'
    content = letters(random, '"\\/\b\f\n\r\t\x00\x1f\x7f') + end
    return '"' + "".join(escaped(random, character) for character in content) + '"'


def escaped(random, character):
    way = random.randrange(6)
    if way == 0 or character < " " and character not in SHORT:
        units = character.encode("utf-16-be")
        return "".join(f"\\u{units[at] << 8 | units[at + 1]:04{random.choice('xX')}}" for at in range(0, len(units), 2))
    if character in SHORT and (way == 1 or character < " " or character in '"\\'):
        return SHORT[character]
    return character


# XML

NAMES = ["a", "b", "Case", "案件", "No", "x-1", "_y", "n.2"]
#: Prefixes that the root declares; two stand for one namespace.
PREFIXES = {"p": "urn:one", "q": "urn:two", "r": "urn:one"}
#: Left out are noncharacters, which are no characters of XML, and marks of byte order.
XML_WIDE = "".join(character for character in WIDE if character not in "\ufffe\uffff\ufeff")
ENTITIES = {"word": "清源", "spaced": " x\ty ", "number": "&#65;&#x4E00;"}


def markup(random):
    declaration = random.choice(["", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='UTF-8'?>\n",
                                 '<?xml version="1.0" encoding="GB2312" standalone="yes"?>\r\n'])
    has_entities = random.randrange(3) == 0
    prologue = declaration + aside(random)
    if has_entities:
        inside = "".join(f'<!ENTITY {name} "{text}">\n' for name, text in ENTITIES.items())
        prologue += f"<!DOCTYPE root [{inside}<!-- > ]]> -->]>\n" + aside(random)
    spaces = "".join(f' xmlns:{prefix}="{name}"' for prefix, name in PREFIXES.items())
    if random.randrange(60) == 0:
        deep = random.randrange(60, 69)
        inside = "<d>" * (deep - 1) + "x" + "</d>" * (deep - 1)
    else:
        inside = "".join(content(random, 1, has_entities) for _ in range(random.randrange(8)))
    return f"{prologue}<root{spaces}>{inside}</root>{aside(random)}"


def aside(random):
    return random.choice(["", "", "", "\n", "<!-- 备注 & < -->", "<?target <data> ?>", " \t\r\n", "<!---->"])


def content(random, depth, has_entities):
    kind = random.randrange(10 if depth < 7 else 6)
    if kind < 3:
        return xml_text(random, has_entities)
    if kind == 3:
        return aside(random)
    if kind == 4:
        return "<![CDATA[" + letters(random, "<>&]\r\n", 20).replace("]]>", "]] >").translate(NO_XML) + "]]>"
    if kind == 5:
        return random.choice(["&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#10;", "&#13;", "&#x9;", "&#x1F600;",
                              "&#32;", "\r\n", "\r", "\n  ", "]]&gt;"])
    return element(random, depth, has_entities)


def element(random, depth, has_entities):
    name = random.choice(NAMES)
    if random.randrange(3) == 0:
        name = random.choice(list(PREFIXES)) + ":" + name
    attributes = ""
    if random.randrange(12) == 0:
        attributes += random.choice([' xmlns="urn:three"', ' xmlns=""', ' xmlns:p="urn:four"', ' xmlns:z="urn:one"'])
    seen = set()
    for _ in range(random.choice([0, 0, 1, 2, 4])):
        own = random.choice(NAMES)
        prefix = random.choice(["", "", "", "p:", "q:", "xml:"])
        # Two prefixes may stand for one namespace.
        if own not in seen:
            seen.add(own)
            quote = random.choice("\"'")
            inside = attribute_text(random, has_entities).replace(quote, "&quot;" if quote == '"' else "&#39;")
            attributes += f"{random.choice([' ', '  ', chr(10), chr(9)])}{prefix}{own}" \
                          f"{random.choice(['=', ' = '])}{quote}{inside}{quote}"
    space = random.choice(["", "", " ", "\n"])
    if random.randrange(5) == 0:
        return f"<{name}{attributes}{space}/>"
    inside = "".join(content(random, depth + 1, has_entities) for _ in range(random.randrange(6)))
    return f"<{name}{attributes}{space}>{inside}</{name}{space}>"


NO_XML = dict.fromkeys(map(ord, "\ufffe\uffff\ufeff"))


def xml_text(random, has_entities):
    if random.randrange(400) == 0:
        return "字" * random.choice(LONG)
    text = letters(random, ">'\"\r\n]").translate(NO_XML).replace("]]>", "]]&gt;")
    return text + (f"&{random.choice(list(ENTITIES))};" if has_entities and random.randrange(3) == 0 else "")


def attribute_text(random, has_entities):
    return xml_text(random, has_entities) + random.choice(["", "", "&#10;", "&#9;", "\n", "\t", "\r\n", "&lt;"])


MARKS = {
    "csv": list('""""",;|\t\r\na 1京') + ['""', "\r\n", '","'],
    "json": list('{}[]",:\\/ \t\n\r0123456789.-+eEtfnu\x00\x01\x0b\x1f\x7f\xa0京')
            + ["\\u", "\\ud800", "\\udc00", "null", "NaN", "1.", "01", "''", "//"],
    "ndjson": list('{}[]",:\\ \t\n\r019.-+eEtfn京') + ["\\ud83d", "\n\n", "}{", "Infinity"],
    "xml": list("<>&;/='\"![]-? \n:abx#1\x00\x08")
           + ["]]>", "--", "<!--", "-->", "<![CDATA[", "&#0;", "&#x110000;",
              "&nbsp;", "<?xml ?>", "</", "/>", "&", "xmlns:p=''", "<a>"],
}
