"""Flood by the full shallow-water equations: dam breaks, steep streets, momentum."""
