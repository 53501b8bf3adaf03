"""Verification of fire: through plants, from building to building, and both together."""
