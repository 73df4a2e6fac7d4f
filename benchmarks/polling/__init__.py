"""How fast feeds are read: a farm of feeds on loopback, Oximeter and other readers on it. ``make bench``."""
