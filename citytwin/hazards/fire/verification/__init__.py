"""Verification of fire: through plants, from building to building, and both together."""

from citytwin.hazards.cases import Verification
from citytwin.hazards.fire.verification.event import CASES as EVENT
from citytwin.hazards.fire.verification.houses import CASES as HOUSES
from citytwin.hazards.fire.verification.vegetation import VEGETATION

CASES: tuple[Verification, ...] = VEGETATION + HOUSES + EVENT
