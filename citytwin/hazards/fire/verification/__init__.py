"""Verification cases of the fire."""
