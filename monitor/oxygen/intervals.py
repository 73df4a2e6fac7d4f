"""How sure a small count makes us: 90 % intervals, and how often luck alone brings about so little."""

from __future__ import annotations

from scipy.special import bdtr, betainc, betaincinv, gammaincinv, pdtr  # type: ignore[import-untyped,unused-ignore]

LEVEL = 0.9
"""Of a hundred such intervals, ninety hold the truth."""
_TAIL = (1 - LEVEL) / 2


def of_count(count: float) -> tuple[float, float]:
    """Interval for the mean of a Poisson count (Garwood 1936)."""
    low = float(gammaincinv(count, _TAIL)) if count > 0 else 0.0
    return low, float(gammaincinv(count + 1, 1 - _TAIL))


def of_share(some: float, all_of_them: float) -> tuple[float, float]:
    """Interval (0..1) for a share, ``some`` of ``all_of_them`` (Jeffreys; Brown, Cai and DasGupta 2001)."""
    rest = all_of_them - some
    low = float(betaincinv(some + 0.5, rest + 0.5, _TAIL)) if some > 0 else 0.0
    high = float(betaincinv(some + 0.5, rest + 0.5, 1 - _TAIL)) if rest > 0 else 1.0
    return low, high


def chance_of_so_few(count: float, expected: float, unsure: float = 1.0) -> float:
    """Probability (0..1) of ``count`` or fewer where ``expected`` are.

    Poisson where ``unsure``, the variance against the mean, is 1; negative binomial where it is more.
    """
    if unsure <= 1.0 or expected <= 0:
        return float(pdtr(count, expected))
    return float(betainc(expected / (unsure - 1), count + 1, 1 / unsure))


def chance_of_so_small_a_share(some: int, all_of_them: int, share: float) -> float:
    """Probability (0..1) of ``some`` or fewer out of ``all_of_them`` where each has the chance ``share`` (binomial)."""
    return float(bdtr(some, all_of_them, min(max(share, 0.0), 1 - 1e-9)))


def chance_of_so_large_a_share(some: int, all_of_them: int, share: float) -> float:
    """Probability (0..1) of ``some`` or more out of ``all_of_them`` where each has the chance ``share``."""
    return 1.0 if some <= 0 else 1.0 - chance_of_so_small_a_share(some - 1, all_of_them, share)


def health(seen: float, expected: float) -> float:
    """Seen against expected, 0..1, with one added to both so that small numbers are not made much of."""
    return min(1.0, (seen + 1.0) / (expected + 1.0))
