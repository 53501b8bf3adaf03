"""Sentences of fires in Chinese."""

from typing import Final

_N = r"([\d.,]+(?:e[-+]?\d+)?)"
_TABLES: Final = {
    "fire_construction": "建筑耐火", "fire_loads": "火灾荷载", "fire_coefficients": "燃烧与扑救",
}  # fmt: skip

PHRASES: Final[tuple[tuple[str, str], ...]] = (
    # How far it is.
    (r"^who sees whom\b", "正在查找会相互引燃的建筑"),
    (rf"^{_N} buildings on fire", r"\1 栋建筑正在燃烧"),
    (r"^burnt(?=$|，约剩)", "火灾计算完成"),
    # What happened.
    (rf"^After {_N} h, of {_N} buildings {_N} were untouched, {_N} on fire, {_N} burnt out, {_N} put out",
     r"\1 小时后，\2 栋建筑中 \3 栋未受影响，\4 栋正在燃烧，\5 栋烧毁，\6 栋已扑灭"),
    (rf", {_N} cleared(?=; they released )", r"，\1 栋已预先清除"),
    (rf"; they released {_N} TJ, which is their fire load burnt, and {_N} ha of plants burnt\.",
     r"；建筑放热 \1 太焦，与烧掉的火灾荷载相符；植被过火 \2 公顷。"),
    # What is to be known of it.
    *((rf"^{_N} of {_N} coefficients of the table {name} are not verified", rf"{words}系数（表 {name}）：\2 个中有 \1 个未核实")
      for name, words in _TABLES.items()),
    (r"^construction is assumed for (\d+%) of the buildings; taken: (\d+%) wood, (\d+%) brick, (\d+%) concrete$",
     r"\1 的建筑结构类型为假定；全部建筑按木结构 \2、砖混 \3、混凝土 \4 计算"),
    (r"^(\d+%) of the low buildings of unknown construction are taken as wood, as the event says$",
     r"结构未知的低层建筑中按 \1 为木结构计（事件给定）"),
    (r"^(\d+%) of the low buildings of unknown construction are taken as wood, as people build in (\w+): not verified$",
     r"结构未知的低层建筑中按 \1 为木结构计（“\2”的建造习惯，未核实）"),
    (r"(?<=“)north_america(?=”的建造习惯)", "北美"),
    (r"(?<=“)europe(?=”的建造习惯)", "欧洲"),
    (r"(?<=“)japan(?=”的建造习惯)", "日本"),
    (r"(?<=“)china(?=”的建造习惯)", "中国"),
    (r"^(\d+%) of the low buildings of unknown construction are taken as wood: nothing says what people build there, not verified$",
     r"结构未知的低层建筑中按 \1 为木结构计（当地建造习惯未知，未核实）"),
    (r"^the city has no buildings: only plants burn$", "本城市没有建筑数据：只计算植被火"),
    (r"^plants that carry a fire are assumed on ([\d.]+%) of the cells, as fuel models (\w+), (\w+) and (\w+)$",
     r"假定 \1 的单元有可燃植被，燃料模型：草地 \2、灌木 \3、林下 \4"),
    (r"(?<=草地|灌木|林下) none(?=、|$)", "不燃"),
    (r"^nothing was set on fire: name an ignition$", "没有任何起火：请指定起火点"),
    (r"^the table (\S+) has no row for the construction '(.+)': set the event's wood_share",
     r"表 \1 没有“\2”的建造习惯：请给出事件的“wood_share”"),
    (r"^engines have (\d+%) of their water$", r"消防车可用水量为正常的 \1"),
    # Curves over time.
    (r"^buildings on fire$", "正在燃烧的建筑"),
    (r"^buildings burnt or put out$", "烧毁或已扑灭的建筑"),
    (r"^plants burnt$", "植被过火面积"),
    (r"^engines at work$", "正在灭火的消防车"),
    # What is wrong with what was given.
    (r"^((?:grass|shrub|tree)_fuel) must be one of (.+)$", r"“\1”须为以下之一：\2"),
    (r"^(the .+) starts after simulated_h: lower its from_h", r"\1的起火时间晚于“simulated_h”：请调小"),
    (r"^(the .+) lies outside the city: move its line", r"\1在城市范围外：请移动其走线"),
    (r"^(the .+) cuts no cell and no building: widen it", r"\1未触及任何单元或建筑：请加宽"),
    (rf"^nothing burns within {_N} m of (the .+): move it to a building or to plants",
     r"\2周围 \1 米内没有可燃物：请移到建筑或植被处"),
    (rf"^the ignitions of buildings have shape \({_N}\), but the city has {_N} buildings: give a time for each",
     r"起火时间有 \1 个，而城市有 \2 栋建筑：请每栋给出一个时间"),
    (rf"^buildings released {_N} J but lost {_N} J of fire load: report this run",
     r"建筑放热 \1 焦与烧掉的火灾荷载 \2 焦不符：请报告本次模拟"),
)  # fmt: skip
