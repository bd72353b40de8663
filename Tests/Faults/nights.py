"""Three small nights of an invented library, museum, garden and theatre (Tests/Fixtures/second-pipeline).

Some sixty records a night in CSV, JSON and XML, UTF-8 and GB18030, plain, .gz and .zip: new, changed,
unchanged, deleted, removed by a full delivery, returned, corrected, waiting, due, held as a whole, about the
same reader from two systems. Made from nothing but this file, so that the same bytes come every time.
"""
import gzip
import io
import json
import pathlib
import shutil
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FIXTURE = ROOT / "Tests" / "Fixtures" / "second-pipeline"
DATES = ["2026-03-02", "2026-03-03", "2026-03-10"]


#: So that a night looks for subjects too: a visit means a reader who is called as its entry is.
MATCHING = """\
origin: "assumed: an example"
entity: READER
code: card_no
number: phone
name: reader_name
record: entry_no
subjects:
  - { category: LOAN, code: card_no, names: [loan_no], origin: "assumed: an example" }
  - { category: VISIT, code: visit_no, names: [entry_no], origin: "assumed: an example" }
names:
  steps: [half-width, lower-case, no-spaces]
  same: []
  drop: ["-"]
  endings: []
  words: []
  branches: []
  near-length: 5
links:
  - { id: SM1, name: 借阅证号一致, english: the same card number, by: code, origin: "assumed: an example" }
candidates:
  limit: 5
  crowd: 50
  unknown-code: { deduction: 10, name: 无此借阅证, english: no reader has the card }
  rules:
    - { id: SC6, number: unknown, name: same, score: 80, title: 姓名一致, english: same name }
  origin: "assumed: an example"
"""


def write_definitions(folder):
    """The pipeline with visits of the museum that have numbers of their own, as they would in earnest, and with
    subjects to be found."""
    shutil.copytree(FIXTURE, folder)
    category = folder / "catalog" / "categories" / "VISIT.yaml"
    category.write_text(category.read_text(encoding="utf-8").split("\nmoves:")[0] + "\n", encoding="utf-8")
    adapter = folder / "sources" / "MUS.yaml"
    lines = [line for line in adapter.read_text(encoding="utf-8").splitlines() if "generated:" not in line]
    place = next(index for index, line in enumerate(lines) if "columns:" in line)
    lines.insert(place + 1, "      - { column: 条目, element: entry_no }")
    adapter.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "matching.yaml").write_text(MATCHING, encoding="utf-8")


def sheet(header, rows, end="\r\n", delimiter=";"):
    return "".join(delimiter.join(row) + end for row in [header, *rows])


READER = ["No", "Changed", "Card", "Name", "Phone", "Valid to", "Remark"]
LOAN = ["No", "Changed", "Action", "Loan", "Card", "Media", "Borrowed", "Due", "Returned", "Fee in thousands"]


def reader(number, changed="20260301T080000", name=None, valid="20270101"):
    return [f"R-{number}", changed, f"{10000000 + number}", name or f"读者{number}", "13800000000", valid, "无"]


def loan(number, card=None, changed="20260301T080000", action="U", due="20260210", returned="", fee="",
         medium="02"):
    return [f"L-{number}", changed, action, f"LN{number}", f"{10000000 + (card or number)}", medium,
            "20260202", due, returned, fee]


def garden(visits):
    units = [{
        "id": f"E{number}", "ticket": {"number": f"T{number}", "time": "2026-03-01T10:00:00"},
        "changed": changed, "fee": fee, "weather": "晴",
        "groups": [{"time": f"20260301T0{place}3000", "paid": {"fee": number + 0.5}}
                   for place in range(number % 3)],
        "members": [{"id": f"M{number}", "card": f"{10000000 + number}", "name": f"读者{number}",
                     "validTo": "20270101"}] if number % 2 else [],
    } for number, changed, fee in visits]
    return json.dumps({"code": 0, "data": {"total": len(units), "visits": units}}, ensure_ascii=False).encode()


def theatre(visits):
    units = "".join(
        f'<t:Visit id="S{number}"><t:Ticket number="X{number}"><t:Time>2026-03-01T19:30:00</t:Time></t:Ticket>'
        f"<t:Changed>{changed}</t:Changed><t:Fee>{fee}</t:Fee><t:Groups>"
        + "".join(f'<t:Group time="20260301T193000">{number}.5</t:Group>' for _ in range(number % 2))
        + "</t:Groups></t:Visit>\n"
        for number, changed, fee in visits)
    return (f'<?xml version="1.0" encoding="GB18030"?>\n<!-- 剧院 -->\n'
            f'<t:Export xmlns:t="urn:example:theatre" count="{len(visits)}">\n{units}</t:Export>\n'
            ).encode("gb18030")


def museum(numbers):
    rows = [[f"E{number}", f"V{number}", "2026-03-01 10:00:00", "2026-03-01 18:00:00"] for number in numbers]
    text = sheet(["条目", "编号", "入馆", "变更"], [["entry", "number", "entered", "changed"], *rows], delimiter="\t")
    return text.encode("gb18030")


def zipped(name, content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 3, 2, 1, 0, 0)), content)
    return file.getvalue()


def manifest(name, content, records):
    return {name: content,
            f"{name}.manifest.json": json.dumps({"name": name, "size": len(content), "records": records}).encode()}


def of_readers(name, rows):
    content = sheet(READER, rows).encode()
    return manifest(name, content, len(rows))


def of_loans(name, rows):
    return {name: sheet(LOAN, rows).encode()}


FIRST, LATER, LAST = "2026-03-01T18:00:00", "2026-03-02T18:00:00", "2026-03-09T18:00:00"
CHANGED, CHANGED_LAST = "20260302T080000", "20260309T080000"

NIGHTS = [
    # Loans 15 and 16 end before they began; 17 to 19 wait for their readers.
    {"LIB": of_readers("reader_1.csv", [reader(n, name=f"E{n}" if 2 <= n < 8 else None) for n in range(1, 17)])
        | of_loans("loan_1.csv", [loan(n) for n in range(1, 15)]
                   + [loan(n, card=n, due="20260101") for n in (15, 16)] + [loan(n) for n in (17, 18, 19)]),
     "MUS": {"visit_20260302.tsv": museum(range(12)), "visit_20260302.tsv.ok": b""},
     "GAR": {"garden_1.json.gz": gzip.compress(
         garden([(n, FIRST, "12.50") for n in range(1, 8)] + [(8, FIRST, "much")]), mtime=0)},
     "THE": {"theatre_1.xml": theatre([(n, FIRST, "80") for n in range(1, 9)] + [(9, "yesterday", "80")])}},
    # Readers 17 and 18 come, 16 is gone, 1 to 4 are new; 15 is corrected, 1 deleted, 2 to 5 change.
    {"LIB": of_readers("reader_2.csv", [reader(n, CHANGED, f"新读者{n}") for n in range(1, 5)]
                       + [reader(n, name=f"E{n}" if n < 8 else None) for n in range(5, 16)]
                       + [reader(n, CHANGED, name="E16") for n in (17, 18)])
        | of_loans("loan_2.csv", [loan(1, changed=CHANGED, action="D"), loan(15, changed=CHANGED)]
                   + [loan(n, changed=CHANGED, due="20260220") for n in range(2, 6)]
                   + [loan(n) for n in range(6, 10)] + [loan(16, due="20260101")]
                   + [loan(n, card=n - 20, changed=CHANGED) for n in range(21, 31)])
        | {"loan_3.csv": b"No;Changed\n1;2\n"},
     "MUS": {"visit_20260303.tsv": museum(range(6, 18))},
     "GAR": {"garden_2.json": garden([(n, LATER if n < 4 else FIRST, "13.50" if n < 4 else "12.50")
                                      for n in range(1, 12)])},
     "THE": {"theatre_2.xml.zip": zipped("theatre_2.xml", theatre(
         [(n, LATER, "90") for n in range(7, 14)] + [(14, "yesterday", "80")]))}},
    # Loan 19 has waited long enough; a full delivery of the loans leaves some out.
    {"LIB": of_loans("loan_full_4.csv", [loan(n, changed=CHANGED, due="20260220") for n in range(2, 6)]
                     + [loan(n) for n in range(6, 13)] + [loan(n, card=n - 20, changed=CHANGED) for n in range(21, 29)]
                     + [loan(n, card=n - 20, changed=CHANGED_LAST, due="20260301") for n in (31, 32)]),
     "MUS": {"visit_20260310.tsv": museum(range(14, 24))},
     "GAR": {"garden_3.json": garden([(n, LAST, "14.50") for n in range(10, 16)])},
     "THE": {"theatre_3.xml": theatre([(n, LAST, "95") for n in range(12, 20)])}},
]


def deliver(night, home):
    """Puts a night (from 0) into the inbox of a home."""
    for system, files in NIGHTS[night].items():
        folder = pathlib.Path(home) / "inbox" / system
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
