"""Sentences about places, wind, files and measures, which several hazards say, in Chinese."""

from typing import Final

_N = r"([\d.,]+(?:e[-+]?\d+)?)"
_AT = r"(-?\d[\d.]*(?:e[-+]?\d+)?)"
#: What lies at a place, as models call it.
_WHAT: Final = {
    "ignition": "起火点", "fire break": "隔离带", "release": "泄漏源", "gauge": "测点", "line": "断面",
    "breach": "溃口", "burst main": "爆管", "inflow": "河流入流", "shoreline": "海岸", "pool": "初始蓄水",
}  # fmt: skip

PHRASES: Final[tuple[tuple[str, str], ...]] = (
    (rf"^(.+) at {_AT}, {_AT} lies outside the city", r"\1（\2, \3）在城市范围外"),
    (rf"^(.+) from {_AT}, {_AT} to {_AT}, {_AT} lies outside the city", r"\1（\2, \3 至 \4, \5）在城市范围外"),
    (rf": move it between {_AT} and {_AT} degrees east, {_AT} and {_AT} degrees north",
     r"：请移到东经 \1 至 \2 度、北纬 \3 至 \4 度之间"),
    (r"^a point is \[longitude, latitude\] in degrees: give two numbers", "位置为 [经度, 纬度]（度）：请给出两个数"),
    (rf"^(a line|an area|a place) is a list of points \[longitude, latitude\]: give {_N} or more",
     r"\1须为 [经度, 纬度] 点的列表：请至少给出 \2 个点"),
    (rf"^(a line|an area|a place) needs {_N} points or more that differ: add some", r"\1至少需要 \2 个不同的点：请补充"),
    (r"^a line(?=须|至少)", "线"),
    (r"^an area(?=须|至少)", "面"),
    (r"^a place(?=须|至少)", "位置"),
    (r"^the times of the wind do not rise: sort its rows, one for each time", "风的时刻须依次增大：请按时间排列，每个时刻一行"),
    (r"^not stated in the package$", "数据包中未注明"),
    (r"^a row lacks a number", "每行缺少数值"),
    (rf"^at most {_N} numbers?, not {_N}", r"至多 \1 个数，现有 \2 个"),
    (rf"^at least {_N} numbers?, not {_N}", r"至少 \1 个数，现有 \2 个"),
    (r"^numbers with commas between them, rows with semicolons", "须为数字，用逗号隔开，各行用分号隔开"),
    (r"^the scenario's file (.+) cannot be read \(.+\): check the path", r"情景所用文件 \1 无法读取：请检查路径"),
    (r"^no measure acts on the hazard '(\w+)': take the measures away", "现有措施对该灾害不起作用：请去掉措施"),
    (r"^'supply' of (.+) is '(.+)', which no lifeline of the city is called: .+$", r"\1的供电来源“\2”不是本城市的生命线：请另选一处，或留空"),
    (r"^the layer '(\w+)' is missing: build the city again with a source that gives it",
     r"城市缺少图层 \1：请添加其数据源并重新构建城市"),
    (r"^the table (\S+) has no (\w+) of (\w+): install citytwin again", r"表 \1 缺少 \3 的 \2：请重新安装 citytwin"),
    *((rf"\bthe {english} '([^']*)'", rf"{chinese}“\1”") for english, chinese in _WHAT.items()),
    (r"\bthe station(?=（)", "消防站"),
)  # fmt: skip
