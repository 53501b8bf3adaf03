"""Fire from building to building: radiation, embers, states, the brigade."""
