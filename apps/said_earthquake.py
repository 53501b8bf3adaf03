"""Sentences of earthquakes in Chinese."""

from typing import Final

_N = r"([\d.,]+(?:e[-+]?\d+)?)"

PHRASES: Final[tuple[tuple[str, str], ...]] = (
    # Earthquake.
    (r"^looking at the ground(?=$|，约剩)", "正在查看场地"),
    (r"^computing the ground motion", "正在计算地震动"),
    (r"^computing the intensity", "正在计算烈度"),
    (r"^reading the ShakeMap on the cells", "正在读取 ShakeMap"),
    (r"^shaken(?=$|，约剩)", "震动计算完成"),
    (rf"^The ground shakes with up to {_N} g \({_N} g on average\) and {_N} cm/s; intensity (.+) of the cells: ",
     r"地面峰值加速度最大 \1 g（平均 \2 g），峰值速度 \3 厘米/秒；烈度分布（占单元）：\4。"),
    (r"([IVX]+) on (\d+%)", r"\1 度 \2"),
    (r"(?<=%), (?=[IVX]+ 度)", "、"),
    (r"one of many possible fields, with the published spread and correlation\.$", "此为众多可能结果之一，离散与空间相关符合已发表模型。"),
    (r"the expected motion, without random differences\.$", "此为预期（中位）地震动，不含随机差异。"),
    (r"^the velocity of the ground is assumed from the slope of the terrain, water and fill included: give 'vs30' where it was measured$",
     "场地波速由地形坡度假定（含水面与填土）：有实测值时请填写 vs30（剪切波速）"),
    (rf"^the ground is assumed to be the same everywhere, {_N} m/s$", r"假定各处场地相同，波速 \1 米/秒"),
    (r"^liquefaction, landslides and the movement of the fault itself are not computed$", "未计算液化、滑坡和断层本身的错动"),
    (r"^random differences follow Jayaram & Baker 2009 in space and Baker & Jayaram 2008 between measures; PGV is taken to go with the spectral acceleration at 1 s$",
     "随机差异的空间相关按 Jayaram 与 Baker（2009），指标间相关按 Baker 与 Jayaram（2008）；峰值速度按 1 秒谱加速度处理"),
    (r"^shaking is the ShakeMap's, without random differences; the other fields do not count$", "地震动取自 ShakeMap，不含随机差异；其他参数不起作用"),
    (r"^the ShakeMap has no intensity: it is computed from PGA and PGV$", "ShakeMap 不含烈度：由峰值加速度与速度推算"),
    (r"^coefficients not verified: (.+)$", r"系数未核实：\1"),
    # What is wrong with what was given.
    (rf"^vs30 lies below {_N} m/s, where no model holds: raise it or give 0", r"“vs30”低于 \1 米/秒，没有模型适用：请调大或填 0"),
    (r"^a trace and a point are two ruptures: leave out 'trace' or 'rupture'", "断层迹线与点源互相矛盾：请去掉“trace”，或将“rupture”改为平面"),
    (r"^a trace and an epicentre place the rupture twice: leave out one of them", "断层迹线与震中重复指定了破裂位置：请去掉其一"),
    (r"^the trace is shorter than 100 m: draw the fault from end to end", "断层迹线短于 100 米：请画出断层的全长"),
    (r"^the (trace|epicentre) lies on the other side of the earth: move it(?: to the city's side)?", r"“\1”在地球另一侧：请移到城市附近"),
    (rf"^the rupture lies {_N} km from the city, where no model holds: move it to within 400 km",
     r"破裂距城市 \1 公里，没有模型适用：请移到 400 公里以内"),
    (r"^the ShakeMap (.+) does not cover the city: give one that does, or leave out 'shakemap_file'", r"\1 未覆盖本城市：请换一个文件，或不填“shakemap_file”"),
    (r"^the ShakeMap (.+) cannot be read: give the path of a grid\.xml", r"\1 无法读取：请给出 grid.xml"),
    (r"^(.+) has no '(\w+)': give the grid\.xml of a ShakeMap", r"\1 中没有“\2”：请给出 ShakeMap 的 grid.xml"),
    (r"^(.+) has no field '(\w+)': give a grid\.xml that has it", r"\1 中没有“\2”：请给出包含该项的 grid.xml"),
    (rf"^(.+) has more than {_N} MB: give a smaller ShakeMap", r"\1 超过 \2 MB：请给出较小的 ShakeMap"),
    (r"^(.+) declares entities, which no ShakeMap does: give the original file", r"\1 含有 ShakeMap 不会有的实体声明：请给出原始文件"),
    (r"^(.+) is not whole XML \(.+\): fetch the ShakeMap again", r"\1 不是完整的 XML：请重新下载 ShakeMap"),
    (r"^(.+) is no ShakeMap grid but '(.+)': give a grid\.xml", r"\1 不是 ShakeMap 格网，而是“\2”：请给出 grid.xml"),
    (r"^(.+) lacks '(\w+)' in one of its tags: fetch the ShakeMap again", r"\1 的标签缺少“\2”：请重新下载 ShakeMap"),
    (r"^'(\w+)' in (.+) is '(.*)', not a count: fetch the ShakeMap again", r"\2 中“\1”为“\3”，不是个数：请重新下载 ShakeMap"),
    (rf"^(.+) holds {_N} numbers, not {_N} × {_N} × {_N}: fetch the ShakeMap again", r"\1 有 \2 个数，而非 \3 × \4 × \5 个：请重新下载 ShakeMap"),
    (r"^(.+) holds something that is not a number \(.+\): mend it", r"\1 含有非数字内容：请修正"),
    (r"^(.+) has values that are not numbers: give a ShakeMap without gaps", r"\1 有缺失值：请给出完整的 ShakeMap"),
    (r"^(.+) holds a single row of places: give a ShakeMap of an area", r"\1 只有一行：请给出覆盖一个区域的 ShakeMap"),
    (r"^the places in (.+) are not a regular raster: fetch the ShakeMap again", r"\1 的点不是规则格网：请重新下载 ShakeMap"),
    (r"^(.+) has '(\w+)' below 0: fetch the ShakeMap again", r"\1 中“\2”为负：请重新下载 ShakeMap"),
    (r"^cut to the largest value that is stored: (.+)$", r"已截至可存储的最大值：\1"),
)  # fmt: skip
