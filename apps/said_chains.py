"""Sentences of chains and ensembles in Chinese."""

from typing import Final

_N = r"([\d.,]+)"

PHRASES: Final[tuple[tuple[str, str], ...]] = (
    # How far they are.
    (rf"^{_N} of {_N} members are there(?=$|，约剩)", r"\2 个成员中已有 \1 个"),
    (rf"^{_N} of {_N} members(?=$|，约剩)", r"\2 个成员中已完成 \1 个"),
    (r"^stopped; the members that came are kept$", "已停止，已完成的成员已保留"),
    # What leads from one hazard to another.
    (r"^fires that the shaking starts$", "震动引发的火灾"),
    (r"^lifelines that are out of service$", "停止运行的生命线设施"),
    (r"a further pass would change when (.+) stops?$", r"再算一遍会改变\1的停运时刻"),
    # What is wrong with them.
    (r"^the step '(.+)' starts before the step '(.+)' that it is after: raise its from_h",
     r"步骤“\1”早于引发它的步骤“\2”：请调大“起始时间”"),
    (r"^'high' of '(.+)' is not above 'low': raise it", r"“\1”的最大值不大于最小值：请调大"),
    (r"^'(.+)' needs low <= likeliest <= high, not all equal",
     r"“\1”须满足 最小 ≤ 最可能 ≤ 最大，且不全相等"),
    (rf"^{_N} members are too few for correlated parameters: take more than {_N}",
     r"\1 个成员对相关的量太少：请多于 \2 个"),
    (rf"of member {_N} of the ensemble", r"（第 \1 个成员）"),
    (r"^the scenario (\S+) lacks the table \[ensemble\]: say members and parameters",
     r"\1 缺少 [ensemble] 表：请给出成员数与参数"),
    (r"^the scenario file (\S+) is not TOML: (.*)$", r"不是有效的 TOML 文件（\2）"),
    (r"^the scenario file (\S+) cannot be read: (.*)$", r"无法读取（\2）"),
)  # fmt: skip
