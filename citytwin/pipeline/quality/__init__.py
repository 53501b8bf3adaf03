"""The honesty report's tables: what in a city is real, derived or assumed."""
