"""Verification of the earthquake: another program's tables, closed forms, published correlation."""

from citytwin.hazards.earthquake.verification.cases import CASES

__all__ = ["CASES"]
