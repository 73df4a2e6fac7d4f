"""How well silence and collapse are foretold on real channels: fit, cross-validate, compare."""
