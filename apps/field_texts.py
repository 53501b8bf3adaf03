"""Words for models and their fields and choices where the models themselves have none in Chinese.

Keys are the model's name, the field, and the choice, with points between. What is not here is shown
as the model says it, so that a new model needs nothing.
"""

from typing import Any, Final

from said import say

from citytwin.hazards.fire.fuels import fuel_models
from citytwin.hazards.flood.rain.formulas import read_formulas

#: What a model and its fields are about, in Chinese.
ABOUT_ZH: Final[dict[str, str]] = {
    "flood": "城市中的水：降雨、河流、海水、溃口与爆管；积水、流动与排出。",
    "flood.rain_mm": "整场降雨的总雨量；选用公式或文件时不用",
    "flood.rain_h": "降雨持续的时间",
    "flood.shape": "芝加哥与交替块雨型由暴雨强度公式推求；SCS 为美国 24 小时雨型",
    "flood.peak": "雨峰出现时刻占历时的比例；均匀与 SCS 雨型不用",
    "flood.formula": "给出雨量的城市暴雨强度公式；不选则用上面的总雨量",
    "flood.return_period_y": "暴雨的重现期，配合公式使用",
    "flood.rain_file": "实测降雨序列（CSV）或时空分布降雨（CF-NetCDF）；取代设计暴雨",
    "flood.simulated_h": "从开始起模拟的时间",
    "flood.losses": "地面下渗的计算方法",
    "flood.infiltration_mm_h": "裸露透水地面的下渗速率；为假定值，只用于恒定下渗",
    "flood.soil": "土壤质地，用于格林–安普特法",
    "flood.soil_group": "水文土壤组，用于霍顿法",
    "flood.dryness": "开始时土壤孔隙中空着的比例，用于格林–安普特法；为假定值",
    "flood.sewer_mm_h": "没有管网数据时，假定管网从硬化地面排走的速率",
    "flood.solver": "局部惯性法忽略动量平流，速度快；完整方程包含动量；自动：水流需要时改用后者并说明",
    "flood.order": "完整求解器的空间精度阶数",
    "flood.coarser": "在放粗若干级的单元上计算，用表保留精细地形；更快、稍粗；只用于局部惯性法",
    "flood.buildings": "少量透水的多孔单元、不进水的障碍物，或抬高的地面",
    "flood.gaps": "全部被建筑占据的单元中能过水的比例：门、通道、小巷；为假定值，0 为实墙；只用于多孔",
    "flood.output_min": "两幅输出之间的时间",
    "flood.wet_depth": "水深达到该值即计为积水，用于到达时间",
    "flood.precision": "水流计算的数值精度",
    "earthquake": "地震引起的地面震动：由断层破裂计算，或读取 ShakeMap。",
    "earthquake.magnitude": "矩震级",
    "earthquake.distance_km": "未指定位置时，城市中心到破裂中部的距离",
    "earthquake.bearing_deg": "未指定位置时，从城市中心指向破裂的方位，自北顺时针",
    "earthquake.depth_km": "震源（破裂中部）的深度",
    "earthquake.mechanism": "断层两盘的错动方式",
    "earthquake.residuals": "加入模型无法预见的、空间相关的随机差异；不选则为中位值",
    "earthquake.seed": "随机差异的种子",
    "earthquake.epicentre": "破裂中部的位置，取代距离与方位",
    "earthquake.trace": "破裂上缘从一端到另一端的折线；断层向其右侧倾斜",
    "earthquake.rupture": "按震级确定大小的平面，或一个点",
    "earthquake.strike_deg": "平面上缘的走向，自北顺时针；向右侧倾斜",
    "earthquake.dip_deg": "断层面与水平面的夹角",
    "earthquake.length_km": "破裂面的长度；0 表示由震级推求",
    "earthquake.width_km": "沿倾向的宽度；0 表示由震级推求",
    "earthquake.top_km": "给出迹线时，破裂上缘的深度",
    "earthquake.region": "地震波随距离衰减的区域差异",
    "earthquake.vs30": "地表以下 30 米的平均剪切波速，处处相同，不小于 150；0 表示由地形坡度推求",
    "earthquake.tectonics": "采用哪一种坡度与波速的关系",
    "earthquake.slope_km": "求坡度的尺度；该关系适用于 30 角秒",
    "earthquake.basin": "用来比较沉积层深度的模型",
    "earthquake.basin_m": "剪切波速达到 1 千米每秒的深度，选择盆地模型时使用",
    "earthquake.event_term": "本次地震与其他地震的差异：随机抽取或给定",
    "earthquake.epsilon": "给定的事件项，以标准差计，各指标相同",
    "earthquake.clustered": "软硬场地是否成片分布：短周期的相关距离更长",
    "earthquake.shakemap_file": "美国地质调查局的 grid.xml；取代破裂与模型",
    "fire": "建筑之间的火灾蔓延（热辐射与飞火）与植被火，二者相互引燃。",
    "fire.ignitions": "起火位置；不填则在城市中部的木结构建筑起火一处",
    "fire.ignition_count": "按建筑面积随机抽取的建筑同时起火的处数",
    "fire.wind_m_s": "开阔地 10 米高处的风速",
    "fire.wind_deg": "风的来向，从正北顺时针计：270 为西风",
    "fire.simulated_h": "从开始起模拟的时间",
    "fire.wood_share": "未知结构的低层建筑中木结构的比例，其余为砖混；不填则按当地建造习惯（假定）",
    "fire.engines": "消防车数量：先救初起的建筑火，其余扑救植被火",
    "fire.embers": "火是否产生随风飘落的飞火",
    "fire.wind": "风的预报：开始后小时数、风速（米/秒）、来向（度）；取代恒定的风",
    "fire.seed": "决定飞火引燃哪些屋顶、哪些建筑为木结构、随机起火的位置",
    "fire.wood_levels": "结构未知的建筑在该层数以下按木或砖混计，以上按混凝土计；为假定值",
    "fire.response_min": "从首次起火到消防车出动的时间",
    "fire.engine_mw": "一辆消防车能控制的建筑热释放功率；房屋全面燃烧时为其数倍",
    "fire.water_share": "消防车可用水量的比例，例如地震损坏供水管网之后",
    "fire.station": "消防车的出发位置；不填为城市中部",
    "fire.breaks": "火灾前清除植被与建筑的隔离带",
    "fire.grass_fuel": "草地的标准燃料模型；none 为不燃",
    "fire.shrub_fuel": "灌木的标准燃料模型",
    "fire.tree_fuel": "树下地表物的标准燃料模型；树冠不计",
    "fire.dead_1h_percent": "细小枯草、针叶的含水率，占干重",
    "fire.dead_10h_percent": "直径 25 毫米以下枯枝的含水率",
    "fire.dead_100h_percent": "直径 76 毫米以下枯枝的含水率",
    "fire.live_herb_percent": "活草本的含水率：30 为枯黄，120 为鲜嫩",
    "fire.live_wood_percent": "活灌木枝叶的含水率",
    "fire.output_min": "两幅输出之间的时间",
    "plume": "随风飘移的毒气或烟：浓度、毒性负荷与危害分区，室外与室内。",
    "plume.substance": "泄漏的物质",
    "plume.kind": "匀速泄漏、瞬时泄漏、蒸发的液池，或火灾烟气",
    "plume.rate_kg_s": "连续泄漏或火灾产烟的速率",
    "plume.duration_min": "连续泄漏或火灾持续的时间",
    "plume.mass_kg": "瞬时泄漏量或液池质量",
    "plume.wind_m_s": "10 米高处的稳定风速；给出风的预报时不用",
    "plume.wind_deg": "风的来向，从正北顺时针；270 为西风",
    "plume.hour": "开始时的钟表时刻",
    "plume.cloud_oktas": "云遮住天空的八分数",
    "plume.simulated_h": "从开始起模拟的时间",
    "plume.air_changes_h": "关闭门窗的建筑每小时换气次数；为假定值",
    "plume.at": "经度与纬度；不填则取城市中央",
    "plume.height_m": "泄漏点离地高度",
    "plume.from_h": "从开始到泄漏的时间",
    "plume.pool_area_m2": "液池开始时的面积",
    "plume.heat_mw": "随烟上升的热量",
    "plume.wind": "各行为：开始后小时数、10 米风速、风的来向；取代稳定风",
    "plume.date": "开始的日期，用于太阳高度",
    "plume.utc_offset_h": "钟表时间比世界时早的小时数；不填则按经度取最近时区",
    "plume.stability": "帕斯奎尔稳定度，A 很不稳定至 F 稳定；自动按日照、云量和风速判定",
    "plume.surroundings": "开阔地或城市；自动按建筑占地比例判定",
    "plume.mixing_height_m": "空气混合所及的高度；0 取该稳定度的典型值",
    "plume.temperature_c": "空气与地面的温度",
    "plume.deposition_mm_s": "地面吸收的速度；0 为不沉降",
    "plume.half_life_h": "在空气中减半的时间；0 为不衰减",
    "plume.leave_min": "察觉后撤离的人在室外停留的时间；为假定值",
    "plume.noticed_mg_m3": "达到该浓度即计为到达；0 取最低一级危害浓度",
    "plume.phase": "气体以气温泄出，由液体沸腾而出的为冷气；自动：除管道气体外均按液体",
    "plume.treat_as_passive": "把重气当作与空气同密度计算，近源处不正确",
    "plume.output_min": "两幅输出之间的时间",
}
#: Choices in English and Chinese.
CHOICES: Final[dict[str, tuple[str, str]]] = {
    "flood.shape.peaked": ("Peaked: up and down in straight lines", "三角形：直线升降"),
    "flood.shape.even": ("Even: constant", "均匀：雨强不变"),
    "flood.shape.chicago": ("Chicago, by a formula", "芝加哥雨型（需公式）"),
    "flood.shape.alternating": ("Alternating blocks, by a formula", "交替块雨型（需公式）"),
    "flood.shape.scs_i": ("SCS type I, 24 hours", "SCS I 型，24 小时"),
    "flood.shape.scs_ia": ("SCS type IA, 24 hours", "SCS IA 型，24 小时"),
    "flood.shape.scs_ii": ("SCS type II, 24 hours", "SCS II 型，24 小时"),
    "flood.shape.scs_iii": ("SCS type III, 24 hours", "SCS III 型，24 小时"),
    "flood.formula.": ("None: the rain above", "不用公式：取上面的总雨量"),
    "plume.substance.ammonia": ("Ammonia", "氨"),
    "plume.substance.chlorine": ("Chlorine", "氯"),
    "plume.substance.hydrogen_fluoride": ("Hydrogen fluoride", "氟化氢"),
    "plume.substance.hydrogen_sulfide": ("Hydrogen sulfide", "硫化氢"),
    "plume.substance.sulfur_dioxide": ("Sulfur dioxide", "二氧化硫"),
    "plume.substance.carbon_monoxide": ("Carbon monoxide", "一氧化碳"),
    "plume.substance.benzene": ("Benzene", "苯"),
    "plume.substance.methane": ("Methane (natural gas)", "甲烷（天然气）"),
    "plume.substance.propane": ("Propane (LPG)", "丙烷（液化石油气）"),
    "plume.substance.smoke": ("Smoke (fine particles)", "烟（细颗粒物）"),
    "plume.kind.continuous": ("At a steady rate", "连续泄漏"),
    "plume.kind.instantaneous": ("All at once", "瞬时泄漏"),
    "plume.kind.pool": ("From a pool that evaporates", "蒸发的液池"),
    "plume.kind.fire": ("Smoke of a fire", "火灾烟气"),
    "plume.stability.auto": ("By sun, cloud and wind", "按日照、云量和风速"),
    "plume.stability.A": ("A: very unstable", "A：很不稳定"),
    "plume.stability.B": ("B: unstable", "B：不稳定"),
    "plume.stability.C": ("C: slightly unstable", "C：弱不稳定"),
    "plume.stability.D": ("D: neutral", "D：中性"),
    "plume.stability.E": ("E: slightly stable", "E：弱稳定"),
    "plume.stability.F": ("F: stable", "F：稳定"),
    "plume.surroundings.auto": ("By the share under buildings", "按建筑占地比例"),
    "plume.surroundings.open": ("Open country", "开阔地"),
    "plume.surroundings.urban": ("City", "城市"),
    "plume.phase.auto": ("By the substance", "按物质"),
    "plume.phase.gas": ("Gas", "气体"),
    "plume.phase.liquid": ("Liquid", "液体"),
    "flood.losses.constant": ("A constant rate", "恒定速率"),
    "flood.losses.horton": ("Horton", "霍顿法"),
    "flood.losses.green_ampt": ("Green–Ampt", "格林–安普特法"),
    "flood.soil.sand": ("Sand", "砂土"),
    "flood.soil.loamy sand": ("Loamy sand", "壤质砂土"),
    "flood.soil.sandy loam": ("Sandy loam", "砂壤土"),
    "flood.soil.loam": ("Loam", "壤土"),
    "flood.soil.silt loam": ("Silt loam", "粉壤土"),
    "flood.soil.sandy clay loam": ("Sandy clay loam", "砂质黏壤土"),
    "flood.soil.clay loam": ("Clay loam", "黏壤土"),
    "flood.soil.silty clay loam": ("Silty clay loam", "粉质黏壤土"),
    "flood.soil.sandy clay": ("Sandy clay", "砂质黏土"),
    "flood.soil.silty clay": ("Silty clay", "粉质黏土"),
    "flood.soil.clay": ("Clay", "黏土"),
    "flood.soil_group.A": ("A: takes water fast", "A：下渗快"),
    "flood.soil_group.B": ("B: moderately", "B：下渗中等"),
    "flood.soil_group.C": ("C: slowly", "C：下渗慢"),
    "flood.soil_group.D": ("D: very slowly", "D：下渗很慢"),
    "flood.solver.auto": ("Automatic", "自动选择"),
    "flood.solver.inertial": ("Local inertial: fast", "局部惯性：快"),
    "flood.solver.full": ("Full: momentum, too", "完整方程：含动量"),
    "flood.buildings.porous": ("Porous: they leak a little", "多孔：少量透水"),
    "flood.buildings.obstacles": ("Obstacles without water", "障碍物：不进水"),
    "flood.buildings.raised": ("Raised ground", "抬高的地面"),
    "flood.precision.float32": ("Single (float32)", "单精度（float32）"),
    "flood.precision.float64": ("Double (float64)", "双精度（float64）"),
    "earthquake.mechanism.strike_slip": ("Strike-slip", "走滑"),
    "earthquake.mechanism.normal": ("Normal", "正断"),
    "earthquake.mechanism.reverse": ("Reverse", "逆断"),
    "earthquake.mechanism.unspecified": ("Not known", "未知"),
    "earthquake.rupture.plane": ("Plane", "平面"),
    "earthquake.rupture.point": ("Point", "点源"),
    "earthquake.region.global": ("California and elsewhere", "加州及其他地区"),
    "earthquake.region.china_turkey": ("China, Turkey: little", "中国、土耳其：衰减弱"),
    "earthquake.region.italy_japan": ("Italy, Japan: much", "意大利、日本：衰减强"),
    "earthquake.tectonics.active": ("Active", "活动区"),
    "earthquake.tectonics.stable": ("Stable", "稳定区"),
    "earthquake.basin.none": ("Left out", "不考虑"),
    "earthquake.basin.california": ("California", "加州"),
    "earthquake.basin.japan": ("Japan", "日本"),
    "earthquake.event_term.drawn": ("At random", "随机抽取"),
    "earthquake.event_term.given": ("Given", "给定"),
    "fire.grass_fuel.none": ("None: does not burn", "不燃"),
    "fire.shrub_fuel.none": ("None: does not burn", "不燃"),
    "fire.tree_fuel.none": ("None: does not burn", "不燃"),
}
_PLACES_ZH: Final = {
    "shanghai": "上海", "shenzhen": "深圳", "guangzhou": "广州", "beijing": "北京", "wuhan": "武汉",
}  # fmt: skip


#: Standard fuel models in Chinese; their English names are the table's.
_FUELS_ZH: Final = {
    "A1": "矮草",
    "A2": "林下草本",
    "A3": "高草",
    "A4": "硬叶灌丛",
    "A5": "灌丛",
    "A6": "休眠灌丛与阔叶采伐剩余物",
    "A7": "美国南方杂灌",
    "A8": "密林落叶层",
    "A9": "阔叶落叶层",
    "A10": "林下落叶与下木",
    "A11": "少量采伐剩余物",
    "A12": "中量采伐剩余物",
    "A13": "大量采伐剩余物",
    "GR1": "矮而稀疏的草，干燥气候",
    "GR2": "少量草，干燥气候",
    "GR3": "少量粗草，湿润气候",
    "GR4": "中量草，干燥气候",
    "GR5": "少量草，湿润气候",
    "GR6": "中量草，湿润气候",
    "GR7": "大量草，干燥气候",
    "GR8": "大量粗草，湿润气候",
    "GR9": "极大量草，湿润气候",
    "GS1": "少量草与灌木，干燥气候",
    "GS2": "中量草与灌木，干燥气候",
    "GS3": "中量草与灌木，湿润气候",
    "GS4": "大量草与灌木，湿润气候",
    "SH1": "少量灌木，干燥气候",
    "SH2": "中量灌木，干燥气候",
    "SH3": "中量灌木，湿润气候",
    "SH4": "少量灌木与林木，湿润气候",
    "SH5": "大量灌木，干燥气候",
    "SH6": "少量灌木，湿润气候",
    "SH7": "极大量灌木，干燥气候",
    "SH8": "大量灌木，湿润气候",
    "SH9": "极大量灌木，湿润气候",
    "TU1": "少量林下草灌，干燥气候",
    "TU2": "中量林下灌木，湿润气候",
    "TU3": "中量林下草灌，湿润气候",
    "TU4": "矮针叶林及下木",
    "TU5": "极大量林下灌木，干燥气候",
    "TL1": "少量密实针叶落叶层",
    "TL2": "少量阔叶落叶层",
    "TL3": "中量针叶落叶层",
    "TL4": "小径倒木",
    "TL5": "大量针叶落叶层",
    "TL6": "中量阔叶落叶层",
    "TL7": "大径倒木",
    "TL8": "长针叶落叶层",
    "TL9": "极大量阔叶落叶层",
    "SB1": "少量采伐剩余物",
    "SB2": "中量采伐剩余物或少量风倒木",
    "SB3": "大量采伐剩余物或中量风倒木",
    "SB4": "大量风倒木",
}


def field_title(model: Any, language: str) -> str:
    """Title of a model in a language."""
    chinese = getattr(model, "title_zh", "") if language == "zh" else ""
    return str(chinese or getattr(model, "title", "") or getattr(model, "name", model.__name__))


def about(key: str, english: str, language: str) -> str:
    """What a model or a field is about: the English words are the model's own."""
    return ABOUT_ZH.get(key, english) if language == "zh" else english


def choice(key: str, value: Any, language: str) -> str:
    """One of the values that a field allows, in words."""
    known = CHOICES.get(f"{key}.{value}")
    if known is not None:
        return known[1 if language == "zh" else 0]
    if key == "flood.formula":
        return _formula(str(value), language)
    if value in _FUELS_ZH and key.endswith("_fuel"):
        return _fuel(str(value), language)
    return str(value)


def _fuel(code: str, language: str) -> str:
    """A standard fuel model by its code and its name."""
    if language == "zh":
        return f"{code}：{_FUELS_ZH[code]}"
    return next(f"{code}: {model.name}" for model in fuel_models().values() if model.code == code)


def _formula(value: str, language: str) -> str:
    """A storm formula with what is to be known before it is believed."""
    branches = read_formulas().get(value)
    if not branches:
        return value
    words = say(f" {branches[0].words}", language).strip()
    place = _PLACES_ZH.get(value.split("-", 1)[0], "") if language == "zh" else ""
    return f"{place} {words}".strip()
