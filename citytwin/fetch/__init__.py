"""Fetch files by URL: resumed after a cut, checked, kept, never asked for twice in vain."""
