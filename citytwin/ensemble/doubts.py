"""What members say of their own assumptions, together."""

from citytwin.ensemble.member import Member
from citytwin.impact.base import Curve

#: Words in each note on a coefficient that nobody compared with its source.
_UNVERIFIED = "not verified"


def notes_of(members: list[Member]) -> list[str]:
    """Notes in which something is not verified first, then those that all members have."""
    said = list(dict.fromkeys(note for member in members for note in member.notes))
    doubtful = [note for note in said if _UNVERIFIED in note]
    common = set.intersection(*(set(member.notes) for member in members))
    return doubtful + [note for note in said if note in common and note not in doubtful]


def all_notes(members: list[Member]) -> list[str]:
    """Every note of any member, those in which something is not verified first."""
    curves = curves_of(members)
    said = [note for member in members for note in member.notes]
    told = dict.fromkeys([*filter(None, [unverified(curves)]), *said])
    return sorted(told, key=lambda note: _UNVERIFIED not in note)


def curves_of(members: list[Member]) -> list[Curve]:
    """Vulnerabilities that any member used."""
    return list(dict.fromkeys(curve for member in members for curve in member.curves))


def unverified(curves: list[Curve]) -> str:
    """Which vulnerabilities nobody compared with their source, in a sentence; empty if none."""
    doubtful = [f"{curve.title} ({curve.source})" for curve in curves if not curve.verified]
    return f"{_UNVERIFIED}: {'; '.join(doubtful)}" if doubtful else ""
