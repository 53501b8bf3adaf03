"""The honesty report as one page: no script, no network, fit for a screen and for A4 paper."""

from contextlib import suppress
from html import escape
from importlib import resources
from pathlib import Path

from citytwin.city import City
from citytwin.city.quality import Quality
from citytwin.errors import OutputError
from citytwin.report import parts
from citytwin.report.sentences import amount, first_aspects, other_aspects, percent
from citytwin.report.texts import translate


def write_page(path: Path, quality: Quality, city: City, language: str = "en") -> None:
    """Write the page; the file appears whole or not at all.

    Parameters
    ----------
    path
        HTML file.
    quality
        What was found.
    city
        The city, for the maps.
    language
        ``en`` or ``zh``.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    text = page(quality, city, language)
    draft = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise OutputError(
            f"the report {path} cannot be written: name another place with --html"
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def page(quality: Quality, city: City, language: str = "en") -> str:
    """The page as text; see :func:`write_page`."""
    style = resources.files("citytwin.report").joinpath("page.css").read_text("utf-8")
    name = _name(quality, language)
    heading = translate("title", language)
    return (
        f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(name)} – {escape(heading)}</title><style>{style}</style></head><body>"
        f"{_head(quality, language)}{_body(quality, city, language)}{_foot(quality, city, language)}"
        "</body></html>\n"
    )


def _name(quality: Quality, language: str) -> str:
    return quality.title_zh if language == "zh" and quality.title_zh else quality.title


def _head(quality: Quality, language: str) -> str:
    area = amount(quality.area, "m2")
    cells, resolution = f"{quality.cells:,}", quality.resolution
    size = translate("cells", language, cells=cells, resolution=resolution, area=area)
    when = translate("written", language, date=quality.today)
    built = f"{translate('built', language)} {quality.built[:16].replace('T', ' ')} UTC"
    share = percent(quality.assumed_area)
    return (
        f"<h1>{escape(_name(quality, language))}</h1>"
        f'<p class="where">{escape(translate("title", language))} · {escape(when)} · '
        f"{escape(size)} · {escape(built)}</p>"
        f'<div class="lead"><b>{share}</b><p>{escape(translate("lead.rest", language))}<br>'
        f"{escape(translate('lead.words', language))}</p></div>"
    )


def _body(quality: Quality, city: City, language: str) -> str:
    others = parts.aspects(other_aspects(quality), language)
    more = f"<details><summary>{escape(translate('others', language))}</summary>{others}</details>"
    known = parts.aspects(first_aspects(quality), language)
    key = f'<div class="key">{parts.key(language)}</div>'
    return "".join(
        (
            parts.section("hazards", language, parts.hazards(quality, language)),
            parts.section("known", language, key, known, more),
            parts.section("maps", language, parts.maps(city, language)),
            parts.section("ages", language, parts.ages(quality, language)),
            parts.section("faults", language, parts.faults(quality, language)),
            parts.section("checks", language, parts.checks(quality, language)),
            parts.section("absent", language, parts.absent(quality, language)),
        )
    )


def _foot(quality: Quality, city: City, language: str) -> str:
    credit = f"{translate('credit', language)}: {city.attribution}"
    mark = f"{translate('fingerprint', language)}: {quality.fingerprint}"
    made = translate("made", language)
    lines = "<br>".join(escape(line) for line in (credit, mark, made))
    return f"<footer>{lines}</footer>"
