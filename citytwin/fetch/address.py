"""Addresses of files: what of them may be shown, and how a file is called."""

import re
from urllib.parse import unquote, urlsplit

_LONGEST = 100


def shown(url: str) -> str:
    """The address without names, passwords and keys, for messages and logs."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def file_name(url: str) -> str:
    """Name for the file at an address: letters, digits, dots and dashes, no leading dot."""
    last = unquote(urlsplit(url).path).rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9._-]", "_", last).lstrip(".")[-_LONGEST:] or "file"
