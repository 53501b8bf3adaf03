"""Verification of the flood: laws that must hold, closed forms, published benchmarks."""

from citytwin.hazards.flood.verification.cases import CASES
from citytwin.hazards.flood.verification.scene import (
    border,
    positions,
    shanghai_lattice,
    skewed_lattice,
)

__all__ = ["CASES", "border", "positions", "shanghai_lattice", "skewed_lattice"]
