"""How a flood is drawn: which numbers, in which classes and colours."""

from citytwin.hazards.base import Picture

#: Depth from which water is drawn [m].
DRAWN_DEPTH = 0.05

# Blue from pale to deep, in equal steps of lightness: readable without seeing red and green apart.
_DEPTH = ("#a3d3f0", "#5eaae2", "#267ac4", "#12509e", "#092666")
# Late to early: pale sand to deep violet.
_ARRIVAL = ("#4e1a6e", "#8e3684", "#c95c78", "#ec956e", "#f7d096")
# Slow to fast: pale pink to deep magenta, which no ground, park or roof has.
_SPEED = ("#f6cee2", "#e696c6", "#ce54a0", "#961870", "#50003e")
# Safe is blue; then from pale yellow to near black, each step much darker than the one before, so
# that the order shows in grey, too.
_DANGER = ("#96c8ec", "#fae278", "#f3a43e", "#d65c28", "#921a34", "#34082e")
_DEPTHS = (DRAWN_DEPTH, 0.15, 0.3, 0.5, 1.0)
_SPEEDS = (0.0, 0.25, 0.5, 1.0, 2.0)
_NOW, _EVER = ("depth", DRAWN_DEPTH), ("depth_max", DRAWN_DEPTH)

PICTURES = (
    Picture(
        "depth", "Depth of water now", "当前水深", "Depth now", "当前水深", "depth",
        _DEPTHS, _DEPTH, "m", moving=True, marks=True, where=_NOW, raised="depth",
    ),
    Picture(
        "greatest", "Greatest depth of the run", "全过程最大水深", "Greatest depth", "最大水深",
        "depth_max", _DEPTHS, _DEPTH, "m", marks=True, where=_EVER, raised="depth_max",
    ),
    Picture(
        "speed", "Speed of water now", "当前流速", "Speed now", "当前流速", "speed",
        _SPEEDS, _SPEED, "m/s", moving=True, where=_NOW, raised="depth",
    ),
    Picture(
        "fastest", "Greatest speed of the run", "全过程最大流速", "Greatest speed", "最大流速",
        "speed_max", _SPEEDS, _SPEED, "m/s", where=_EVER, raised="depth_max",
    ),
    Picture(
        "hazard", f"Greatest danger of the run, where water reached {DRAWN_DEPTH:g} m",
        f"全过程最大危险等级（水深曾达 {DRAWN_DEPTH:g} 米处）", "Hazard class", "危险等级",
        "hazard_max", (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), _DANGER,
        words=(
            "H1 generally safe",
            "H2 unsafe for small vehicles",
            "H3 unsafe for vehicles, children and the elderly",
            "H4 unsafe for vehicles and people",
            "H5 unsafe for all; all buildings vulnerable to structural damage",
            "H6 unsafe for all; all building types vulnerable to failure",
        ),
        words_zh=(
            "H1 一般安全",
            "H2 小型车辆不安全",
            "H3 车辆、儿童和老人不安全",
            "H4 车辆和行人均不安全",
            "H5 人车均不安全，所有建筑可能结构受损",
            "H6 人车均不安全，各类建筑均可能倒塌",
        ),
        where=_EVER, raised="depth_max",
        source="By depth and speed: Smith et al. 2014, AIDR Guideline 7-3",
        source_zh="按水深与流速分级：Smith 等 2014，AIDR 指南 7-3",
    ),
    Picture(
        "arrival", "First water of {wet_depth:g} m, after", "水深首次达到 {wet_depth:g} 米的时间",
        "Arrival time", "到达时间", "arrival", (0.0, 10.0, 20.0, 30.0, 60.0), _ARRIVAL, "min",
        scale=1.0 / 60.0, where=_EVER, raised="depth_max",
    ),
)  # fmt: skip
