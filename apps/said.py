"""Sentences that runs and models say, in Chinese: phrase by phrase, numbers and names as they are."""

import re
from typing import Final

import said_chains
import said_earthquake
import said_fire
import said_flood
import said_impact
import said_places
import said_plume
import said_rain

_N = r"([\d.,]+(?:e[-+]?\d+)?)"

#: Phrases, those of one sentence together, and what they become.
PHRASES: Final[tuple[tuple[str, str], ...]] = (
    # How far a run is.
    (rf"{_N} of {_N} min simulated", r"已模拟 \1 分钟，共 \2 分钟"),
    (rf", about {_N} s left", r"，约剩 \1 秒"),
    (rf", about {_N} min left", r"，约剩 \1 分钟"),
    (rf", about {_N} h left", r"，约剩 \1 小时"),
    (r"^waiting for its turn$", "排队等待"),
    (r"^starting$", "正在启动"),
    (r"^stopping$", "正在停止并保留已算结果"),
    (r"^counting people, buildings and streets", "正在统计人口、建筑和道路"),
    (r"^done$", "完成"),
    (r"^known from an earlier run$", "此前已算过"),
    (r"^stopped; what was computed is kept$", "已停止，已算结果已保留"),
    (r"^stopped by the user; what was computed is kept$", "已停止，已算结果已保留"),
    (r"^stopped by the user; nothing of it was kept$", "已停止，未能保留结果"),
    (r"^stopped by the user$", "已取消"),
    (r"^the server stopped$", "服务器已停止"),
    (r"^the worker process died: run it again$", "计算进程意外退出：请重新运行"),
    # Which solver, and why.
    (r"^Solver inertial, ", "求解器：局部惯性；"),
    (r"^Solver full, ", "求解器：完整浅水方程；"),
    (r"as the scenario says", "由情景指定"),
    (r"the one that works with tables of the fine ground", "可配合精细地形表计算"),
    (r"auto: where a wall breaks, the water's momentum counts", "自动选择：溃口处水流动量不可忽略"),
    (r"auto: momentum counts for little in this flow", "自动选择：本次水流动量作用很小"),
    (rf"auto: {_N}% of the flow ran fast and far, where its momentum counts",
     r"自动选择：\1% 的水流既急且长，动量不可忽略"),
    (rf" \({_N}% of it runs fast and far\)", r"（其中 \1% 既急且长）"),
    (rf"^Computed on cells of resolution {_N} with tables of the ground at {_N}",
     r"在 \1 级单元上计算，用表保留 \2 级地形"),
    # Which rain.
    (r"^Rain: ", "降雨："),
    (r"Triangular storm of ", "三角形雨型，"),
    (r"Even storm of ", "均匀雨型，"),
    (r"Chicago storm of ", "芝加哥雨型，"),
    (r"Alternating-block storm of ", "交替块雨型，"),
    (r"SCS type (I{1,3}A?) storm of ", r"SCS \1 型雨型，"),
    (rf"Measured rain of {_N} mm in {_N} min from (.+)\.$",
     r"实测降雨，\2 分钟 \1 毫米，取自 \3。"),
    ((rf"Rain of {_N} mm on average from (.+), {_N} pixels of {_N} by {_N} (\S+); each cell has "
     r"the rain of the pixel in which its centre lies"),
     r"时空分布降雨，平均 \1 毫米，取自 \2（\3 个像元，每个 \4 × \5 \6）；单元取其中心所在像元的雨量"),
    (rf"{_N} mm in {_N} min", r"\2 分钟 \1 毫米"),
    (rf", once in {_N} years? by (\S+)", r"，重现期 \1 年，公式 \2"),
    (r" \(conflicting, not verified\)", "（来源互相矛盾，未核实）"),
    (r" \(superseded, not verified\)", "（已被取代，未核实）"),
    (r" \(superseded\)", "（已被取代）"),
    (r" \(conflicting\)", "（来源互相矛盾）"),
    (r" \(not verified\)", "（未核实）"),
    (r" \(others say so with other numbers\)$", "（其他成员或事件同此，数值不同）"),
    # Sewers and buildings.
    (rf"^Sewers are assumed to take {_N} mm/h; no network was given",
     r"假定排水管网排走 \1 毫米/小时；未提供管网数据"),
    (r"^Buildings are obstacles", "建筑按障碍物计算"),
    (r"^Buildings are raised", "建筑按抬高的地面计算"),
    (r"^The drains took no water", "排水管网未进水"),
    (rf"^The drains took {_N} m³ from the street and gave {_N} m³ back to it; ",
     r"排水管网从路面收水 \1 立方米，返回 \2 立方米；"),
    (rf"{_N} m³ left by the outfalls", r"排口流出 \1 立方米"),
    (rf"{_N} m³ came in by the outfalls", r"排口倒灌 \1 立方米"),
    (rf", and SWMM's own account is off by {_N}%", r"；SWMM 自身水量误差 \1%"),
    ((rf"^The {_N} subcatchments of the drains' file are switched off, with their rain: the rain "
     r"falls on the city's own ground"),
     r"管网文件中的 \1 个子汇水区及其降雨不参与计算：降雨落在城市自身地面上"),
    ((rf"^Assumed: an inlet edge of {_N} m and an opening of {_N} m² at every node without inlets "
     r"of its own"),
     r"假定：未给出雨水口的节点，堰长 \1 米、开口 \2 平方米"),
    (rf"^{_N} nodes with a surcharge depth in the drains' file stay closed",
     r"管网文件中设有超载水深的 \1 个节点保持封闭"),
    (rf"^{_N} nodes of the drains lie outside the city and stay closed",
     r"\1 个管网节点位于城市范围外，保持封闭"),
    (rf"^{_N} nodes of the drains stand in walls and meet the cell beside",
     r"\1 个管网节点位于建筑内，改接相邻单元"),
    ((rf"^The drains of (\S+) run in steps of {_N} s, from the file's start date on, with a slot "
     r"over full pipes; their manholes are open shafts"),
     r"管网 \1 自文件起始日期起以 \2 秒步长计算，满管用窄缝法，检查井为敞口竖井"),
    ((rf"^The rims of {_N} manholes in the drains' file differ by more than {_N} m from the "
     rf"city's ground \(median [-+]?{_N} m\); the (?:ground|file \(never below the ground\)) was "
     r"used: check (\w+)"),
     r"管网文件中 \1 个检查井的井口高程与城市地面相差超过 \2 米（中位数 \3 米）：请检查 \4"),
    # What is wrong with what was given.
    (r"^shape '(\w+)' needs a formula: name one in 'formula'",
     r"“shape”取“\1”时需要暴雨强度公式：请在“formula”中选择"),
    (r"^output_min is longer than simulated_h: lower it",
     "“output_min”大于“simulated_h”：请调小"),
    (rf"^output_min gives more than {_N} pictures: raise it",
     r"“output_min”过短，输出超过 \1 幅：请调大"),
    ((rf"^'block' of the storm is {_N} s, shorter than the {_N} s from which the storm formula "
      r"holds: give a longer one"),
     r"交替块雨型的时段 \1 秒短于暴雨强度公式适用的 \2 秒：请加长"),
    ((rf"^by the storm formula (\S+) less falls in {_N} min than in a shorter time: give a shorter "
      r"'duration'"),
     r"按暴雨强度公式 \1，\2 分钟的雨量反而少于更短历时：请缩短历时"),
    ((rf"^the flood's water balance is off by {_N} of the water that entered, more than {_N}: the "
      r"result was not kept; please report it"),
     r"水量不守恒，误差比例 \1，超过 \2：结果未保留，请报告本次模拟"),
    (r"^citytwin failed \((.+)\): please report it$", r"程序出错（\1）：请报告本次模拟"),
    (r"^the worker could not start: (.+)$", r"计算进程无法启动（\1）"),
    (r"^input should be greater than or equal to ", "不得小于 "),
    (r"^input should be less than or equal to ", "不得大于 "),
    (r"^input should be greater than ", "须大于 "),
    (r"^input should be less than ", "须小于 "),
    (r"^input should be a valid number.*", "须为数字"),
    ((rf"^the storm formula (\S+) does not reach to a storm of {_N} a and {_N} min: it holds for "
     rf"{_N} to {_N} a and {_N} to {_N} min; change return_period_y or rain_h, or the shape where an "
     "scs storm lasts for 24 h"),
     (r"暴雨强度公式 \1 不适用于重现期 \2 年、历时 \3 分钟的降雨：适用范围为 \4 至 \5 年、"
     r"\6 至 \7 分钟；请调整重现期或降雨历时（SCS 雨型固定为 24 小时，请换雨型）")),
    ((rf"^blocks of {_N} s do not go into a storm of {_N} s a whole number of times up to {_N}: change "
     "rain_h"),
     r"交替块雨型的历时须为 \1 秒的整数倍，现为 \2 秒：请调整降雨历时"),
    (r"^the rain series (.+) cannot be read: .*", r"降雨文件 \1 无法读取：请检查文件"),
)  # fmt: skip
_ALL = (
    *PHRASES,
    *said_chains.PHRASES,
    *said_earthquake.PHRASES,
    *said_fire.PHRASES,
    *said_plume.PHRASES,
    *said_impact.PHRASES,
    *said_places.PHRASES,
    *said_rain.PHRASES,
    *said_flood.PHRASES,
)
_KNOWN = [(re.compile(pattern, re.IGNORECASE), chinese) for pattern, chinese in _ALL]


def say(text: str, language: str) -> str:
    """A sentence of a run or a model in the language of the page.

    Parameters
    ----------
    text
        As it was said, in English.
    language
        ``en`` or ``zh``. What has no Chinese stays as it is.
    """
    if language != "zh":
        return text
    for pattern, chinese in _KNOWN:
        text = pattern.sub(chinese, text)
    return re.sub(r"(?<=[一-鿿）%”])\.$", "。", text)
