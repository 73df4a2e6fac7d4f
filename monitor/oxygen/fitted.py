"""What was fitted on real channels' histories: data alone. Do not edit; run ``make fit-detection``.

Written on 2026-11-25 by benchmarks/detection/fit.py from 109 public channels of
24 sources, 9,473 monthly moments, every channel weighing the same. The gaps'
figures are round and set by hand; the models are logistic, by maximum likelihood with an L2 penalty of 1 on
standardised figures. ``make bench-detection`` says how well they do on sources that they were not fitted on.
"""

GAP_MEAN = 3.0
GAP_MEAN_WEIGHT = 3.0
GAP_SPREAD = 1.5
GAP_SPREAD_WEIGHT = 4.0
GAP_MEMORY = 10.0
HAZARD = 0.02
SILENCE = (2.6201, 1.2142, -1.1171, -1.3517, 1.3290, 0.4998)
"""Intercept, then a coefficient for each of ``silence.FIGURES``."""
COLLAPSE = (2.2486, 0.9072, -0.7482, -1.0854, 0.2593, 0.8657)
"""The same, for a collapse."""
