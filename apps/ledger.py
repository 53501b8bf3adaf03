"""What a run adds up to: a sentence and, of water, terms with their shares, in both languages."""

import html
from dataclasses import dataclass
from typing import Any

from said import say
from texts import TEXTS, translate

from citytwin.hazards.flood.balance import WITHIN

_IN, _OUT = "_in_m3", "_out_m3"
#: A smaller share is said in words [1].
_TINY = 1e-6


@dataclass(frozen=True)
class Term:
    """A way by which water came or went.

    Attributes
    ----------
    name
        Of the ledger, such as ``rain``.
    came
        Whether it came in.
    volume
        Water [m³].
    """

    name: str
    came: bool
    volume: float

    def words(self, language: str) -> str:
        """Name for people; the ledger's own where there is no other."""
        key = f"water.{'in' if self.came else 'out'}.{self.name}"
        return translate(key, language) if key in TEXTS else self.name.replace("_", " ")


def terms_of(balance: dict[str, Any]) -> list[Term]:
    """Terms of the balance in a run's manifest that moved water; what stands there comes last."""
    found = [Term("before", came=True, volume=float(balance.get("before_m3", 0.0)))]
    for name, value in balance.items():
        for ending, came in ((_IN, True), (_OUT, False)):
            way = name.removesuffix(ending)
            if way not in (name, *WITHIN):
                found.append(Term(way, came=came, volume=float(value)))
    found.append(Term("standing", came=False, volume=float(balance.get("stored_m3", 0.0))))
    return [term for term in found if term.volume > 0.0]


def sentence(manifest: dict[str, Any], language: str) -> str:
    """The outcome in one sentence; where water came, the balance of it."""
    said = str(manifest.get("balance_sentence", ""))
    terms = terms_of(manifest.get("balance", {}))
    came = [term for term in terms if term.came]
    if language != "zh" or not any(name.endswith(_IN) for name in manifest.get("balance", {})):
        return say(said, language)
    if not came:
        return translate("water.none", language)
    total = sum(term.volume for term in came)
    ways = "、".join(f"{term.words(language)} {term.volume:,.0f} 立方米" for term in came)
    ends = "、".join(
        f"{term.volume / total:.0%} {term.words(language)}" for term in terms if not term.came
    )
    error = _small(manifest["balance"], language)
    return f"来水：{ways}。其中 {ends}；{error}去向不明。"


def _small(balance: dict[str, Any], language: str) -> str:
    """The share of the water that is not accounted for, in words as long as it is tiny."""
    error = abs(float(balance.get("balance_error", 0.0)))
    return translate("water.no_error", language) if error < _TINY else f"{error:.2g}"


def table(manifest: dict[str, Any], language: str) -> str:
    """The terms as a table of HTML: what came, where it went, and what is not accounted for.

    Empty for a hazard without water.
    """
    balance = manifest.get("balance", {})
    terms = terms_of(balance)
    total = sum(term.volume for term in terms if term.came)
    if not total:
        return ""
    rows = [
        _row(term.words(language), f"{term.volume:,.0f}", f"{term.volume / total:.1%}")
        for term in sorted(terms, key=lambda term: not term.came)
    ]
    heads = {True: "water.came", False: "water.went"}
    first = {came: _head(translate(heads[came], language)) for came in heads}
    ways = sum(term.came for term in terms)
    error = float(balance.get("balance_error", 0.0))
    last = _row(
        translate("water.error", language), f"{abs(error) * total:,.1f}", _small(balance, language)
    )
    body = [first[True], *rows[:ways], first[False], *rows[ways:], last]
    return f'<div class="ct-small ct-ledger"><table>{"".join(body)}</table></div>'


def _head(text: str) -> str:
    return f"<tr><th>{text}</th><th>m³</th><th></th></tr>"


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
