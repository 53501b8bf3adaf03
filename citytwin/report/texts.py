"""Fixed texts of the honesty report, in English and Chinese. Keys name the place, not the words."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "title": ("What this city knows, and what it assumes", "这座城市知道什么，假定了什么"),
    "lead": (
        "{share} of its area rests on assumption.",
        "全市面积的 {share} 依据假定。",
    ),
    "lead.rest": ("of its area rests on assumption.", "的全市面积依据假定。"),
    "lead.words": (
        (
            "Counted by area: where the height of a building, the class of the open ground or the "
            "height of the ground itself is assumed. People are not part of it: see below."
        ),
        "按面积计：建筑高度、地表类别或地面高程为假定之处。不含人口，见下文。",
    ),
    "built": ("Built", "构建时间"),
    "written": ("Report of {date}", "报告日期 {date}"),
    "cells": (
        "{cells} cells of H3 resolution {resolution}, {area}",
        "H3 第 {resolution} 级单元 {cells} 个，{area}",
    ),
    "state.real": ("real", "源数据"),
    "state.derived": ("derived", "推算"),
    "state.assumed": ("assumed", "假定"),
    "state.unknown": ("unknown", "未知"),
    "state.real.long": ("as a source gives it", "数据源直接给出"),
    "state.derived.long": ("computed from what a source gives", "由数据源的数值计算得出"),
    "state.assumed.long": ("taken without a source", "没有数据源，按假定取值"),
    "state.unknown.long": ("not in the city", "城市数据中没有"),
    "hazards": ("What the hazard models stand on", "灾害模型的依据"),
    "hazard.missing": (
        "cannot run: the city has no {what}",
        "无法运行：城市缺少{what}",
    ),
    "hazard.runs": ("can run", "可以运行"),
    "hazard.care": ("can run; read its results with care", "可以运行，结果须谨慎使用"),
    "need.missing": ("missing: add a source of it to the recipe", "缺少：请在配方中添加数据源"),
    "need.assumed": ("{share} of it is assumed", "其中 {share} 为假定"),
    "need.all": ("all of it is assumed", "全部为假定"),
    "need.derived": ("derived, {share} of it assumed", "推算得出，其中 {share} 为假定"),
    "need.real": ("from the sources", "取自数据源"),
    "need.unjudged": ("from the sources, not judged", "取自数据源，未评估"),
    "people": ("How many people are affected", "受影响人口"),
    "people.assumed": (
        (
            "{share} of the residents are modelled, not counted: take numbers of people as an order "
            "of magnitude"
        ),
        "{share} 的人口为推算，并非普查：人数只可视为量级",
    ),
    "people.counted": (
        "counted by area; where in an area people live is derived",
        "按统计单元计数，单元内的分布为推算",
    ),
    "known": ("What is known", "数据可信度"),
    "of": ("of", "总量"),
    "others": ("All other columns", "其余各列"),
    "absent": ("What the city does not have at all", "城市完全没有的数据"),
    "drains": (
        "Sewers, inlets and pumps below the ground: no source of this version gives them.",
        "地下管网、雨水口与泵站：本版本没有任何数据源。",
    ),
    "usual": (
        (
            "{share} of these heights are exactly {height} m: the source itself may have filled "
            "them in"
        ),
        "其中 {share} 的高度恰为 {height} 米，可能是数据源自行填补的",
    ),
    "ages": ("How old the data are", "数据有多旧"),
    "age.days": ("at most {days} days old", "最多 {days} 天前"),
    "age.years": ("at most {years} years old", "最多 {years} 年前"),
    "age.unknown": ("age not known", "日期不明"),
    "files": ("{count} files", "{count} 个文件"),
    "file": ("1 file", "1 个文件"),
    "source": ("Source", "来源"),
    "date": ("Date of the data", "数据日期"),
    "age": ("Age", "距今"),
    "licence": ("Licence", "许可"),
    "faults": ("What was repaired or left out", "修复或舍弃的要素"),
    "faults.none": ("Nothing: every feature was sound.", "没有：所有要素均完好。"),
    "faults.some": ("{count} features.", "共 {count} 个要素。"),
    "fault": ("Fault", "问题"),
    "layer": ("Layer", "图层"),
    "count": ("Count", "数量"),
    "first": ("First of them", "前几个"),
    "action.repaired": ("repaired", "已修复"),
    "action.dropped": ("left out", "已舍弃"),
    "checks": ("Overlaps and holes", "重叠与缺口"),
    "checks.none": (
        "No overlaps of buildings and no holes were found.",
        "未发现建筑重叠或数据缺口。",
    ),
    "check.place": ("the largest around {lat:.4f}, {lon:.4f}", "最大一处位于 {lat:.4f}, {lon:.4f}"),
    "overlap": (
        "buildings {first} and {second} share {area}",
        "建筑 {first} 与 {second} 重叠 {area}",
    ),
    "overlaps.largest": ("The largest overlaps:", "最大的重叠："),
    "maps": ("Where it rests on assumption", "哪里依据假定"),
    "map.assumed": ("All together", "综合"),
    "map.height_assumed": ("Height of buildings", "建筑高度"),
    "map.ground_assumed": ("Height of the ground", "地面高程"),
    "map.cover_assumed": ("Class of the ground", "地表类别"),
    "map.people_assumed": ("People", "人口"),
    "map.key.none": ("nothing assumed", "无假定"),
    "map.key.all": ("all assumed", "全部为假定"),
    "map.uniform": ("Assumed everywhere: {names}.", "全市均为假定：{names}。"),
    "map.words": (
        (
            "All together: the share of each place where the height of the building or the class of "
            "the ground is assumed, or its ground if that is more. People are not part of it."
        ),
        "综合：各处建筑高度或地表类别为假定的面积占比；地面高程为假定时取较大者。不含人口。",
    ),
    "credit": ("Data", "数据"),
    "fingerprint": ("Fingerprint of the city", "城市数据指纹"),
    "made": (
        (
            "Made by citytwin from the city file alone. Figures are shares of the amount named "
            "beside them."
        ),
        "由 citytwin 仅依据城市文件生成。比例均相对于所列总量。",
    ),
}


def translate(key: str, language: str, **values: object) -> str:
    """Text of a key in a language (``en`` or ``zh``), with values filled in."""
    text = TEXTS[key][1 if language == "zh" else 0]
    return text.format(**values) if values else text
