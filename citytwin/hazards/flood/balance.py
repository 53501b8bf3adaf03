"""The ledger of a flood's water: what entered, what left, and by which way."""

from dataclasses import dataclass, field

#: Terms of water that only changes its place; it neither comes nor goes.
WITHIN = ("moved",)


@dataclass(frozen=True)
class Balance:
    """Where the water went [m³].

    Attributes
    ----------
    before
        Water at the start.
    stored
        Water that stands on the ground.
    entered, left
        Water that came in and went out, by term: ``rain``, ``inflow``, ``sea``, ``infiltrated``,
        ``drained`` (over the open boundary), ``sewers`` and what else a scenario has.
    """

    before: float
    stored: float
    entered: dict[str, float] = field(default_factory=dict)
    left: dict[str, float] = field(default_factory=dict)

    @property
    def terms(self) -> dict[str, float]:
        """Net water by term, positive where it came in [m³]."""
        names = [*self.entered, *(name for name in self.left if name not in self.entered)]
        return {n: self.entered.get(n, 0.0) - self.left.get(n, 0.0) for n in names}

    @property
    def came(self) -> float:
        """All water that was ever there: at the start and by every way in [m³]."""
        return self.before + sum(v for k, v in self.entered.items() if k not in WITHIN)

    @property
    def error(self) -> float:
        """Water that appeared or vanished, as a share of the water that entered."""
        surplus = self.stored - self.before - sum(self.terms.values())
        return surplus / self.came if self.came > 0.0 else surplus

    @property
    def rain(self) -> float:
        """Rain that fell, roofs included [m³]."""
        return self.entered.get("rain", 0.0)

    @property
    def infiltrated(self) -> float:
        """Water that the ground took [m³]."""
        return self.left.get("infiltrated", 0.0)

    @property
    def drained(self) -> float:
        """Water that left over the open boundary [m³]."""
        return self.left.get("drained", 0.0)
