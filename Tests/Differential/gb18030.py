"""GB 18030 as `read` and as glibc's iconv take it, many sequences to a file."""
import json
import pathlib
import random
import subprocess

#: What GB 18030-2005 and -2022 gave a two-byte code, in place of a code point of the private use area.
#: The product exchanges their codes, so that both can be told apart; glibc has no code for the one before.
EXCHANGED = {
    0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15, 0xE793: 0xFE16,
    0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
    0xE832: 0x9FB8, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE864: 0x9FBB,
}
#: Two-byte codes that the editions of 2000 and 2022 leave in the private use area, and glibc reads as characters
#: of the second plane that were encoded later: ours, glibc's.
SECOND_PLANE = {0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE831: 0x215D7, 0xE83B: 0x2298F, 0xE855: 0x241FE}
#: Code points that glibc has no code for.
WITHOUT_CODE = EXCHANGED.keys() | SECOND_PLANE.keys()
#: Damage that came about before, which the product does not take for a character.
REPLACEMENT = 0xFFFD
FOUR_BYTES_SAMPLED = 200_000
ROW = 64


class IconvDiffers(Exception):
    """The iconv of this system is not the one whose differences are written here."""


def iconv(content, source, target, *words):
    done = subprocess.run(["iconv", *words, "-f", source, "-t", target], input=content, capture_output=True)
    if done.returncode != 0 and "-c" not in words:
        raise IconvDiffers(done.stderr.decode(errors="replace").strip())
    return done.stdout


def read(program, path, content):
    """Texts by their labels: what the two columns of a CSV file hold."""
    path.write_bytes(content)
    done = subprocess.run([program, "read", "--json", str(path)], capture_output=True)
    if done.returncode not in (0, 1) or not done.stdout:
        return {}
    return dict(json.loads(done.stdout))


def code_points(program, folder, _):
    """Every code point that iconv has a code for is read as itself."""
    points = [point for point in range(1, 0x110000)
              if not 0xD800 <= point < 0xE000 and point not in WITHOUT_CODE and chr(point) not in '",\r\n'
              and point != REPLACEMENT]
    rows = {f"{points[at]:X}": "".join(map(chr, points[at:at + ROW])) for at in range(0, len(points), ROW)}
    path = pathlib.Path(folder) / "code-points.csv"
    ours = read(program, path, iconv(sheet(rows).encode(), "UTF-8", "GB18030"))
    problems = []
    for label, text in rows.items():
        found = ours.get(label, "")
        if found != text:
            pairs = list(zip(found, text)) if len(found) == len(text) else [(found, text)]
            problems += [f"{path}: iconv's code of {name(right)} is read as {name(left)}"
                         for left, right in pairs if left != right and not is_known(left, right)]
    return len(points), problems


def sheet(rows):
    return "".join(f"{label},{text}\n" for label, text in rows.items())


def name(text):
    return " ".join(f"U+{ord(character):04X}" for character in text[:8]) or "nothing"


def two_bytes(program, folder, _):
    """Every lead from 80 with every trail from 40, valid and not."""
    codes = [bytes([lead, trail]) for lead in range(0x80, 0x100) for trail in range(0x40, 0x100)]
    return sequences(program, pathlib.Path(folder) / "two-bytes.csv", codes)


def four_bytes(program, folder, seed):
    """A sample of the four-byte codes and what looks like one, and those whose meaning editions changed."""
    source = random.Random(f"{seed} four bytes")
    borders = ["81308130", "8431A439", "8431A530", "8F39FE39", "90308130", "E3329A35", "E3329A36", "FE39FE39"]
    codes = {bytes.fromhex(code) for code in borders}
    # U+E78D stands where U+FE10 stood, and so on.
    codes |= {chr(point).encode("gb18030") for point in [*EXCHANGED.values(), *SECOND_PLANE.values()]}
    while len(codes) < FOUR_BYTES_SAMPLED:
        lead = source.choice([source.randrange(0x81, 0xFF), source.randrange(0x81, 0x85), source.randrange(0x90, 0xE4)])
        third = source.randrange(0x81, 0xFF)
        codes.add(bytes([lead, source.randrange(0x30, 0x3A), third, source.randrange(0x30, 0x3A)]))
    return sequences(program, pathlib.Path(folder) / "four-bytes.csv", sorted(codes))


def sequences(program, path, codes):
    """Each sequence is read as by iconv, or refused by both.

    Iconv leaves out what it refuses (-c), the product writes U+FFFD for it.
    """
    # Lines of plain text settle the encoding of the file.
    head = "".join(f"text{number},清源市行政执法数据\n" for number in range(len(codes) // 4)).encode("gb18030")
    content = head + b"".join(code.hex().encode() + b"," + code + b"\n" for code in codes)
    ours = read(program, path, content)
    theirs = dict(line.split(",", 1) for line in iconv(content, "GB18030", "UTF-8", "-c").decode().split("\n") if line)
    problems = []
    for code in codes:
        left, right = ours.get(code.hex(), ""), theirs.get(code.hex(), "")
        is_theirs = len(right) == 1 and not right.isascii() and ord(right) != REPLACEMENT
        is_same = left == right if is_theirs else chr(REPLACEMENT) in left
        if not is_same and not is_known(left, right):
            problems.append(f"{path}: {code.hex()} is read as {name(left)}, by iconv as {name(right)}")
    return len(codes), problems


def is_known(left, right):
    if len(left) != 1:
        return False
    return right == "" and ord(left) in EXCHANGED or len(right) == 1 and SECOND_PLANE.get(ord(left)) == ord(right)
