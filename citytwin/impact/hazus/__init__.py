"""What an earthquake does to buildings and people by FEMA's Hazus 6.1: pure functions on arrays.

``classes`` says what a building is, ``capacity`` how far it sways, ``fragility`` how likely each damage
state, ``casualties`` who is hurt, ``debris`` how far rubble reaches, ``ignitions`` where fires start.
"""
