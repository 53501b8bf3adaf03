"""Radiant heat on people in the open: where they stand, what they see burn, what it means."""
