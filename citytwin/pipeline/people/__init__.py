"""Where people live: counted by a source and moved onto homes, or modelled from homes."""
