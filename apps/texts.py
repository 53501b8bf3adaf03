"""Every text of the page, in English and Chinese. Keys name the place, not the words."""

from typing import Final

import texts_chains

LANGUAGES: Final = {"en": "English", "zh": "中文"}

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "brand": ("City digital sandbox", "城市数字沙盘"),
    "language": ("Language", "语言"),
    "run": ("Run", "模拟结果"),
    "run.none": ("No run yet: start one under “New run”.", "还没有模拟结果：请在“新模拟”里运行。"),
    "panel": ("Panel", "面板"),
    "panel.impact": ("Impact", "影响"),
    "panel.timeline": ("Timeline", "时间线"),
    "panel.new": ("New run", "新模拟"),
    "panel.sources": ("Sources & quality", "来源与质量"),
    "assumed.show": ("Show what is assumed", "显示假定数据"),
    "assumed.help": (
        "Greys buildings whose height is assumed and hatches ground that rests on assumption.",
        "高度为假定的建筑显示为灰色，依据假定的地面加斜线。",
    ),
    "assumed.legend": ("What is assumed", "假定数据"),
    "assumed.building": ("height of the building assumed", "建筑高度为假定"),
    "assumed.ground": ("class or height of the ground assumed", "地表类别或高程为假定"),
    "mode": ("Shown on the map", "地图显示"),
    "unit.m": ("m", "米"),
    "unit.m/s": ("m/s", "米/秒"),
    "unit.m3/s": ("m³/s", "立方米/秒"),
    "unit.mm": ("mm", "毫米"),
    "unit.mm/h": ("mm/h", "毫米/小时"),
    "unit.min": ("min", "分钟"),
    "unit.h": ("h", "小时"),
    "unit.km": ("km", "公里"),
    "unit.cm/s": ("cm/s", "厘米/秒"),
    "unit.mm/s": ("mm/s", "毫米/秒"),
    "unit.m2": ("m²", "平方米"),
    "unit.°": ("°", "度"),
    "unit.degrees": ("°", "度"),
    "unit.°C": ("°C", "摄氏度"),
    "unit.kg": ("kg", "千克"),
    "unit.kg/s": ("kg/s", "千克/秒"),
    "unit.mg/m²": ("mg/m²", "毫克/平方米"),
    "unit.mg/m3": ("mg/m³", "毫克/立方米"),
    "unit.mg/m³": ("mg/m³", "毫克/立方米"),
    "unit.MW": ("MW", "兆瓦"),
    "unit.kW/m": ("kW/m", "千瓦/米"),
    "unit.kW/m²": ("kW/m²", "千瓦/平方米"),
    "unit.okta": ("eighths", "八分量"),
    "unit.1/h": ("per hour", "次/小时"),
    "unit.EUR 2010": ("EUR of 2010", "欧元（2010 年价格）"),
    "unit.a": ("years", "年"),
    "time": ("Time after the start", "开始后时间"),
    "time.after": ("after the rain starts", "降雨开始后"),
    "time.after.dry": ("after the start", "开始后"),
    "time.whole": ("whole run", "全过程"),
    "time.h": ("h", "小时"),
    "time.min": ("min", "分"),
    "time.s": ("s", "秒"),
    "play": ("Play", "播放"),
    "speed": ("Speed", "速度"),
    "rain": ("Rain up to {rate}", "最大雨强 {rate}"),
    "note": ("Model result, not a warning", "模拟结果，不是预警"),
    "note.long": (
        "A model result for planning and exercises, not a warning.",
        "用于规划与演练的模拟结果，不是预警。",
    ),
    "note.unverified": (
        "The model of this hazard has not been verified: do not rely on it.",
        "该灾害模型未经验证：请勿依赖。",
    ),
    "note.doubts": ("Assumed or not verified in this run", "本次模拟中的假定与未核实之处"),
    "drains.none": ("Sewers and pumps are not in it.", "未计入雨水管网与泵站。"),
    "drains.pumps": ("Sewers are not in it.", "未计入雨水管网。"),
    "drains.assumed": (
        "Sewers are assumed to take {rate} mm/h off paved ground; no network is in it.",
        "假定排水管网从硬化地面排走 {rate} 毫米/小时，未计入实际管网。",
    ),
    "drains.network": (
        "Sewers are in it as a network, computed with SWMM.",
        "已计入排水管网（SWMM 计算）。",
    ),
    "measures": ("Measures in it: {what}.", "已计入措施：{what}。"),
    "stopped": ("stopped", "已停止"),
    "stopped.after": (
        "Stopped after {came} min of {whole}; run it again to go on",
        "已在第 {came} 分钟停止（共 {whole} 分钟）；再次运行即可继续",
    ),
    "stopped.somewhere": (
        "Stopped after {came} min; run it again to go on",
        "已在第 {came} 分钟停止；再次运行即可继续",
    ),
    "stopped.go_on": ("Go on with this run", "继续运行"),
    "stopped.part": (
        "Figures count only what happened until then.",
        "统计数字只含停止之前的情况。",
    ),
    "impact.none": (
        "This hazard has no count of its impact yet.",
        "该灾害尚无影响统计。",
    ),
    "impact.people.assumed": ("people are modelled, not counted", "人口为推算值，非普查"),
    "impact.roads": ("km of street impassable", "公里道路不可通行"),
    "impact.of": ("of {total}", "共 {total}"),
    "bands": (
        "What 10, 50 and 90 % of the members do not exceed",
        "10%、50%、90% 的成员不超过的数值",
    ),
    "bands.number": ("Number", "指标"),
    "impact.by_level": ("Buildings by level", "建筑按等级统计"),
    "impact.curves": ("Curves and values in use", "所用曲线与价值"),
    "impact.verified": ("checked against its source", "已与来源核对"),
    "impact.unverified": ("not verified", "未核实"),
    "impact.time": ("Over time", "随时间变化"),
    "impact.by_class": ("Streets impassable, by class", "不可通行道路（按等级）"),
    "impact.class": ("Class", "等级"),
    "impact.km": ("km impassable", "不可通行（公里）"),
    "impact.km_total": ("km in the city", "全市（公里）"),
    "impact.axis.time": ("hours after the start", "开始后小时数"),
    "impact.axis.people": ("people", "人"),
    "impact.axis.buildings": ("buildings", "建筑（栋）"),
    "form.hazard": ("Hazard", "灾害"),
    "form.missing": (
        (
            "The {hazard} cannot run here, because this city has no {what}: add a source of it "
            "to the city's recipe and build it again."
        ),
        "本城市缺少{what}，{hazard}无法运行：请在城市配方中添加其数据源并重新构建。",
    ),
    "form.name": ("Name of the scenario", "情景名称"),
    "form.advanced": ("More settings", "更多设置"),
    "form.only_file": (
        "Only in a scenario's file, run with citytwin run: {what}.",
        "以下内容须写在情景文件中，用 citytwin run 运行：{what}。",
    ),
    "form.run": ("Run", "运行"),
    "form.cancel": ("Cancel", "取消"),
    "form.stop": ("Stop and show what is computed", "停止并显示已算结果"),
    "form.stopping": ("Stopping", "正在停止"),
    "form.queued": ("Waiting for the run before it", "排队等待前一个模拟"),
    "form.running": ("Running", "运行中"),
    "form.cancelled": ("The run was cancelled.", "模拟已取消。"),
    "card.building": ("Building", "建筑"),
    "card.street": ("Street", "道路"),
    "card.cell": ("Ground that is hit", "受影响地面"),
    "card.ground": ("Ground", "地面"),
    "card.kind": ("Kind", "类型"),
    "card.height": ("Height", "高度"),
    "card.floors": ("Floor area", "建筑面积"),
    "card.people": ("People (assumed)", "人口（推算）"),
    "card.elevation": ("Ground above sea", "地面高程"),
    "card.duration": ("Lasts", "历时"),
    "card.closed": ("of it closed", "其中不可通行"),
    "card.hazard": ("Hazard", "灾害"),
    "card.untouched": ("does not reach here", "未影响此处"),
    "card.length": ("Length", "长度"),
    "card.cell_id": ("H3 cell", "H3 单元"),
    "card.beside": (
        "Values of the hazard are the greatest of the cells at the building.",
        "灾害数值取建筑所在及相邻单元的最大值。",
    ),
    "card.source": ("Source: {source}", "来源：{source}"),
    "card.assumed": (
        "People are assumed from floor area, not counted.",
        "人口按建筑面积推算，非普查数据。",
    ),
    "card.rests": ("Rests on assumption", "依据假定"),
    "card.mean": ("Mean of about {area} m² of ground.", "约 {area} 平方米地面的平均值。"),
    "card.hint": (
        "Click a building, a street or the ground for its numbers.",
        "点击建筑、道路或地面查看数值。",
    ),
    "sources.city": ("The city", "城市数据"),
    "sources.quality": ("What is known, what is assumed", "哪些已知，哪些为假定"),
    "sources.drains": (
        "Drains: the city's data have no sewers, inlets or pumps; only a scenario can give them.",
        "排水：城市数据不含管网、雨水口和泵站，只能由情景给出。",
    ),
    "sources.faults": ("Repaired or left out: {count} features", "修复或舍弃：{count} 个要素"),
    "sources.age": ("Age of the data", "数据距今"),
    "sources.balance": ("Outcome of this run", "本次模拟的结果概要"),
    "sources.notes": ("How this run was computed", "本次模拟的计算方式"),
    "sources.run": ("This run", "本次模拟"),
    "water.came": ("Came", "来水"),
    "water.went": ("Went", "去向"),
    "water.none": ("No rain fell and no water came in.", "没有降雨，也没有来水。"),
    "water.error": ("not accounted for", "去向不明"),
    "water.no_error": ("less than a millionth", "不到百万分之一"),
    "water.in.before": ("there at the start", "初始存水"),
    "water.in.rain": ("rain", "降雨"),
    "water.in.inflow": ("rivers", "河流入流"),
    "water.in.sea": ("the sea", "海水"),
    "water.in.main": ("burst mains", "管道爆裂"),
    "water.in.pool": ("pools of the scenario", "情景中的初始蓄水"),
    "water.in.sewers": ("surcharged sewers", "管网冒水"),
    "water.out.infiltrated": ("went into the ground", "下渗"),
    "water.out.drained": ("left the area over its border", "流出边界"),
    "water.out.sewers": ("went into the sewers", "排入管网"),
    "water.out.sea": ("went to the sea", "流入海中"),
    "water.out.paving": ("went into permeable paving", "进入透水铺装"),
    "water.out.pumped": ("pumped out of the city", "水泵排出"),
    "water.out.stored": ("went into storage", "进入调蓄设施"),
    "water.out.standing": ("stands on the ground", "积存地面"),
    "sources.fingerprint": ("Fingerprint of the city", "城市数据指纹"),
    "sources.key": ("Key of the run", "模拟编号"),
    "sources.when": ("Computed", "计算时间"),
    "sources.seconds": ("Computing time", "计算耗时"),
    "sources.version": ("Version", "版本"),
    "sources.licence": ("Licence", "许可"),
    "sources.date": ("Date of the data", "数据日期"),
    "series": ("Courses over time", "过程曲线"),
    "series.place": ("Place", "位置"),
    "series.gauge": ("Gauge", "测点"),
    "series.line": ("Line", "断面"),
    "series.sewer node": ("Sewer node", "管网节点"),
    "series.sewer pipe": ("Sewer pipe", "管段"),
    "series.depth": ("Depth", "水深"),
    "series.level": ("Level above sea", "水位（高程）"),
    "series.speed": ("Speed", "流速"),
    "series.discharge": ("Flow", "流量"),
    "series.inflow": ("Flow in from the street", "路面入流"),
    "series.city": ("City", "全市"),
    "series.burning_buildings": ("Buildings on fire", "正在燃烧的建筑（栋）"),
    "series.burnt_buildings": ("Buildings burnt or put out", "烧毁或已扑灭的建筑（栋）"),
    "series.burnt_area": ("Plants burnt", "植被过火面积"),
    "series.engines_at_work": ("Engines at work", "正在灭火的消防车（辆）"),
    "road.motorway": ("motorway", "高速公路"),
    "road.motorway_link": ("motorway link", "高速公路匝道"),
    "road.trunk": ("trunk", "快速路"),
    "road.primary": ("primary", "主干路"),
    "road.secondary": ("secondary", "次干路"),
    "road.tertiary": ("tertiary", "支路"),
    "road.link": ("link", "匝道"),
    "road.street": ("street", "街道"),
    "road.street_limited": ("street, limited", "限行街道"),
    "road.pedestrian": ("pedestrian", "步行街"),
    "road.service": ("service", "内部道路"),
    "road.driveway": ("driveway", "出入车道"),
    "road.track": ("track", "机耕路"),
    "road.path": ("path", "小路"),
    "alt.map": ("3D model of the city with the hazard", "城市三维模型与灾害"),
    "km": ("km", "公里"),
    "north": ("N", "北"),
    **texts_chains.TEXTS,
}


def translate(key: str, language: str, **values: object) -> str:
    """Text of a key in a language, with values filled in.

    Parameters
    ----------
    key
        One of ``TEXTS``.
    language
        ``en`` or ``zh``.
    **values
        Named values of the text.
    """
    text = TEXTS[key][1 if language == "zh" else 0]
    return text.format(**values) if values else text


def unit_words(unit: str, language: str) -> str:
    """A unit as people read it."""
    key = f"unit.{unit}"
    return translate(key, language) if key in TEXTS else unit


def road_words(kind: str, language: str) -> str:
    """A class of road as people read it; its own name where it has no other."""
    key = f"road.{kind}"
    return translate(key, language) if key in TEXTS else kind.replace("_", " ")


def duration(seconds: float, language: str) -> str:
    """A length of time in hours and minutes, such as ``1 h 05 min``."""
    minutes = round(seconds / 60.0)
    hours, rest = divmod(minutes, 60)
    hour, minute = translate("time.h", language), translate("time.min", language)
    gap = "" if language == "zh" else " "
    if hours == 0:
        return f"{rest}{gap}{minute}"
    return f"{hours}{gap}{hour}{gap}{rest:02d}{gap}{minute}"
