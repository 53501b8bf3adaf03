"""The inertial solver on coarse cells that know the fine ground inside them, as tables."""
