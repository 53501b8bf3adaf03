"""Verification of fire: from building to building, through plants, and both together."""

from citytwin.hazards.base import Verification
from citytwin.hazards.fire.verification.event import CASES as EVENT
from citytwin.hazards.fire.verification.houses import CASES as HOUSES

CASES: tuple[Verification, ...] = HOUSES + EVENT
