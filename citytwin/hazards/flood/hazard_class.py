"""How dangerous moving water is: classes by depth, speed and their product."""

#: Greatest depth [m], speed [m/s] and product [m²/s] of the classes H1 to H5; beyond is H6.
LIMITS = (
    (0.3, 2.0, 0.3),
    (0.5, 2.0, 0.6),
    (1.2, 2.0, 0.6),
    (2.0, 2.0, 1.0),
    (4.0, 4.0, 4.0),
)
