"""Sentences about what a flood cannot be run with, in Chinese."""

from typing import Final

from citytwin.registry import measures

_N = r"(-?[\d.,]+(?:e[-+]?\d+)?)"
_WHY: Final = {
    "hide the wall that a breach opens": "看不出溃口所在的墙体",
    "hide the streets in which inlets lie": "看不出雨水口所在的街道",
    "have no one level where their ground falls": "在坡地上没有统一水位",
}


def _titles() -> dict[str, str]:
    """Kinds of measures as sentences call them, and their Chinese."""
    kinds = (measures.get(name) for name in measures.names())
    return {kind.title.lower(): kind.title_zh for kind in kinds}


PHRASES: Final[tuple[tuple[str, str], ...]] = (
    *((rf"\bthe {word} '([^']*)'", rf"{chinese}“\1”") for word, chinese in _titles().items()),
    *((rf"\bthe {word} without a name\b", f"未命名的{chinese}") for word, chinese in _titles().items()),
    ((r"^coarser cells hide the edges and places on which measures stand \(walls, gates, pumps and the "
     r"like\): set 'coarser' to 0, or leave those measures out"),
     "放粗的网格看不出墙、闸、泵等措施所在的边和位置：请将“计算网格放粗级数”设为 0，或去掉这些措施"),
    *((rf"^coarser cells {why}: leave out '(\w+)', or set 'coarser' to 0",
       rf"放粗的网格{chinese}：请去掉“\1”，或将“coarser”设为 0") for why, chinese in _WHY.items()),
    (r"^coarser works with the inertial solver only: set 'coarser' to 0",
     "放粗的网格只能用惯性求解器：请将“coarser”设为 0"),
    (r"^sewers and sewer_mm_h count the drains twice: leave one of them out",
     "“sewers”与“sewer_mm_h”重复计入排水：请去掉其一"),
    (rf"^coarser = {_N} does not fit this city: .*", r"“计算网格放粗级数”为 \1 时网格对本城市过粗：请调小"),
    ((rf"^(.+) at {_N}, {_N} has no wall: no wall or levee lies within {_N} m of it; move it onto one, "
     "or add one to the measures"),
     r"\1（\2, \3）\4 米内没有防洪墙或堤防：请移到墙上，或在措施中添加"),
    ((rf"^(.+) has its bottom at {_N} m, but the wall's crest is at {_N} m there: lower the bottom or "
     "raise the wall"), r"\1的底高程为 \2 米，而墙顶仅 \3 米：请降低底高程或加高墙体"),
    (r"^(.+) lies where buildings leave no room for water: move it to open ground",
     r"\1位于建筑之内，没有过水空间：请移到空地"),
    (rf"^(.+) parts no two cells, which are {_N} m apart: draw it longer, or take finer cells",
     r"\1未分开任何相邻单元（间距 \2 米）：请画长一些，或用更细的网格"),
    (r"^(.+) gives its water to the cell that it takes it from: move its outlet",
     r"\1的排水点与取水点在同一单元：请移动排水点"),
    ((rf"^(.+) has its crest at {_N} m, below the ground all along \({_N} m and more\): give a higher "
     "crest, or a height"), r"\1的顶高程 \2 米低于沿线地面（\3 米及以上）：请提高顶高程，或改给墙高"),
    (r"^two parts of the event are called (.+): rename one", r"事件中有两处名为\1：请改名"),
)  # fmt: skip
