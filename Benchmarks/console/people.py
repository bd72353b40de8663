"""Who visits the console under load, and how. Read by Scripts/console-load and, in another environment, by Locust."""
import collections
import html
import re
import typing

SEED = 11
PASSWORD = "load password 清源"
# Seconds between two clicks.
THINKING = (1.0, 3.0)
# Seconds within which everybody comes, and before which the night does not begin.
COMING, ARRIVAL = 12.0, 15.0
# Seconds after which a request has failed.
PATIENCE = 30.0
# What an act is answered with if the night was there first.
REFUSED = (409, 422)

SYSTEMS = ("SAM", "MEE", "URB", "MOT", "HUD", "MEM", "MPS", "NHC", "NMP", "CUL")


class Account(typing.NamedTuple):
    name: str
    role: str
    systems: str | None
    clearance: str


def everybody():
    """Fifty people as an installation has them: most are stewards; some see all systems."""
    stewards = [Account(f"steward{number}", "steward", SYSTEMS[number % 10] if number < 20 else
                        f"{SYSTEMS[number % 10]},{SYSTEMS[(number + 3) % 10]}", ("public", "shared", "restricted")[number % 3])
                for number in range(34)]
    return stewards + [Account(f"{role}{number}", role, None, "restricted") for role, count in
                       (("operator", 8), ("approver", 4), ("auditor", 3), ("administrator", 1)) for number in range(count)]


PEOPLE = everybody()


def chosen_people(count):
    """Every role is there, however few they are."""
    roles = collections.defaultdict(list)
    for person in PEOPLE:
        roles[person.role].append(person)
    first = [people[0] for people in roles.values()]
    rest = [person for person in PEOPLE if person not in first]
    many = first + rest + [person for _ in range(count // len(PEOPLE)) for person in PEOPLE]
    return many[:count]


class Sample(typing.NamedTuple):
    """One request. `failure` says why it failed, or nothing."""

    kind: str
    began: float
    seconds: float
    size: int
    path: str
    status: int
    failure: str | None = None


def links(page, pattern):
    return [html.unescape(link) for link in re.findall(rf'href="({pattern})"', page)]
