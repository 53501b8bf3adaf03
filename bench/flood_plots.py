"""How the plots of the flood's verification look, and the few kinds of them."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.transforms import Affine2D

from citytwin.hazards.flood.verification.scene import Scene
from citytwin.hazards.flood.verification.water import FULL1, FULL2, INERTIAL

IMAGES = Path(__file__).parent / "img"
#: Colours that people with any colour vision tell apart (Okabe & Ito).
COLOURS = {INERTIAL: "#D55E00", FULL1: "#56B4E9", FULL2: "#0072B2"}
REFERENCE = "black"
#: Lines lie over one another: the last is dashed differently.
STYLES = {INERTIAL: "-", FULL1: "--", FULL2: "-"}

mpl.use("Agg")
mpl.rcParams.update(
    {
        "font.size": 9, "axes.titlesize": 9, "axes.labelsize": 9, "legend.fontsize": 8,
        "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
        "grid.color": "#dddddd", "grid.linewidth": 0.6, "lines.linewidth": 1.3,
        "legend.frameon": False, "figure.constrained_layout.use": True, "savefig.dpi": 130,
    }
)  # fmt: skip


def panels(rows: int, cols: int, width: float, height: float, **options):
    """Figure and (rows, cols) axes; sizes in inches."""
    return plt.subplots(rows, cols, figsize=(width, height), squeeze=False, **options)


def save(figure, name: str) -> str:
    """Write a picture and give its file name."""
    IMAGES.mkdir(exist_ok=True)
    file = f"flood_{name}.png"
    figure.savefig(IMAGES / file)
    plt.close(figure)
    return file


def line(axes, x, y, solver: str, **options) -> None:
    """Line of a solver in its colour."""
    style = {"color": COLOURS[solver], "linestyle": STYLES[solver], "label": solver}
    axes.plot(x, y, **{**style, **options})


def window(axes, scene: Scene, values, **options):
    """Picture of a window of a lattice: each cell as a parallelogram around its centre."""
    rows, cols = scene.shape
    (cx, cy), (rx, ry) = scene.lattice.vectors[0], scene.lattice.vectors[1]
    place = Affine2D(np.array([[cx, rx, scene.x[0, 0]], [cy, ry, scene.y[0, 0]], [0, 0, 1]]))
    image = axes.imshow(
        values, origin="lower", extent=(-0.5, cols - 0.5, -0.5, rows - 0.5),
        interpolation="nearest", transform=place + axes.transData, **options,
    )  # fmt: skip
    shown = np.isfinite(values)
    axes.set_xlim(scene.x[shown].min(), scene.x[shown].max())
    axes.set_ylim(scene.y[shown].min(), scene.y[shown].max())
    axes.set_aspect("equal")
    axes.grid(visible=False)
    return image
