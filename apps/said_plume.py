"""Sentences of plumes of gas and smoke in Chinese."""

import re
from typing import Final

from citytwin.hazards.plume.substances import names, substance_of

_N = r"([\d.,]+(?:e[-+]?\d+)?)"
#: Number of a list of numbers and units, at its end without the comma.
_EACH = r"(\d[\d.]*(?:e[-+]?\d+)?)"
_GASES: Final = [substance_of(name) for name in names()]
#: Substances, the longest words first; a gas stands in a sentence as it stands in the table.
_GAS = f"({'|'.join(sorted((re.escape(gas.title) for gas in _GASES), key=len, reverse=True))})"
_HEAVY = rf"{_N} times the limit of Britter and McQuaid"

PHRASES: Final[tuple[tuple[str, str], ...]] = (
    # How far it is.
    (rf"^{_N} min(?=$|，约剩)", r"已模拟 \1 分钟"),
    # Where the mass is.
    (rf"^No {_GAS} was released\.$", r"没有泄漏\1。"),
    (rf"^Of {_N} kg of {_GAS}, (\d+%) is in the air over the city", r"泄漏的 \1 千克\2中，\3 在城市上空"),
    (r"(?:,| and) (\d+%) has left it(?=,| and|;|\.)", r"，\1 已飘出城市"),
    (r"(?:,| and) (\d+%) settled or decayed(?=;|\.)", r"，\1 已沉降或衰减"),
    (rf"; {_N} kg are still in the pool\.", r"；另有 \1 千克仍在液池中。"),
    # Staying in or leaving.
    (r"^Staying in or leaving makes no difference within the time watched, ", "在模拟时段内，就地避险与撤离没有差别："),
    (r"^Staying in or leaving, ", "就地避险与撤离的比较："),
    ((rf"with doors and windows shut, {_N} air changes an hour and airing as soon as the air outside is cleaner, "
     rf"against {_N} min in the open from its arrival"),
     r"避险者关闭门窗，每小时换气 \1 次，室外空气转好即开窗；撤离者自气体到达起在室外停留 \2 分钟"),
    (rf": on {_N} km² staying in gives the lower toxic load, on {_N} km² leaving does\.",
     r"。\1 平方公里内就地避险的毒性负荷较低，\2 平方公里内撤离较低。"),
    (r" Watch for longer to see the air indoors clear\.", "延长模拟时长才能看到室内空气转好。"),
    # Air and surroundings.
    (rf"^Surroundings (open|urban): buildings cover {_N}% of the cells, and from {_N}% on they count as urban \(judged\)\.",
     r"下垫面 \1：建筑占单元面积的 \2%，达到 \3% 即按城市计（取值为经验判断）。"),
    (r"^下垫面 open", "下垫面按开阔地计算"),
    (r"^下垫面 urban", "下垫面按城市计算"),
    (r"^Stability (?=[A-F])", "大气稳定度："),
    (rf"([A-F]) from {_EACH} h", r"\2 小时起 \1"),
    (r", by sun, cloud and wind \(Turner 1964\); mixing height ", "，按日照、云量和风速判定（Turner 1964）；混合层高度 "),
    (r", as given; mixing height ", "，由情景给定；混合层高度 "),
    (rf"(?<=[\d层度,] ){_EACH} m(?=, )", r"\1 米"),
    (r", typical of the class\.$", "，取该稳定度的典型值。"),
    (r", as given\.$", "，由情景给定。"),
    ((rf"^Wind below {_N} m/s counts as {_N} m/s in its last direction: in a calm gas spreads by its weight and along "
     r"slopes, which is not modelled\."),
     r"风速低于 \1 米/秒时按 \2 米/秒、沿最后风向计算：静风时气体靠自重并沿坡扩散，本模型未计入。"),
    # What was not verified.
    (r"^Coefficients in use that were not verified: ", "所用系数未核实："),
    (r"the table of stability classes(?=,|\.|、|。)", "稳定度判定表"),
    (r"the wind's profile and the mixing heights by class(?=,|\.|、|。)", "各稳定度的风廓线与混合层高度"),
    (r"the widths of the plume(?=,|\.|、|。)", "烟羽宽度"),
    (rf"properties of {_GAS}(?=,|\.|、|。)", r"\1的物性"),
    (r"levels by smoke guide(?=,|\.|、|。)", "烟雾指南的分级浓度"),
    (r"levels by (AEGL|ERPG)(?=,|\.|、|。)", r"\1 分级浓度"),
    (rf"^How many die of a toxic load of {_GAS} is not verified\.$", r"\1毒性负荷的致死比例未核实。"),
    # What is left out.
    ((rf"^WARNING: {_GAS} leaves as a heavy gas here, {_HEAVY} \({_N}\)\. It was run as passive because the event says "
     r"so: near the source a heavy cloud is wider, lower, spreads against the wind and runs down slopes\."),
     (r"警告：\1在此以重气形式泄出，为 Britter 与 McQuaid（\3）界限的 \2 倍。按情景要求作为中性气体计算："
     r"近源处重气云更宽、更低，会逆风扩展并沿坡下泄。")),
    ((rf"^{_GAS} leaves as a heavy gas here, {_HEAVY} \({_N}\): it follows their correlations for {_N} m from the source, "
     r"and drifts as air does from there\. Their coefficients were not verified\."),
     (r"\1在此以重气形式泄出，为 Britter 与 McQuaid（\3）界限的 \2 倍：距源 \4 米以内按其关联式计算，"
     r"之后随空气飘移。其系数未核实。")),
    ((rf"^A heavy cloud runs down slopes and into basements, which is not modelled, and spreads against the wind, here by "
     rf"about {_N} m: keep away on all sides\."),
     r"重气云会沿坡下泄并进入地下室，本模型未计入；还会逆风扩展，此处约 \1 米：四面都应远离。"),
    ((r"^WARNING: so much gas in so little wind lies beyond the range of the correlations: their last value was taken, "
     r"and the true cloud is wider and lower\."),
     "警告：气体之多、风之弱已超出关联式范围：取其末端值，实际云团更宽、更低。"),
    (r"^Nothing settles from a heavy gas here, nor from releases beside it: its layers are too thin to say how much\.", "重气及与之同时的其他释放不计沉降：云层太薄，无从估算。"),
    ((r"^WARNING: what settled on the map adds up to ([\d.]+) times what the air lost: a plume that rises fast is thinner "
     r"at its source than a cell, where the air people breathe and what settles from it come out too high\."),
     r"警告：图上沉降量合计为空气中损失量的 \1 倍：快速抬升的烟羽在源处比单元更薄，该处呼吸高度浓度与沉降量偏高。"),
    (r"^The release is so short for the wind that it counts as all at once \(Britter and McQuaid\)\.",
     "相对于风速泄漏时间太短，按瞬时泄漏计算（Britter 与 McQuaid）。"),
    (r"^A heavy release counts as one at the ground, whatever its height\.", "重气一律按地面泄漏计算，不论源高。"),
    ((rf"^{_GAS} that escapes as a liquid under pressure makes a cold mist that is heavier than its vapour: near the "
     r"source such a cloud keeps to the ground, which is not modelled\."),
     r"带压液态\1泄出时形成比其蒸气重的冷雾：近源处云团贴地，本模型未计入。"),
    ((r"^Buildings' wakes, street canyons and slopes are not modelled: in a city read the plume as a mean over open "
     r"ground of that roughness, not as what a street meets\."),
     "未计入建筑尾流、街谷和坡地：在城市中，结果应看作同等粗糙度开阔地上的平均，而非某条街道的实际浓度。"),
    ((r"^A cell has the mean over its hexagon; close to the source the plume is narrower than a cell, and people in its "
     r"middle meet more\."),
     "单元的值为六边形内的平均；近源处烟羽比单元窄，处于烟羽中央的人接触的浓度更高。"),
    (rf"^A plume rises to {_N} m, above the mixing height of {_N} m: what is above the lid does not come down\.",
     r"烟羽升至 \1 米，高于混合层高度 \2 米：高出部分不会回到地面。"),
    (rf"^Plume rise {_N} m by Briggs\.", r"烟羽抬升 \1 米（Briggs 公式）。"),
    (r"^Zones of harm are by the wildfire smoke guide's levels of particles: smoke has no AEGL\.",
     "危害分区按野火烟雾指南的颗粒物浓度划定：烟雾没有 AEGL 限值。"),
    (rf"^{_GAS} has no AEGL: only where it can burn is told\.", r"\1没有 AEGL 限值：只给出可燃区。"),
    (rf"^Arrival and duration count from {_N} mg/m³", r"到达与持续时间自浓度达到 \1 毫克/立方米起计"),
    (r", the lowest level by (AEGL|ERPG)\.$", r"（\1 最低一级）。"),
    (r", the lowest level by smoke guide\.$", "（烟雾指南最低一级）。"),
    (r", a tenth of the lower flammable limit\.$", "（爆炸下限的十分之一）。"),
    # What is wrong with what was given.
    (rf"^noticed_mg_m3 lies above all levels of harm by (AEGL|smoke guide), {_N} mg/m³ at most: lower it",
     r"“noticed_mg_m3”高于全部危害分级浓度（最高 \2 毫克/立方米）：请调小"),
    (r"^substance must be one of (.+)$", r"“substance”须为以下之一： \1"),
    (r"^date must be a day as (\S+)$", r"“date”须写成 \1 的形式"),
    (r"^date must be a day of the calendar, as (\S+)$", r"“date”须为日历上有的日期，如 \1"),
    (r"^substance makes no pool: choose another kind of release", "“substance”不会形成液池：请另选“kind”"),
    (r"^from_h lies after simulated_h: nothing is released; lower it", "“from_h”晚于“simulated_h”，不会有泄漏：请调小"),
    (rf"^a share of {_N} of the gas appeared or vanished, more than {_N}: report this event as a fault",
     r"气体质量不守恒，误差比例 \1，超过 \2：请报告本次模拟"),
    (rf"^the cells hold {_N} kg of gas where {_N} kg are in the air: report this event as a fault",
     r"单元中有气体 \1 千克，而空气中为 \2 千克：请报告本次模拟"),
    # Items of a list.
    (r"(?<=物性|浓度|定表|高度|宽度), (?=\S)", "、"),
    (rf"(?<=[A-F]), (?={_EACH} 小时起)", "、"),
    (rf"(?<=\d 米), (?={_EACH} 米)", "、"),
    # Names of substances, wherever a Chinese word stands beside them.
    *((rf"{re.escape(gas.title)}(?=[一-鿿，。：])|(?<=[一-鿿，。：]){re.escape(gas.title)}", gas.title_zh)
      for gas in _GASES),
)  # fmt: skip
