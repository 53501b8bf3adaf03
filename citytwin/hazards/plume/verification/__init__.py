"""Verification of the plume: closed forms, conservation, an independent sum, measurements."""

from citytwin.hazards.plume.verification.cases import CASES

__all__ = ["CASES"]
