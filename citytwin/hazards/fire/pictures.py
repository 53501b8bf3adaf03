"""How a fire's results are drawn: white over yellow and red to black, which colour-blind people read."""

from citytwin.hazards.base import Picture
from citytwin.hazards.fire.heat.limits import limits

_STATES = (1.0, 2.0, 3.0, 4.0, 5.0)
_STATE_COLOURS = ("#ffe066", "#8c7a4f", "#e6550d", "#1a1a1a", "#3182bd")
_WORDS = (
    "plants on fire", "plants burnt", "building on fire", "building burnt out", "building put out",
)  # fmt: skip
_WORDS_ZH = ("植被燃烧", "植被已烧", "建筑燃烧", "建筑烧毁", "建筑已扑灭")
_HEAT = ("#ffffcc", "#ffeda0", "#feb24c", "#fc4e2a", "#b10026", "#3d0012")
_TIMES = ("#3d0012", "#b10026", "#fc4e2a", "#feb24c", "#ffeda0", "#ffffcc")
_LIMITS = tuple(limits().values())

PICTURES = (
    Picture(
        "state", "What burns now", "当前燃烧状态", "Fire now", "当前火情", "fire_state", _STATES,
        _STATE_COLOURS, words=_WORDS, words_zh=_WORDS_ZH, moving=True, marks=True,
    ),
    Picture(
        "arrival", "Fire arrives after", "火到达时间", "Arrival time", "到达时间", "arrival",
        (0.0, 30.0, 60.0, 120.0, 240.0, 480.0), _TIMES, "min", scale=1.0 / 60.0,
    ),
    Picture(
        "state_end", "What is burnt at the end", "结束时状态", "At the end", "结束时", "state_end",
        _STATES, _STATE_COLOURS, words=_WORDS, words_zh=_WORDS_ZH, marks=True,
    ),
    Picture(
        "heat", "Heat that buildings release now", "当前建筑热释放", "Heat now", "当前热释放",
        "heat_release", (1.0, 50.0, 100.0, 200.0, 400.0, 800.0), _HEAT, "kW/m²", scale=1e-3,
        moving=True,
    ),
    Picture(
        "intensity", "Fireline intensity of plants", "植被火线强度", "Fireline intensity", "火线强度",
        "intensity_max", (10.0, 100.0, 500.0, 2000.0, 4000.0, 10000.0), _HEAT, "kW/m", scale=1e-3,
        source="steps near those used for fire-fighting by hand and by engine",
        source_zh="分级接近人工与车辆灭火所用界限",
    ),
    Picture(
        "flame", "Flames of plants", "植被火焰长度", "Flame length", "火焰长度", "flame_max",
        (0.1, 0.5, 1.2, 2.4, 3.4, 6.0), _HEAT, "m",
    ),
    Picture(
        "heat_flux", "Greatest radiant heat on people in the open", "户外人员受到的最大热辐射",
        "Heat on people", "人员热辐射", "heat_flux_max",
        tuple(one.flux / 1e3 for one in _LIMITS), tuple(one.colour for one in _LIMITS), "kW/m²",
        scale=1e-3, source="; ".join(f"{one.flux / 1e3:g}: {one.title}" for one in _LIMITS),
        source_zh="；".join(f"{one.flux / 1e3:g}：{one.title_zh}" for one in _LIMITS),
    ),
)  # fmt: skip
