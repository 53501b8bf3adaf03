"""The honesty report for people: plain lines, and one page that needs no network."""

from typing import TYPE_CHECKING

from citytwin.lazy import lazily

if TYPE_CHECKING:
    from citytwin.report.lines import report_lines
    from citytwin.report.page import write_page

__all__ = ["report_lines", "write_page"]

__getattr__ = lazily(
    __name__,
    {"report_lines": "citytwin.report.lines", "write_page": "citytwin.report.page"},
)
