"""Why a facility is out of service, in plain words."""

from citytwin.impact.lifelines.graph import Dark, root
from citytwin.impact.lifelines.places import Facility

_MINUTE = 60.0


def span(seconds: float) -> tuple[str, str]:
    """A length of time in hours and minutes, in English and Chinese."""
    hours, minutes = divmod(max(round(seconds / _MINUTE), 1), 60)
    parts = [(hours, "h", "小时"), (minutes, "min", "分")]
    shown = [part for part in parts if part[0]] or [parts[1]]
    return (
        " ".join(f"{value} {unit}" for value, unit, _ in shown),
        "".join(f" {value} {unit}" for value, _, unit in shown).strip(),
    )


def said(
    facilities: tuple[Facility, ...], found: list[Dark], node: int, befell: tuple[str, str]
) -> tuple[str, str]:
    """One sentence about a facility that is dark, in English and Chinese.

    Parameters
    ----------
    facilities, found
        All of them, and when and why each is dark.
    node
        Number of the one that it is about.
    befell
        What befell the one behind it, as words after its name.
    """
    one, dark = facilities[node], found[node]
    when, when_zh = _when(dark.time)
    if dark.cause < 0:
        return (
            f"{one.name}: out of service {when}, because it {befell[0]}",
            f"{one.name_zh}：{when_zh}停止运行，因{befell[1]}",
        )
    cause, first = facilities[dark.cause], facilities[root(found, node)]
    words = f"{first.name} {befell[0]}"
    words_zh = f"{first.name_zh}{befell[1]}"
    if first is not cause:
        words = f"{cause.name} is dark since {words}"
        words_zh = f"{cause.name_zh}因{words_zh}而停运"
    others = [name for name in one.needs[dark.need] if name != cause.name]
    if others:
        called = {other.name: other.name_zh for other in facilities}
        words += f" and {', '.join(others)} had failed before"
        words_zh += f"，且{'、'.join(called[name] for name in others)}已先停运"
    if one.backup > 0.0:
        lasted, lasted_zh = span(one.backup)
        words += f" and its own supply lasted {lasted}"
        words_zh += f"，自备电源维持 {lasted_zh}"
    return (
        f"{one.name}: dark {when}, because {words}",
        f"{one.name_zh}：{when_zh}停运，因{words_zh}",
    )


def _when(seconds: float) -> tuple[str, str]:
    if seconds <= 0.0:
        return "at once", "立即"
    words, words_zh = span(seconds)
    return f"after {words}", f"{words_zh}后"
