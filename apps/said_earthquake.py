"""Sentences of earthquakes in Chinese."""

from typing import Final

_N = r"([\d.,]+(?:e[-+]?\d+)?)"

PHRASES: Final[tuple[tuple[str, str], ...]] = (
    # Earthquake.
    (r"^looking at the ground$", "正在查看场地"),
    (r"^computing the ground motion", "正在计算地震动"),
    (r"^computing the intensity", "正在计算烈度"),
    (r"^reading the ShakeMap on the cells", "正在读取 ShakeMap"),
    (r"^shaken$", "震动计算完成"),
    (rf"^The ground shakes with up to {_N} g \({_N} g on average\) and {_N} cm/s; intensity (.+) of the cells: ",
     r"地面峰值加速度最大 \1 g（平均 \2 g），峰值速度 \3 厘米/秒；烈度分布（占单元）：\4。"),
    (r"([IVX]+) on (\d+%)", r"\1 度 \2"),
    (r"one of many possible fields, with the published spread and correlation\.$", "此为众多可能结果之一，离散与空间相关符合已发表模型。"),
    (r"the expected motion, without random differences\.$", "此为预期（中位）地震动，不含随机差异。"),
    (r"^the velocity of the ground is assumed from the slope of the terrain, water and fill included: give 'vs30' where it was measured$",
     "场地波速由地形坡度假定（含水面与填土）：有实测值时请填写 vs30"),
    (rf"^the ground is assumed to be the same everywhere, {_N} m/s$", r"假定各处场地相同，波速 \1 米/秒"),
    (r"^liquefaction, landslides and the movement of the fault itself are not computed$", "未计算液化、滑坡和断层本身的错动"),
    (r"^random differences follow Jayaram & Baker 2009 in space and Baker & Jayaram 2008 between measures; PGV is taken to go with the spectral acceleration at 1 s$",
     "随机差异的空间相关按 Jayaram 与 Baker（2009），指标间相关按 Baker 与 Jayaram（2008）；峰值速度按 1 秒谱加速度处理"),
    (r"^shaking is the ShakeMap's, without random differences; the other fields do not count$", "地震动取自 ShakeMap，不含随机差异；其他参数不起作用"),
    (r"^the ShakeMap has no intensity: it is computed from PGA and PGV$", "ShakeMap 不含烈度：由峰值加速度与速度推算"),
    (r"^coefficients not verified: (.+)$", r"系数未核实：\1"),
    (r"^cut to the largest value that is stored: (.+)$", r"已截至可存储的最大值：\1"),
)  # fmt: skip
