"""Where everything comes from and how good it is: sources, what is assumed, the run's balance."""

import html
from typing import Any

import ensembles
import ledger
import runs
import store
import streamlit as st
from said import say
from texts import translate

from citytwin.city.quality import Aspect
from citytwin.report.sentences import (
    STATES,
    age,
    amount,
    check_line,
    files,
    first_aspects,
    found_how,
    percent,
    title,
)
from citytwin.report.texts import translate as report_text
from views import alerts


def draw(key: str | None, language: str) -> None:
    """Draw the sources of the city and of a run."""
    if key is not None:
        _run(key, language)
    st.html(_head("sources.city", language) + _table(_city_rows(language)))
    st.html(_head("sources.quality", language) + _quality(language))
    st.caption(runs.caveat(key, language))


def _run(key: str, language: str) -> None:
    """How a run was computed and what came of it."""
    manifest = store.results(key).manifest
    alerts.stopped(key, language)
    alerts.doubts(key, language)
    about = ensembles.manifest_of(key)
    said = ensembles.sentence(about, language) if about else ledger.sentence(manifest, language)
    balance = html.escape(said)
    st.html(
        _head("sources.balance", language)
        + f'<div class="ct-small"><p>{balance}</p></div>'
        + ledger.table(manifest, language)
    )
    _, notes = runs.notes(key, language)
    notes.append(runs.drains(key, language))
    lines = "".join(f"<p>{html.escape(note)}</p>" for note in dict.fromkeys(filter(None, notes)))
    if lines:
        st.html(_head("sources.notes", language) + f'<div class="ct-small">{lines}</div>')
    st.html(_head("sources.run", language) + _table(_run_rows(key, manifest, language)))


def _quality(language: str) -> str:
    """What is real, derived, assumed and not known, and what is wrong, as HTML."""
    report = store.quality()
    parts = [f'<div class="ct-states">{_states(language)}</div>']
    lead = report_text("lead", language, share=percent(report.assumed_area))
    parts.append(f'<div class="ct-small"><p>{html.escape(lead)}</p></div>')
    parts += [_aspect(found, language) for found in first_aspects(report)]
    words = [check_line(found, language) for found in report.checks]
    if report.faulty:
        words.insert(0, translate("sources.faults", language, count=f"{report.faulty:,}"))
    words.append(translate("sources.drains", language))
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in words)
    parts.append(f'<div class="ct-gap"></div><div class="ct-small">{lines}</div>')
    return "".join(parts)


def _states(language: str) -> str:
    return "".join(
        f'<span><i class="ct-{state}"></i>{report_text(f"state.{state}", language)}</span>'
        for state in STATES
    )


def _aspect(aspect: Aspect, language: str) -> str:
    """One aspect as a bar with its shares in words, and how it was found on pointing at it."""
    shares = [(state, getattr(aspect, state)) for state in STATES]
    some = [(state, share) for state, share in shares if share > 0.0]
    bar = "".join(f'<i class="ct-{state}" style="width:{100 * v:.2f}%"></i>' for state, v in some)
    said = " · ".join(f"{report_text(f'state.{s}', language)} {percent(v)}" for s, v in some)
    size = amount(aspect.amount, aspect.unit)
    hint = html.escape(found_how(aspect, language), quote=True)
    return (
        f'<div class="ct-aspect" title="{hint}">{html.escape(title(aspect, language))} ({size})'
        f'<div class="ct-bar">{bar}</div><small>{said}<br>{hint}</small></div>'
    )


def _city_rows(language: str) -> list[tuple[str, str]]:
    rows = []
    for source in store.quality().sources:
        name = translate("card.source", language, source="").strip(" :：")
        rows.append((name, source.attribution))
        rows.append((translate("sources.licence", language), source.licence))
        rows.append((files(source, language), source.origin))
        rows.append((translate("sources.date", language), say(source.date, language)))
        if source.days is not None:
            rows.append((translate("sources.age", language), age(source, language)))
    rows.append((translate("sources.fingerprint", language), store.city().fingerprint[:16]))
    return [(name, value) for name, value in rows if value]


def _run_rows(key: str, manifest: dict[str, Any], language: str) -> list[tuple[str, str]]:
    facts = (
        ("sources.key", manifest.get("key", key)),
        ("sources.when", runs.created(key)),
        ("sources.seconds", _seconds(manifest, language)),
        ("sources.version", _version(manifest)),
    )
    return [(translate(name, language), str(value)) for name, value in facts if value]


def _seconds(manifest: dict[str, Any], language: str) -> str:
    seconds = manifest.get("seconds")
    if isinstance(seconds, dict):
        seconds = sum(value for value in seconds.values() if isinstance(value, int | float))
    if not isinstance(seconds, int | float) or not seconds:
        return ""  # an ensemble's members have their own
    return f"{seconds:.1f} {translate('time.s', language)}"


def _version(manifest: dict[str, Any]) -> str:
    versions = manifest.get("versions", {})
    if not isinstance(versions, dict):
        return str(versions)
    return ", ".join(f"{name} {value}" for name, value in versions.items())


def _head(key: str, language: str) -> str:
    return f'<div class="ct-head">{translate(key, language)}</div>'


def _table(rows: list[tuple[str, str]]) -> str:
    lines = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(value)}</td></tr>"
        for name, value in rows
    )
    return f'<div class="ct-small"><table>{lines}</table></div>'
