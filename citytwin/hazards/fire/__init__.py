"""Fire through vegetation and from building to building."""
