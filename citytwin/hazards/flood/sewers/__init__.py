"""Drains through SWMM, coupled with the surface both ways."""
