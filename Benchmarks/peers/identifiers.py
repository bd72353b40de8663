"""The identifier checks of the job as terms: forms, check characters, tables.

Kinds stand in `catalog/identifiers.yaml`; the arithmetic is that of the standards named there.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from catalog import Catalog
from terms import Term, every, filled, lit, matches, negated, part, replaced, some, term, when, within

CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CREDIT_FORM = "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
POSTAL_ZONES = [
    *range(1, 8),
    *range(10, 14),
    15,
    16,
    *range(20, 28),
    *range(30, 37),
    *range(40, 48),
    *range(51, 58),
    *range(61, 68),
    *range(71, 76),
    81,
    *range(83, 87),
]
PHONE = (
    "^(0(10|2[0-9]|[3-9][0-9]{2})-?[2-9][0-9]{6,7}(-[0-9]{1,6})?|[48]00[0-9]{7}|[48]00-[0-9-]{7,9}"
    "|1[3-9][0-9]{9}|110|119|120|122|123[0-9]{2}|9[56][0-9]{3}|95[12][0-9]{3})$"
)
HAN_BLOCKS = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF)]
PROVINCE = "[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新]"
HAN = "[〇" + "".join(f"{chr(first)}-{chr(last)}" for first, last in HAN_BLOCKS) + "]"
# By type of licence.
LICENCE_FORMS = {
    "03": f"^{PROVINCE}[A-D][A-D][0-9]{{7,9}}$",
    "04": f"^{PROVINCE}20[0-9]{{6}}$",
    "05": f"^{PROVINCE}({HAN}{{0,2}}危化[A-Z]{{0,2}}经|{HAN}{{0,2}}危化使)字〔20[0-9]{{2}}〕[0-9]{{4,6}}号$",
    "06": f"^[(]{PROVINCE}[)][A-Z]{{2}}安许证字〔20[0-9]{{2}}〕[0-9]{{4,6}}号?$",
    "08": f"^([0-9]{{12}}|{PROVINCE}{HAN}{{4,8}}字[0-9]{{12}}号)$",
    "09": f"^{PROVINCE}{HAN}{{0,3}}卫公证字〔20[0-9]{{2}}〕第?[0-9]{{3,6}}号$",
    "10": "^[0-9A-Z]{22}$",
}


@dataclass(frozen=True)
class Verdict:
    """One thing that may be wrong with an identifier."""

    issue: str
    failed: Term
    is_note: bool = False


@dataclass(frozen=True)
class Context:
    """What checks need beyond the value."""

    catalog: Catalog
    night: datetime.date
    # The element beside the number that says what kind of number it is.
    companion: Callable[[str], Term]


def weighted(value: Term, start: int, weights: list[int], alphabet: str, modulus: int) -> Term:
    """Sum of weight times place in the alphabet, modulo; characters must be of the alphabet."""
    return term("weighted", value, start, tuple(weights), alphabet, modulus)


def check_character(value: Term, place: int, table: str, remainder: Term) -> Term:
    """Whether the character at `place` is the one that the table has for the remainder."""
    return term("eq", part(value, place, 1), term("pick", table, remainder))


def credit_sum(value: Term) -> Term:
    table = "".join(CREDIT[(31 - rest) % 31] for rest in range(31))
    return check_character(value, 18, table, weighted(value, 1, [3**place % 31 for place in range(17)], CREDIT, 31))


def inner_sum(value: Term, start: int) -> Term:
    return check_character(
        value, start + 8, "0X987654321", weighted(value, start, [3, 7, 9, 10, 5, 8, 4, 2], LETTERS, 11)
    )


def hybrid_sum(value: Term, start: int, digits: int) -> Term:
    """ISO 7064 MOD 11,10."""
    return check_character(value, start + digits, "10987654321", term("hybrid", value, start, digits))


def guarded(condition: Term, holds: Term) -> Term:
    """Fails where the condition is met and the arithmetic does not hold; arithmetic only where it can be done."""
    return when(condition, negated(holds), lit(False))


def credit_code(value: Term, _: Context) -> list[Verdict]:
    form = matches(value, CREDIT_FORM)
    sound = when(form, credit_sum(value), lit(False))
    return [
        Verdict("Q21", negated(form)),
        Verdict("Q27", guarded(form, credit_sum(value))),
        Verdict("Q27", guarded(sound, inner_sum(value, 9)), True),
    ]


def organisation_code(value: Term, _: Context) -> list[Verdict]:
    form = matches(value, "^[0-9A-Z]{8}[0-9X]$")
    return [Verdict("Q21", negated(form)), Verdict("Q27", guarded(form, inner_sum(value, 1)))]


def registration_number(value: Term, _: Context) -> list[Verdict]:
    form = matches(value, "^[0-9]{15}$")
    return [Verdict("Q21", negated(form)), Verdict("Q27", guarded(form, hybrid_sum(value, 1, 14)))]


def resident_number(value: Term, context: Context) -> list[Verdict]:
    """As for the one beside whose number the resident identity card stands."""
    applies = term("eq", context.companion("legal_rep_id_type_code"), lit("111"))
    provinces = sorted({code[:2] for code in context.catalog.divisions})
    form = matches(value, "^[0-9]{17}[0-9X]$")
    masked = every(matches(value, "^[0-9*]{17}[0-9*X]$|^[0-9*]{15}$"), matches(value, r"^([^*]*\*){4}.*$"))
    province = within(part(value, 1, 2), provinces)
    born = term("date", replaced(part(value, 7, 8), "^(....)(..)(..)$", r"\1-\2-\3"))
    dated = every(filled(born), term("le", born, lit(context.night)), term("ge", part(value, 7, 4), lit("1850")))
    sound = check_character(
        value, 18, "10X98765432", weighted(value, 1, [2 ** (17 - place) % 11 for place in range(17)], "0123456789", 11)
    )
    known = within(part(value, 1, 6), context.catalog.divisions)
    upto = every(applies, form, province)
    return [
        Verdict("Q21", every(applies, negated(form), negated(masked))),
        Verdict("Q27", every(applies, masked), True),
        Verdict("Q27", some(every(applies, form, negated(province)), guarded(every(upto, dated), sound))),
        Verdict("Q29", every(upto, negated(dated))),
        Verdict("Q27", every(upto, dated, when(every(upto, dated), sound, lit(False)), negated(known)), True),
    ]


def division_code(value: Term, context: Context) -> list[Verdict]:
    provinces = sorted({code[:2] for code in context.catalog.divisions})
    form = every(matches(value, "^[0-9]{6}$"), term("ne", value, lit("000000")))
    province = within(part(value, 1, 2), provinces)
    return [
        Verdict("Q21", negated(form)),
        Verdict("Q24", every(form, negated(province))),
        Verdict("Q24", every(form, province, negated(within(value, context.catalog.divisions))), True),
    ]


def industry_code(value: Term, context: Context) -> list[Verdict]:
    letters = context.catalog.industries
    form = matches(value, "^[A-T]?[0-9]{2}[1-9][0-9]$")
    bare = replaced(value, "^[A-T]", "")
    known = within(part(bare, 1, 2), sorted(letters))
    fits = some(
        matches(value, "^[0-9]+$"), within(part(value, 1, 3), sorted(f"{letters[key]}{key}" for key in letters))
    )
    return [Verdict("Q21", negated(form)), Verdict("Q24", every(form, some(negated(known), negated(fits))))]


def postal_code(value: Term, _: Context) -> list[Verdict]:
    zone = within(part(value, 1, 2), [f"{zone:02}" for zone in POSTAL_ZONES])
    return [Verdict("Q24", negated(zone))]


def phone_number(value: Term, _: Context) -> list[Verdict]:
    return [Verdict("Q21", negated(matches(value, PHONE)))]


def document_number(value: Term, context: Context) -> list[Verdict]:
    years = "|".join(str(year) for year in range(1949, context.night.year + 2))
    form = f"^[^\\x00-\\x20〔]+〔({years})〕第?[0-9A-Za-z-]*[0-9][0-9A-Za-z-]*号$"
    return [Verdict("Q21", negated(matches(value, form)))]


def licence_number(value: Term, context: Context) -> list[Verdict]:
    """Food business (01), food production (02) and pollutant discharge (07) have check characters; of other types
    only the form is known, and a number of another form is noted."""
    kind = context.companion("licence_type_code")

    def food(code: str, prefix: str, first: str) -> tuple[Term, Term]:
        applies = term("eq", kind, lit(code))
        form = matches(value, f"^{prefix}[{first}][0-9]{{13}}$")
        return every(applies, negated(form)), guarded(every(applies, form), hybrid_sum(value, 3, 13))

    business, production = food("01", "JY", "123"), food("02", "SC", "12")
    permit = term("eq", kind, lit("07"))
    permit_form = matches(value, CREDIT_FORM[:-1] + "[0-9]{3}[A-Z]$")
    upto = every(permit, permit_form)
    sound = when(upto, credit_sum(value), lit(False))
    return [
        Verdict("Q21", some(business[0], production[0], every(permit, negated(permit_form)))),
        Verdict("Q27", some(business[1], production[1], guarded(upto, credit_sum(value)))),
        Verdict("Q27", guarded(sound, inner_sum(value, 9)), True),
        Verdict(
            "Q21",
            some(
                *(
                    every(term("eq", kind, lit(code)), negated(matches(value, form)))
                    for code, form in LICENCE_FORMS.items()
                )
            ),
            True,
        ),
    ]


CHECKS: dict[str, Callable[[Term, Context], list[Verdict]]] = {
    "uscc": credit_code,
    "org_code": organisation_code,
    "reg15": registration_number,
    "resident_id_if_111": resident_number,
    "gbt2260": division_code,
    "gbt4754": industry_code,
    "postal": postal_code,
    "phone": phone_number,
    "doc_no": document_number,
    "licence_by_type": licence_number,
}
