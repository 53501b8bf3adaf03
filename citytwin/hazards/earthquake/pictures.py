"""How shaking is drawn: intensity in words, motion in parts of g, ground by its class."""

from citytwin.hazards.base import Picture
from citytwin.hazards.earthquake.bssa14 import GRAVITY
from citytwin.hazards.earthquake.site import site_classes

#: From pale blue over green and yellow to dark red; the last ones dark enough to be told apart.
_SHAKING = (
    "#e8eef8", "#c9dcf2", "#a5d3ea", "#7fcfc0", "#a8d86e", "#f4e04d", "#f5b335", "#ec7a2c",
    "#d43d2a", "#97161f",
)  # fmt: skip
_WORDS = (
    "I: not felt", "II: hardly felt", "III: weak", "IV: light", "V: moderate", "VI: strong",
    "VII: very strong, light damage", "VIII: severe, moderate damage", "IX: violent, heavy damage",
    "X: extreme, very heavy damage",
)  # fmt: skip
_WORDS_ZH = (
    "I：无感", "II：极微有感", "III：微弱", "IV：轻", "V：中等", "VI：强", "VII：很强，轻微损坏",
    "VIII：剧烈，中等损坏", "IX：猛烈，严重损坏", "X：极强，极严重损坏",
)  # fmt: skip
_MMI = (1.0, *(0.5 + level for level in range(1, 10)))
_DAMAGING = 6  # number of the first class with damage
_PARTS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
_SPEEDS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.2, 1.6)
_GROUND = ("#7f3b08", "#e0a05a", "#f6e8c3", "#8fb8c9", "#2b5c8a")
_SITES = site_classes()


def _motion(name: str, words: str, words_zh: str, values: str) -> Picture:
    colours = _SHAKING[1:]
    return Picture(
        name, words, words_zh, words, words_zh, values, _PARTS, colours, "g", 1.0 / GRAVITY
    )


PICTURES = (
    Picture(
        "intensity", "Shaking (modified Mercalli intensity)", "地震烈度（修正麦卡利）", "Intensity",
        "烈度", "mmi", _MMI, _SHAKING, words=_WORDS, words_zh=_WORDS_ZH, marks=True,
        source="Worden et al. 2012, doi:10.1785/0120110156; mean of those by PGA and PGV",
        source_zh="Worden 等 2012，doi:10.1785/0120110156；按 PGA 与 PGV 之均值",
        counted=_DAMAGING,
    ),
    _motion("acceleration", "Peak ground acceleration", "峰值地面加速度", "pga_max"),
    Picture(
        "velocity", "Peak ground velocity", "峰值地面速度", "Peak ground velocity", "峰值地面速度",
        "pgv", _SPEEDS, _SHAKING[1:], "cm/s", 100.0,
    ),
    _motion("sa03", "Spectral acceleration at 0.3 s", "0.3 秒谱加速度", "sa03"),
    _motion("sa10", "Spectral acceleration at 1 s", "1 秒谱加速度", "sa10"),
    Picture(
        "ground", "Ground (NEHRP site class)", "场地类别（NEHRP）", "Ground class", "场地类别", "vs30",
        tuple(max(site[0], 1.0) for site in _SITES), _GROUND,
        words=tuple(site[1] for site in _SITES), words_zh=tuple(site[2] for site in _SITES),
        source="shear-wave velocity by the slope of the ground (assumed), or as given",
        source_zh="剪切波速按地面坡度推算（假定）或由情景给定",
    ),
)  # fmt: skip
