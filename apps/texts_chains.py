"""Texts about ready-made scenarios, chains and ensembles, in English and Chinese; part of ``texts``."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "ready": ("Start from", "从这里开始"),
    "ready.new": ("A new event", "新事件"),
    "ready.help": (
        (
            "Scenarios that travel with citytwin. Files (.toml) in the folder “scenarios” of the "
            "workspace appear here, too."
        ),
        "随 citytwin 提供的情景；工作目录“scenarios”文件夹中的 .toml 文件也会列在这里。",
    ),
    "ready.chain": ("{title} ({steps} steps)", "{title}（{steps} 步）"),
    "ready.unusable": ("{title} (cannot be used)", "{title}（无法使用）"),
    "ready.problem": (
        "{file} cannot be used: {what}; mend the file, or take it out of the folder “scenarios”.",
        "{file} 无法使用：{what}；请修改该文件，或将其移出“scenarios”文件夹。",
    ),
    "ready.cloudburst": ("Cloudburst, 80 mm in an hour", "暴雨内涝：一小时 80 毫米"),
    "ready.burst-main": ("Burst main on the hill", "山坡水管爆裂"),
    "ready.earthquake-fire": (
        "M 7.9 earthquake, then fire in a west wind",
        "7.9 级地震，随后西风中的火灾",
    ),
    "ready.gas-turning-wind": ("Ammonia leak in a wind that turns", "风向转变中的氨泄漏"),
    "ready.flood-blackout": ("A blackout makes the flood worse", "停电加重内涝"),
    "ready.kept": ("Also in it, from the file: {what}.", "另含文件中的：{what}。"),
    "step.head": ("Step {number}: {title}", "第 {number} 步：{title}"),
    "step.alone": ("Happens by itself", "独立发生"),
    "step.linked": ("Follows from “{before}”: {what}", "由“{before}”引发：{what}"),
    "step.repeats": (
        "“{before}” once more, from its start, with: {what}",
        "从头再次计算“{before}”，计入：{what}",
    ),
    "step.again": (
        "“{before}” once more, with: {what}",
        "再次计算“{before}”，计入：{what}",
    ),
    "step.from_h": ("Starts after [h]", "起始时间 [小时]"),
    "step.from_h.help": (
        "Hours after the start of the chain; not before the step that it follows from",
        "灾害链开始后的小时数；不早于引发它的那一步",
    ),
    "step.remove": ("Remove", "移除"),
    "step.remove.help": (
        "Takes this step out; a step that another follows from stays",
        "移除这一步；引发其他步骤的不能移除",
    ),
    "step.add": ("Add what follows", "添加后续灾害"),
    "step.offer": ("{title} after “{before}”: {what}", "“{before}”之后的{title}：{what}"),
    "step.done": ("done", "已完成"),
    "step.waits": ("waits", "等待中"),
    "chain.steps": ("Show on the map", "在地图上显示"),
    "chain.after_start": ("Hours and minutes after the start", "开始后的时间（时:分）"),
    "chain.later": ("Later, if nothing is repaired", "此后（若不修复）"),
    "chain.streets": (
        (
            "<b>{km}</b><span>km of street impassable at some time, all steps together</span>"
            "<small>of {total}</small>"
        ),
        "<b>{km}</b><span>公里道路曾不可通行（各步合计）</span><small>共 {total}</small>",
    ),
    "chain.line.help": ("Show this moment on the map", "在地图上显示此刻"),
    "chain.stopped": (
        "The chain was stopped. Not computed: {what}.",
        "灾害链已停止。未计算：{what}。",
    ),
    "chain.in_part": ("The chain was stopped in its last step.", "灾害链在最后一步中停止。"),
    "chain.notes": ("How the steps were computed", "各步的计算方式"),
    "time.members": ("all members that came", "已完成的全部成员"),
    "run.members": ("{name}: {count} members", "{name}：{count} 个成员"),
    "sure": ("How sure? Run it many times", "有多大把握？多次运行"),
    "sure.about": (
        "Each member has other values of what nobody knows exactly. Together they say how likely it is.",
        "每个成员对不确定的量取不同的值，合起来给出可能性。",
    ),
    "sure.members": (
        (
            "{count} of {planned} members. Where the map shows a probability of 0, it may still be "
            "up to {limit} % (90 % confidence)."
        ),
        (
            "共 {planned} 个成员，已完成 {count} 个。地图上概率为 0 处，"
            "实际概率仍可能高达 {limit}%（90% 置信度）。"
        ),
    ),
    "sure.count": ("Members", "成员数"),
    "sure.count.help": (
        "How many runs. More members tell rarer things: 20 tell 1 in 10, 200 tell 1 in 100.",
        "运行次数。成员越多，越能反映罕见情况：20 个约可分辨十分之一，200 个约百分之一。",
    ),
    "sure.fields": ("What is uncertain", "哪些量不确定"),
    "sure.kind": ("{what}: how it varies", "{what}：变化方式"),
    "sure.between": ("Chance between the steps", "步骤之间的随机性"),
    "sure.none": (
        "Choose at least one number that is uncertain.",
        "请至少选择一个不确定的量。",
    ),
    "sure.expected": (
        "Takes about {time} on this machine, reckoned from runs measured here ({one} each).",
        "在本机约需 {time}，按本机实测的单次运行（约 {one}）推算。",
    ),
    "sure.unmeasured": (
        "Run it once first, and its time will be known here.",
        "先运行一次，即可在此给出所需时间。",
    ),
    "sure.run": ("Run {count} members", "运行 {count} 个成员"),
    "sure.so_far": (
        "So far, {what}: {p10} – {p50} – {p90} (p10 – p50 – p90)",
        "目前{what}：{p10} – {p50} – {p90}（p10 – p50 – p90）",
    ),
    "sure.stopped": (
        "Stopped after {count} of {planned} members; run it again to go on",
        "已在 {planned} 个成员中的第 {count} 个后停止；再次运行即可继续",
    ),
    "sure.stopped.part": (
        "Probabilities count the members that came.",
        "概率只统计已完成的成员。",
    ),
    "sure.uniform": ("evenly between two values", "两值之间均匀分布"),
    "sure.normal": ("normal", "正态分布"),
    "sure.lognormal": ("lognormal", "对数正态分布"),
    "sure.triangular": ("triangular", "三角形分布"),
    "sure.seed": ("by chance in each member", "每个成员随机抽取"),
    "sure.choice": ("one of the values in the file", "文件中列出的数值之一"),
    "sure.low": ("Lowest", "最小"),
    "sure.high": ("Highest", "最大"),
    "sure.mean": ("Mean", "均值"),
    "sure.deviation": ("Deviation", "标准差"),
    "sure.median": ("Median", "中位数"),
    "sure.sigma": ("Spread (log)", "对数标准差"),
    "sure.likeliest": ("Likeliest", "最可能"),
    "facilities": ("Facilities out of service", "停用设施"),
    "facilities.more": ("{count} more", "另有 {count} 处"),
    "facilities.kind": ("Kind", "类型"),
    "facilities.why": ("Why", "原因"),
    "facilities.when": ("After", "时间"),
}
