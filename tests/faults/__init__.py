"""A farm of faults: servers that do everything wrong that a feed's server can do, and what must come of each."""
