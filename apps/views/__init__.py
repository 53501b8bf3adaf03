"""Parts of the page, each one file."""
