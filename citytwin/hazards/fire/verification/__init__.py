"""Verification of fire: through plants, from building to building, and both together."""

from citytwin.hazards.base import Verification

CASES: tuple[Verification, ...] = ()
