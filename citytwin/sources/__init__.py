"""Sources: one file a data provider or format; each registers itself."""
