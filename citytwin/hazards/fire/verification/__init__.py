"""Verification of fire: through plants, between buildings, heat on people, and all together."""

from citytwin.hazards.cases import Verification
from citytwin.hazards.fire.verification.event import CASES as EVENT
from citytwin.hazards.fire.verification.heat import CASES as HEAT
from citytwin.hazards.fire.verification.houses import CASES as HOUSES
from citytwin.hazards.fire.verification.vegetation import VEGETATION

CASES: tuple[Verification, ...] = VEGETATION + HOUSES + HEAT + EVENT
