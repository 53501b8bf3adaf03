"""The cases of ``citytwin verify earthquake``."""

from citytwin.hazards.cases import Verification
from citytwin.hazards.earthquake.verification import ground, motion

_HAZARDLIB = "OpenQuake hazardlib 3.26.2, table beside the case"

CASES = (
    Verification(
        "ground motion of 1,000 sites and magnitudes, off hazardlib's medians (relative)",
        motion.off_hazardlib, 1e-6, "1", _HAZARDLIB,
    ),
    Verification(
        "distance to a vertical fault up to 130 km away, off the closed form on a sphere (relative)",
        motion.off_closed_form, 1e-3, "1", "spherical trigonometry; laws: hazardlib's planes",
    ),
    Verification(
        "size of ruptures, off hazardlib's Wells & Coppersmith (relative)",
        motion.off_scaling, 1e-6, "1", _HAZARDLIB,
    ),
    Verification(
        "velocity of the ground by slope, off the published tables (relative)",
        ground.off_table, 1e-9, "1", "Allen & Wald 2009; Wald & Allen 2007",
    ),
    Verification(
        "slope of an even hillside to the city's edge (relative)",
        ground.off_slope, 1e-6, "1", "closed form",
    ),
    Verification(
        "correlation of the random fields at every distance, off the published one",
        ground.off_correlation, 1e-3, "1", "Jayaram & Baker 2009, doi:10.1002/eqe.922, equations 17-20",
    ),
    Verification(
        "correlation of 120 drawn fields, off the published one",
        ground.off_sampled, 0.06, "1", "Jayaram & Baker 2009; Baker & Jayaram 2008",
    ),
    Verification(
        "intensity where the published lines meet",
        motion.off_intensity, 0.02, "1", "Worden et al. 2012, doi:10.1785/0120110156, table 1",
    ),
    Verification(
        "ShakeMap read back between its places (relative)",
        ground.off_shakemap, 1e-7, "1", "a grid.xml made for this, whose fields rise evenly",
    ),
)  # fmt: skip
