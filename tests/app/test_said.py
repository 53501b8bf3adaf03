"""What runs say is said in Chinese, too: every sentence that a run of the flood can tell."""

import re
from pathlib import Path
from typing import Any

import pytest
from said import say

from citytwin.city import City
from citytwin.errors import CityTwinError
from citytwin.hazards.base import HazardModel
from citytwin.hazards.earthquake import Earthquake
from citytwin.hazards.fire import Fire
from citytwin.hazards.fire.model import FUELS
from citytwin.hazards.fire.parts import Break, Ignition
from citytwin.hazards.flood import Flood
from citytwin.hazards.flood.rain.formulas import read_formulas
from citytwin.hazards.flood.sewers import swmm
from citytwin.hazards.flood.sewers.event import Sewers
from citytwin.hazards.plume import Plume
from citytwin.scenario import Results, Scenario, run
from citytwin.scenario.pace import in_words

#: Names that stay as they are.
NAMES = (
    *("SWMM", "SCS", "III", "IA", "II", "H3", "CSV", "mm", *read_formulas()),
    *("AEGL", "ERPG", "EPA", "Briggs", "Britter", "McQuaid", "Turner", *FUELS[1:]),
    *("fire_construction", "fire_loads", "fire_coefficients", "citytwin"),
    *("ShakeMap", "vs30", "Jayaram", "Baker", "IV", "VI", "VII", "VIII", "IX"),
)
NETWORK = """
[OPTIONS]
FLOW_UNITS CMS
FLOW_ROUTING DYNWAVE
START_DATE 06/01/2026
END_DATE 06/02/2026
ROUTING_STEP 30
[JUNCTIONS]
A 28.0 4 0 0 0
B 27.5 4 0 0 0
[OUTFALLS]
O 26.0 FREE NO
[CONDUITS]
AB A B 100 0.013 0 0 0 0
BO B O 100 0.013 0 0 0 0
[XSECTIONS]
AB CIRCULAR 1.0 0 0 0 1
BO CIRCULAR 1.0 0 0 0 1
[SUBCATCHMENTS]
S1 R1 A 10 25 500 0.5 0
[COORDINATES]
A -122.435 37.762
B -122.434 37.763
O -122.433 37.764
"""


def foreign(text: str, *names: str) -> list[str]:
    """Words of a Chinese sentence that are English and no names."""
    for name in sorted((*NAMES, *names), key=len, reverse=True):
        text = text.replace(name, "")
    return re.findall(r"[A-Za-z]{2,}", text)


def said_of(results: Results, *names: str) -> None:
    for note in results.manifest["notes"]:
        chinese = say(note, "zh")
        assert foreign(chinese, *names) == [], chinese
        assert say(note, "en") == note
        # No number gets lost on the way.
        assert set(re.findall(r"\d+(?:\.\d+)?", note)) <= set(
            re.findall(r"\d+(?:\.\d+)?", chinese)
        ), chinese


def test_notes_of_runs(results: Results, watched: Results) -> None:
    said_of(results)
    said_of(watched)
    assert "未核实" in say(" ".join(watched.manifest["notes"]), "zh")


def test_notes_of_every_choice(city: City, tmp_path: Path) -> None:
    short = {"simulated_h": 0.1, "output_min": 6.0, "rain_mm": 5.0}
    for more in ({"buildings": "raised"}, {"buildings": "obstacles", "solver": "inertial"}):
        results = run(Scenario(hazard=Flood(**short, **more)), city, runs=tmp_path)
        assert f"Buildings are {more['buildings']}" in " ".join(results.manifest["notes"])
        said_of(results)


@pytest.mark.skipif(not swmm.is_installed(), reason="SWMM is not installed")
def test_notes_of_a_network(city: City, tmp_path: Path) -> None:
    path = tmp_path / "network.inp"
    path.write_text(NETWORK, encoding="utf-8")
    event = Flood(
        rain_mm=60.0,
        rain_h=0.3,
        simulated_h=0.4,
        output_min=12.0,
        sewers=Sewers(swmm_file=str(path)),
    )
    results = run(Scenario(hazard=event), city, runs=tmp_path / "runs")
    assert len(results.manifest["notes"]) >= 6
    said_of(results, "network.inp", "datum_m")
    assert set(results.series["kind"]) == {"sewer node", "sewer pipe"}


@pytest.mark.parametrize(
    "event",
    [
        {
            "shape": shape,
            **({"formula": "wuhan-2020"} if shape in ("chicago", "alternating") else {}),
        }
        for shape in ("peaked", "even", "chicago", "alternating", "scs_i", "scs_ia", "scs_iii")
    ]
    + [{"formula": name, "return_period_y": 5.0} for name in read_formulas()],
)
def test_words_of_every_rain(event: dict[str, Any]) -> None:
    chinese = say(f"Rain: {Flood(**event).rain().words}", "zh")
    assert foreign(chinese) == [], chinese


def test_a_measured_rain(tmp_path: Path) -> None:
    path = tmp_path / "gauge.csv"
    path.write_text("time_min,rain_mm\n5,2\n10,3\n15,0\n", encoding="utf-8")
    chinese = say(f"Rain: {Flood(rain_file=str(path)).rain().words}", "zh")
    assert chinese == "降雨：实测降雨，15 分钟 5.0 毫米，取自 gauge.csv。"


def test_progress_of_a_run(city: City, tmp_path: Path) -> None:
    told: list[str] = []
    event = Flood(rain_mm=5.0, simulated_h=0.1, output_min=6.0)
    run(Scenario(hazard=event), city, runs=tmp_path, progress=lambda _, note: told.append(note))
    told += [f"37 of 120 min simulated, about {in_words(left)} left" for left in (9.0, 600.0, 9e3)]
    for note in told:
        assert foreign(say(note, "zh")) == [], note
    assert say(told[-3], "zh") == "已模拟 37 分钟，共 120 分钟，约剩 9 秒"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"formula": "wuhan-2020", "return_period_y": 1.0}, "适用范围为 2 至 100 年"),
        ({"formula": "wuhan-2020", "shape": "alternating", "rain_h": 0.3}, "300 秒的整数倍"),
        ({"rain_file": "nowhere.csv"}, "降雨文件 nowhere.csv 无法读取"),
    ],
)
def test_a_rain_that_cannot_be_made(event: dict[str, Any], words: str) -> None:
    with pytest.raises(CityTwinError) as caught:
        Flood(**event).rain()
    chinese = say(str(caught.value), "zh")
    assert words in chinese
    assert foreign(chinese, "nowhere.csv") == []


SHORT_FIRE = {"simulated_h": 0.2, "output_min": 6.0}
FIRES: list[dict[str, Any]] = [
    {},
    {
        "ignition_count": 3,
        "engines": 4,
        "water_share": 0.5,
        "wind": ((0.0, 5.0, 270.0), (1.0, 9.0, 300.0)),
    },
    {"tree_fuel": "none", "breaks": (Break(name="a", line=((-122.44, 37.76), (-122.43, 37.76))),)},
]
SHORT_PLUME = {"simulated_h": 0.3, "output_min": 6.0, "duration_min": 10.0, "rate_kg_s": 0.001}
PLUMES: list[dict[str, Any]] = [
    {"substance": "ammonia", "rate_kg_s": 5.0, "stability": "D", "mixing_height_m": 500.0},
    {"substance": "chlorine", "wind_m_s": 0.2, "surroundings": "open", "treat_as_passive": True},
    {"substance": "hydrogen_fluoride", "noticed_mg_m3": 2.0},
    {"substance": "benzene", "kind": "pool", "deposition_mm_s": 5.0},
    {"substance": "methane", "rate_kg_s": 1.0, "half_life_h": 0.2},
    {
        "substance": "propane",
        "treat_as_passive": True,
        "date": "2026-12-21",
        "hour": 15.0,
        "cloud_oktas": 0.0,
        "simulated_h": 4.0,
        "output_min": 60.0,
    },
    {"substance": "smoke", "kind": "fire", "rate_kg_s": 5.0, "heat_mw": 900.0, "stability": "F"},
    {
        "substance": "sulfur_dioxide",
        "treat_as_passive": True,
        "kind": "instantaneous",
        "mass_kg": 0.01,
        "from_h": 0.28,
        "output_min": 1.0,
    },
    {"substance": "hydrogen_sulfide", "rate_kg_s": 5000.0, "wind_m_s": 0.5, "height_m": 9.0},
    {"substance": "carbon_monoxide"},
]
QUAKES: list[dict[str, Any]] = [
    {},
    {"residuals": True, "vs30": 400.0},
    {"magnitude": 8.2, "distance_km": 1.0},
]
EVENTS: dict[str, HazardModel] = {
    **{f"fire {k}": Fire(**{**SHORT_FIRE, **more}) for k, more in enumerate(FIRES)},
    **{f"{more['substance']}": Plume(**{**SHORT_PLUME, **more}) for more in PLUMES},
    **{f"earthquake {k}": Earthquake(**more) for k, more in enumerate(QUAKES)},
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=list(EVENTS))
def test_what_other_hazards_say(event: HazardModel, city: City, tmp_path: Path) -> None:
    told: list[str] = []
    results = run(Scenario(hazard=event), city, runs=tmp_path, progress=lambda _, n: told.append(n))
    said_of(results)
    series = results.series
    names = [] if series.empty else series["name"].unique().tolist()
    curves = [curve["title"] for curve in results.impact["curves"]]
    # However fast the machine is: each word of progress with the time left, too.
    left = [f"{note.split(', about ')[0]}, about {in_words(600.0)} left" for note in told[:-2]]
    for words in (results.manifest["balance_sentence"], *told, *left, *names, *curves):
        chinese = say(words, "zh")
        assert foreign(chinese, "USA") == [], chinese


BAD: list[tuple[HazardModel, str]] = [
    (
        Fire(ignitions=(Ignition(name="码头", at=(0.0, 50.0)),)),
        "起火点“码头”（0, 50）在城市范围外：请移到东经 -122",
    ),
    (Fire(station=(0.0, 50.0)), "消防站（0, 50）在城市范围外"),
    (
        Fire(breaks=(Break(name="a", line=((-122.3, 37.76), (-122.29, 37.76))),)),
        "隔离带“a”在城市范围外：请移动其走线",
    ),
    (
        Fire(
            breaks=(Break(name="a", line=((-122.44, 37.7611), (-122.44, 37.7611001)), width=0.001),)
        ),
        "隔离带“a”未触及任何单元或建筑：请加宽",
    ),
    (Earthquake(epicentre=(0.0, 50.0)), "破裂距城市 8,"),
    (Earthquake(epicentre=(57.55188, -37.766371)), "“epicentre”在地球另一侧：请移到城市附近"),
    (Earthquake(shakemap_file="nowhere.xml"), "情景所用文件 nowhere.xml 无法读取：请检查路径"),
]


@pytest.mark.parametrize(("event", "words"), BAD, ids=range(len(BAD)))
def test_an_event_that_cannot_be_run(
    event: HazardModel, words: str, city: City, tmp_path: Path
) -> None:
    with pytest.raises(CityTwinError) as caught:
        run(Scenario(hazard=event), city, runs=tmp_path)
    chinese = say(str(caught.value), "zh")
    assert words in chinese
    assert foreign(chinese, "epicentre", "nowhere.xml", "grid.xml") == []


RAINS: list[str] = [
    "time_min,rain_mm\n5,x\n10,1\n",
    "time_min,rain_mm\n5,-2\n10,1\n",
    "time_min,rain_mm\n-5,2\n10,1\n",
    "time_min,rain_mm\n5,2\n5,1\n",
    "time_min,rain_mm\n10,2\n5,1\n",
    "time_min,rain_mm\n5,1\n10,1\n15,1\n60,1\n",
    "time_min,rain_mm\n5,1\n10,900\n",
    "time_min,rain_mm\n5,1,2\n",
    "time_min,rain_mm\n5,1\n",
    "time_min,rain_mm\n",
    "time_min,snow_mm\n5,1\n",
    "time_min\n5\n",
    "time_min,rain_mm_h\n0,1\n5,1\n",
    "time,rain_mm\nnoon,1\n",
    "time,rain_mm\n2026-01-01T00:00,1\n2026-01-01T00:05+00:00,1\n",
]


@pytest.mark.parametrize("text", RAINS)
def test_a_file_of_rain_that_is_wrong(text: str, tmp_path: Path) -> None:
    path = tmp_path / "gauge.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CityTwinError) as caught:
        Flood(rain_file=str(path)).rain()
    chinese = say(str(caught.value).replace(str(path), path.name), "zh")
    names = ("gauge.csv", "rain_mm_h", "rain_mm", "time_min", "time_s", "time_h", "time")
    assert foreign(chinese, "snow_mm", "ISO", "noon", *names) == [], chinese


HERE = [-122.4470, 37.7600]
NEXT = [-122.44699, 37.76001]
LINE = [HERE, [-122.4440, 37.7620]]
POINT = {"name": "一", "at": HERE}
WALL = {"kind": "wall", "name": "一", "line": LINE}
#: What a flood has beside its rain, its measures, and what is said of it.
FLOODS: list[tuple[dict[str, Any], list[dict[str, Any]], str]] = [
    ({"coarser": 1}, [{**WALL, "height": 1.0}], "看不出墙、闸、泵等措施所在"),
    ({"coarser": 1, "solver": "full"}, [], "放粗的网格只能用惯性求解器"),
    (
        {"coarser": 1, "shores": [{"name": "一", "line": LINE, "mean_level": 1.0}]},
        [],
        "请去掉“shores”",
    ),
    ({"breaches": [{**POINT, "width": 9.0, "forms_h": 1.0}]}, [], "没有防洪墙或堤防"),
    (
        {"breaches": [{**POINT, "width": 9.0, "forms_h": 1.0, "bottom": 999.0}]},
        [{**WALL, "height": 1.0}],
        "溃口“一”的底高程为 999.00 米",
    ),
    ({"lines": [{"name": "一", "line": [HERE, NEXT]}]}, [], "断面“一”未分开任何相邻单元"),
    ({"bursts": [{**POINT, "rate": 1.0}, {**POINT, "rate": 2.0}]}, [], "事件中有两处名为爆管“一”"),
    (
        {},
        [{"kind": "pump", "name": "一", "at": HERE, "to": NEXT, "capacity": 1.0}],
        "泵站“一”的排水点",
    ),
    ({}, [{**WALL, "crest": 1.0}], "防洪墙“一”的顶高程 1 米低于沿线地面"),
]


@pytest.mark.parametrize(("fields", "built", "words"), FLOODS, ids=range(len(FLOODS)))
def test_a_flood_that_cannot_be_run(
    fields: dict[str, Any], built: list[dict[str, Any]], words: str, city: City, tmp_path: Path
) -> None:
    hazard = {"model": "flood", "simulated_h": 0.1, "output_min": 6.0, **fields}
    with pytest.raises(CityTwinError) as caught:
        run(Scenario.from_table({"hazard": hazard, "measures": built}), city, runs=tmp_path)
    said = str(caught.value).removeprefix("the scenario is wrong: ")
    chinese = say(said, "zh")
    assert words in chinese
    assert foreign(chinese, "coarser", "shores") == []


def test_a_shakemap_that_cannot_be_read(city: City, tmp_path: Path) -> None:
    path = tmp_path / "grid.xml"
    for text, words in (
        ("<shakemap", "不是完整的 XML：请重新下载 ShakeMap"),
        ("<other/>", "不是 ShakeMap 格网，而是“other”：请给出 grid.xml"),
        ("<shakemap_grid/>", "请给出 ShakeMap 的 grid.xml"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CityTwinError) as caught:
            run(Scenario(hazard=Earthquake(shakemap_file=str(path))), city, runs=tmp_path / "runs")
        assert words in say(str(caught.value), "zh")


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("the ignition 'a' starts after simulated_h: lower its from_h",
         "起火点“a”的起火时间晚于“simulated_h”：请调小"),
        ("nothing burns within 30 m of the ignition 'a': move it to a building or to plants",
         "起火点“a”周围 30 米内没有可燃物：请移到建筑或植被处"),
        ("nothing was set on fire: name an ignition", "没有任何起火：请指定起火点"),
        ("coarser = 3 does not fit this city: no coarser cell holds it",
         "“计算网格放粗级数”为 3 时网格对本城市过粗：请调小"),
        ("the city has no buildings: only plants burn", "本城市没有建筑数据：只计算植被火"),
        ("Stability D, E from 2.5 h, as given; mixing height 800 m, 320 m, typical of the class.",
         "大气稳定度：D、2.5 小时起 E，由情景给定；混合层高度 800 米、320 米，取该稳定度的典型值。"),
        ("No methane (natural gas) was released.", "没有泄漏甲烷（天然气）。"),
    ],
)  # fmt: skip
def test_what_few_runs_say(text: str, chinese: str) -> None:
    assert say(text, "zh") == chinese


def test_a_surplus_on_the_map_is_said() -> None:
    words = (
        "WARNING: what settled on the map adds up to 4.1 times what the air lost: a plume that rises "
        "fast is thinner at its source than a cell, where the air people breathe and what settles from "
        "it come out too high."
    )
    chinese = say(words, "zh")
    assert chinese.startswith("警告：图上沉降量合计为空气中损失量的 4.1 倍")
    assert foreign(chinese) == []
