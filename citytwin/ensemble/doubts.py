"""What members say of their own assumptions, together."""

import re
from collections.abc import Iterable

from citytwin.ensemble.member import Member
from citytwin.impact.base import Curve

#: Words in each note on a coefficient that nobody compared with its source.
_UNVERIFIED = "not verified"
#: Words in notes that count though few members have them.
_COUNTS = ("WARNING", "a further pass would change")
#: Numbers in a note, and what is said where others have the same note with other numbers.
_NUMBER, _OTHERS = re.compile(r"\d[\d.,]*"), " (others say so with other numbers)"


def notes_of(members: list[Member]) -> list[str]:
    """Notes in which something is not verified, then warnings of any and notes of all members."""
    said = list(dict.fromkeys(note for member in members for note in member.notes))
    doubtful = [note for note in said if _UNVERIFIED in note]
    common = set.intersection(*(set(member.notes) for member in members))
    rest = [note for note in said if note not in doubtful]
    return _once(doubtful) + [
        note for note in rest if note in common or any(words in note for words in _COUNTS)
    ]


def all_notes(members: list[Member]) -> list[str]:
    """Notes of any member, those in which something is not verified first."""
    curves = curves_of(members)
    said = [note for member in members for note in member.notes]
    told = dict.fromkeys([*filter(None, [unverified(curves)]), *said])
    doubtful = [note for note in told if _UNVERIFIED in note]
    return _once(doubtful) + [note for note in told if _UNVERIFIED not in note]


def _once(notes: Iterable[str]) -> list[str]:
    """Of notes that differ in nothing but numbers the first, which then says so."""
    alike: dict[str, list[str]] = {}
    for note in notes:
        alike.setdefault(_NUMBER.sub("#", note), []).append(note)
    return [same[0] + (_OTHERS if len(same) > 1 else "") for same in alike.values()]


def curves_of(members: list[Member]) -> list[Curve]:
    """Vulnerabilities that any member used."""
    return list(dict.fromkeys(curve for member in members for curve in member.curves))


def unverified(curves: list[Curve]) -> str:
    """Which vulnerabilities nobody compared with their source, in a sentence; empty if none."""
    doubtful = [f"{curve.title} ({curve.source})" for curve in curves if not curve.verified]
    return f"{_UNVERIFIED}: {'; '.join(doubtful)}" if doubtful else ""
