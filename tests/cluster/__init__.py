"""Nights over a real Dask cluster: a scheduler and workers, each a process of its own, on loopback."""
