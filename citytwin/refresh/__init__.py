"""Bring a city up to date: what changed is computed, snapshots are swapped, differences told."""
