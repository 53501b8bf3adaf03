"""The local inertial solver: no advection, friction taken implicitly, fast."""
