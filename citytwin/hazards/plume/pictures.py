"""How a plume's results are drawn."""

from citytwin.hazards.base import Picture

_WARM = ("#ffffb2", "#fed976", "#feb24c", "#fd8d3c", "#f03b20", "#bd0026")
_ZONES = ("#ffe066", "#ff9933", "#cc0000")
_WORDS = ("1: discomfort", "2: serious or lasting harm", "3: danger to life")
_WORDS_ZH = ("1 级：不适", "2 级：严重或不可逆伤害", "3 级：危及生命")
_SOURCE = "US EPA acute exposure guideline levels; for smoke the wildfire smoke guide"
#: Steps of a concentration [mg/m³].
_STEPS = (0.1, 1.0, 10.0, 100.0, 1000.0, 10_000.0)

_EPA_ZH = "美国环保局急性暴露指导水平（AEGL）；烟雾按野火烟雾指南"

PICTURES = (
    Picture(
        "concentration", "Concentration now", "当前浓度", "Concentration now", "当前浓度",
        "concentration", _STEPS, _WARM, "mg/m³", scale=1e6, moving=True, marks=True,
    ),
    Picture(
        "aegl", "Zones of harm outdoors (AEGL)", "室外危害分区（AEGL）", "Zones outdoors", "室外分区",
        "aegl_zone", (1.0, 2.0, 3.0), _ZONES, words=_WORDS, words_zh=_WORDS_ZH, source=_SOURCE,
        source_zh=_EPA_ZH,
    ),
    Picture(
        "aegl_indoor", "Zones of harm indoors (AEGL)", "室内危害分区（AEGL）", "Zones indoors",
        "室内分区", "indoor_zone", (1.0, 2.0, 3.0), _ZONES, words=_WORDS, words_zh=_WORDS_ZH,
        source=_SOURCE, source_zh=_EPA_ZH,
    ),
    Picture(
        "erpg", "Zones of harm in an hour (ERPG)", "一小时危害分区（ERPG）", "Zones by ERPG",
        "ERPG 分区", "erpg_zone", (1.0, 2.0, 3.0), _ZONES, words=_WORDS, words_zh=_WORDS_ZH,
        source="AIHA emergency response planning guidelines", source_zh="AIHA 应急响应规划指南",
    ),
    Picture(
        "flammable", "Where it can burn", "可燃区", "Flammable", "可燃区", "flammable_zone", (1.0, 2.0),
        ("#ff9933", "#cc0000"), words=("half the lower flammable limit", "lower flammable limit"),
        words_zh=("爆炸下限的一半", "爆炸下限"),
    ),
    Picture(
        "most", "Greatest concentration", "最大浓度", "Greatest", "最大浓度", "concentration_max",
        _STEPS, _WARM, "mg/m³", scale=1e6,
    ),
    Picture(
        "indoor", "Concentration indoors now", "当前室内浓度", "Indoors now", "当前室内",
        "indoor_concentration", _STEPS, _WARM, "mg/m³", scale=1e6, moving=True,
    ),
    Picture(
        "advice", "Staying in or leaving", "就地避险与撤离", "Stay or leave", "避险或撤离",
        "better_inside", (1.0, 2.0), ("#3182bd", "#e6550d"),
        words=("staying in is better", "leaving at once is better"),
        words_zh=("留在室内更好", "立即撤离更好"),
    ),
    Picture(
        "arrival", "Gas arrives after", "气体到达时间", "Arrival time", "到达时间", "arrival",
        (0.0, 5.0, 10.0, 20.0, 40.0, 60.0), _WARM[::-1], "min", scale=1 / 60.0,
    ),
    Picture(
        "deposited", "Settled on the ground", "地面沉积", "On the ground", "地面沉积", "deposited",
        (0.1, 1.0, 10.0, 100.0), _WARM[1:5], "mg/m²", scale=1e6,
    ),
)  # fmt: skip
