"""Sentences about files of measured rain in Chinese."""

from typing import Final

_N = r"(-?[\d.,]+(?:e[-+]?\d+)?)"
#: A line of the file, its column, the file.
_AT = rf"^line {_N}, '(\w+)', of the rain series (.+)"
_IN = r"降雨文件 \3 第 \1 行“\2”"

PHRASES: Final[tuple[tuple[str, str], ...]] = (
    (rf"{_AT} is '(.*)': give a number, or fill the gap, with 0 if no rain fell",
     rf"{_IN}为“\4”：请填写数字，无雨填 0"),
    (rf"{_AT} is '(.*)': give a date and time in ISO 8601, for example (\S+)",
     rf"{_IN}为“\4”：请按 ISO 8601 填写日期和时间，如 \5"),
    (rf"{_AT} is {_N}: rain cannot be below 0, so mend or leave out what the gauge marked as missing",
     rf"{_IN}为 \4：雨量不得为负，请修正或删去缺测记录"),
    (rf"{_AT} is before the start of the simulation: let it begin at 0", rf"{_IN}早于模拟开始：请从 0 起"),
    (rf"{_AT}: some times have a time zone and some have none, so give it to all",
     rf"{_IN}：部分时刻缺少时区，请全部注明"),
    (rf"{_AT} repeats the time of the row before it: sort the rows by time and keep one for each",
     rf"{_IN}与上一行重复：请按时间排列，每个时刻一行"),
    (rf"{_AT} is earlier than the row before it: sort the rows by time and keep one for each",
     rf"{_IN}早于上一行：请按时间排列，每个时刻一行"),
    ((rf"{_AT} comes {_N} min after the row before it, where {_N} min is usual: add the missing rows, "
     r"with 0 if no rain fell"),
     rf"{_IN}与上一行相隔 \4 分钟，而通常为 \5 分钟：请补上缺少的行，无雨填 0"),
    (rf"{_AT} is a rate without an end: add a last row with 0 at the time when it ends",
     rf"{_IN}的雨强没有结束时刻：请在末尾补一行 0"),
    (rf"{_AT} means {_N} mm/h: more than {_N} mm/h is a wrong unit or a broken gauge, so check it",
     rf"{_IN}相当于 \4 毫米/小时，超过 \5 毫米/小时：请检查单位或仪器"),
    (rf"{_AT} is rain that fell before time 0: let '(\w+)' begin at the end of its first interval",
     rf"{_IN}含 0 时刻以前的降雨：请让“\4”从第一个时段末开始"),
    (rf"^line {_N} of the rain series (.+) has a column '(.*)': allowed are one of (.+) and one of (.+)",
     r"降雨文件 \2 第 \1 行有列“\3”：时间列限 \4 之一，雨量列限 \5 之一"),
    ((rf"^line {_N} of the rain series (.+) must name one column of times \((.+)\) and one of rain \((.+)\): "
     r"it has (.+)"),
     r"降雨文件 \2 第 \1 行须有一列时间（\3 之一）和一列雨量（\4 之一），现有 \5"),
    (rf"^line {_N} of the rain series (.+) has {_N} fields, not {_N}: mend it",
     r"降雨文件 \2 第 \1 行有 \3 项，应为 \4 项：请修正"),
    (r"^the rain series (.+) is not UTF-8: save it as UTF-8", r"降雨文件 \1 不是 UTF-8 编码：请另存为 UTF-8"),
    (r"^the rain series (.+) has no rows: it needs a header and one row for each time",
     r"降雨文件 \1 没有数据：须有表头和逐时刻的行"),
    (r"^the rain series (.+) has one row of 'rain_mm', so how long it fell is unknown: add a row",
     r"降雨文件 \1 的“rain_mm”只有一行，无从得知历时：请再加一行"),
    (r"^the rain series (.+) ends before the simulation starts: change the start date",
     r"降雨文件 \1 在模拟开始前已结束：请调整起始日期"),
    (r"^(.+) is no NetCDF file of the CF conventions: mend it \(.*\)", r"\1 不是符合 CF 约定的 NetCDF 文件：请修正"),
    (r"^(.+) needs a reader of NetCDF: install citytwin\[netcdf\]", r"读取 \1 须先安装 citytwin[netcdf]"),
    (rf"^(.+) does not cover the city: {_N} of {_N} cells lie outside its .+, so give a file that reaches farther",
     r"\1 未覆盖全城：\3 个单元中有 \2 个在其范围外，请换一个范围更大的文件"),
)  # fmt: skip
