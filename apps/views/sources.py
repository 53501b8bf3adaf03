"""Where everything comes from: sources, what is assumed, the run's balance and versions."""

import html
from collections import Counter
from typing import Any

import store
import streamlit as st
from texts import translate


def draw(key: str | None, language: str) -> None:
    """Draw the sources of the city and of a run."""
    st.html(_head("sources.city", language) + _table(_city_rows(language)))
    notes = ("sources.people", "sources.terrain", "sources.drains")
    assumed = "".join(f"<p>{translate(note, language)}</p>" for note in notes)
    st.html(_head("sources.assumed", language) + f'<div class="ct-small">{assumed}</div>')
    if key is not None:
        manifest = store.results(key).manifest
        balance = html.escape(str(manifest.get("balance_sentence", "")))
        st.html(_head("sources.balance", language) + f'<div class="ct-small">{balance}</div>')
        st.html(_head("sources.run", language) + _table(_run_rows(key, manifest, language)))
    st.caption(translate("note.long", language))


def _city_rows(language: str) -> list[tuple[str, str]]:
    groups = Counter(
        tuple(str(source.get(name, "")) for name in _FACTS) for source in store.city().sources
    )
    rows = []
    for (attribution, licence, origin, date), count in groups.items():
        files = translate("sources.files", language, count=count)
        rows.append((translate("card.source", language, source="").strip(" :："), attribution))
        rows.append((translate("sources.licence", language), licence))
        rows.append((files, origin))
        rows.append((translate("sources.date", language), date))
    rows.append((translate("sources.fingerprint", language), store.city().fingerprint[:16]))
    return [(name, value) for name, value in rows if value]


_FACTS = ("attribution", "licence", "origin", "date")


def _run_rows(key: str, manifest: dict[str, Any], language: str) -> list[tuple[str, str]]:
    facts = (
        ("sources.key", key),
        ("sources.when", manifest.get("created", "")),
        ("sources.seconds", _seconds(manifest)),
        ("sources.version", _version(manifest)),
    )
    return [(translate(name, language), str(value)) for name, value in facts if value]


def _seconds(manifest: dict[str, Any]) -> str:
    seconds = manifest.get("seconds")
    if isinstance(seconds, dict):
        seconds = sum(value for value in seconds.values() if isinstance(value, int | float))
    return f"{seconds:.1f} s" if isinstance(seconds, int | float) else ""


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
