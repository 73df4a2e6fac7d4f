"""What was fitted on real channels' histories: data alone. Do not edit; run ``make fit-detection``.

Written on 2026-11-25 by benchmarks/detection/fit.py from 109 public channels of
24 sources, 9,473 monthly moments, every channel weighing the same. The gaps'
figures are round and set by hand; the models are logistic, by maximum likelihood with an L2 penalty of 1 on
standardised figures. ``make bench-detection`` says how well they do on sources that they were not fitted on.
"""

GAP_MEAN = 3.0
GAP_MEAN_WEIGHT = 6.0
GAP_SPREAD = 1.5
GAP_SPREAD_WEIGHT = 4.0
GAP_MEMORY = 10.0
HAZARD = 0.02
SILENCE = (3.2260, 1.0056, -1.3339, -1.3420, 1.2160, 0.4229)
"""Intercept, then a coefficient for each of ``silence.FIGURES``."""
COLLAPSE = (2.4999, 0.7179, -0.8835, -1.0160, 0.0627, 0.7656)
"""The same, for a collapse."""
