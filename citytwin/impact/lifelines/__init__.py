"""Lifelines and critical facilities: what puts each out of service, and what depends on it."""
