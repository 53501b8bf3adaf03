"""What a hazard does to people, buildings and streets."""
