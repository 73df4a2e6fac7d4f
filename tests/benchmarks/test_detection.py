"""The bench that the models are fitted and judged on: its cut-offs, its marks, and what it says of real channels."""

from __future__ import annotations

import csv
import gzip
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.detection import baselines
from benchmarks.detection.__main__ import cross_validated
from benchmarks.detection.explain import explain
from benchmarks.detection.fit import Table, fit, write
from benchmarks.detection.histories import Cuts, cuts, load
from benchmarks.detection.scoring import calibration_error, delays, marks, reliability, threshold
from monitor.model import DAY
from monitor.oxygen import fitted
from monitor.oxygen.silence import FIGURES

HISTORIES = Path(os.environ.get("OXIMETER_SHARED", "../shared")) / "histories"
START = 1_500_000_000
OBSERVED = START + 3000 * DAY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six made-up channels of three sources: three weekly ones end after 800, 900 and 1,000 days, three go on."""
    made = tmp_path_factory.mktemp("histories")
    rows, channels = [], []
    for number in range(6):
        name = f"source{number % 3}:c{number}"
        last = 800 + 100 * number if number < 3 else 3000
        for day in range(number, last, 7):
            rows.append((name, "post", START + day * DAY, number % 2, day, ""))
        channels.append((name, "blog", OBSERVED, 0))
    channels.append(("bulk:c", "blog", OBSERVED, 1))
    rows.append(("bulk:c", "post", START, 0, 0, ""))
    with gzip.open(made / "events.csv.gz", "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("channel", "kind", "time", "author", "thread", "staff"), *rows])
    with (made / "channels.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("channel", "family", "observation_end", "clumped"), *channels])
    return made


@pytest.fixture(scope="module")
def rows(folder: Path) -> Cuts:
    return cuts(load(folder))


def test_clumped_channels_are_left_out(folder: Path) -> None:
    assert [history.name for history in load(folder)] == [f"source{n % 3}:c{n}" for n in range(6)]


def test_moments_are_monthly_and_each_channel_weighs_the_same(rows: Cuts) -> None:
    for history, mine in rows.per_channel():
        first = int(history.life.times[0])
        assert (rows.moment[mine] - first).tolist() == [DAY * (180 + 30 * n) for n in range(np.count_nonzero(mine))]
        assert rows.weight[mine].sum() == pytest.approx(1)


def test_an_outcome_is_only_told_where_half_a_year_was_watched(rows: Cuts) -> None:
    assert rows.moment[rows.judged].max() <= OBSERVED - 180 * DAY
    ended = rows.channel == 0
    last = rows.histories[0].life.times[-1]
    assert np.array_equal(rows.silent[ended], rows.moment[ended] >= last)
    assert (rows.collapsed[ended] >= rows.silent[ended]).all()
    assert not rows.silent[rows.judged & (rows.channel >= 3)].any()


def test_the_threshold_lets_through_one_alarm_in_fifty(rows: Cuts) -> None:
    score = np.arange(rows.moment.size, dtype=np.float64)
    limit = threshold(rows, score, 0.02)
    alive = rows.judged & ~rows.silent
    share = rows.weight[alive & (score > limit)].sum() / rows.weight[alive].sum()
    assert share == pytest.approx(0.02, abs=0.01)


def test_a_delay_runs_to_the_first_of_the_flags_that_stay(rows: Cuts) -> None:
    silence = baselines.simple(rows)["days of silence"]
    found = delays(rows, silence)
    assert found.size == 3
    assert ((found > 6) & (found <= 40)).all(), "a weekly channel is never silent for more than a week"
    wavering = silence.copy()
    wavering[(rows.since_end > 100) & (rows.since_end < 135) & rows.ended] = 0
    assert (delays(rows, wavering) >= 130).all()
    assert np.isinf(delays(rows, np.zeros(rows.moment.size))).all()


def test_calibration_is_the_distance_of_what_was_told_from_what_came() -> None:
    told = np.array([0.05, 0.05, 0.35, 0.35])
    came = np.array([False, False, True, False])
    weight = np.array([1.0, 1.0, 1.0, 1.0])
    assert [line[0] for line in reliability(came, told, weight)] == [0, 3]
    assert calibration_error(came, told, weight) == pytest.approx(0.05 * 0.5 + 0.15 * 0.5)


def test_bgnbd_thinks_the_silent_gone_and_the_busy_alive(rows: Cuts) -> None:
    gone = baselines.bgnbd(rows, rows.judged)
    assert ((gone >= 0) & (gone <= 1)).all()
    late = rows.ended & (rows.since_end > 200)
    assert gone[late].mean() > gone[rows.judged & ~rows.silent].mean()


def test_a_model_is_never_judged_on_the_source_that_it_was_fitted_on(rows: Cuts) -> None:
    """What is told of one source stays the same whatever came of its channels afterwards."""
    table = Table(rows)
    told = cross_validated(table, rows.source)[0]
    mine: NDArray[np.bool_] = rows.source == "source0"
    rows.silent[mine] = ~rows.silent[mine]
    try:
        again = cross_validated(table, rows.source)[0]
    finally:
        rows.silent[mine] = ~rows.silent[mine]
    assert np.array_equal(told[mine], again[mine])
    assert not np.array_equal(told[~mine], again[~mine])


@pytest.fixture(scope="module")
def real() -> Table:
    if not (HISTORIES / "channels.csv").exists():
        pytest.skip("no real histories here")
    return Table(cuts(load(HISTORIES)))


def test_real_channels_are_foretold_better_than_by_every_simple_rule(real: Table) -> None:
    rows = real.cuts
    silence, collapse = cross_validated(real, rows.source)
    ours, as_one = marks(rows, silence, collapse, probability=True), marks(rows, silence)
    rules = {name: marks(rows, score) for name, score in baselines.simple(rows).items()}
    rules["BG/NBD"] = marks(rows, baselines.bgnbd(rows, rows.judged))
    best = {
        name: max(getattr(one, name) for one in rules.values())
        for name in ("precision", "collapse_auroc", "collapse_precision")
    }
    assert ours.auroc >= 0.90
    assert ours.precision >= best["precision"] + 0.06
    assert min(ours.collapse_auroc, as_one.collapse_auroc) > best["collapse_auroc"]
    assert min(ours.collapse_precision, as_one.collapse_precision) > best["collapse_precision"]
    assert ours.delay_days <= rules["days of silence"].delay_days * 2 / 3
    assert ours.error is not None
    assert ours.error <= 0.05


def test_what_the_program_uses_is_what_the_fit_writes(real: Table) -> None:
    found = fit(real, np.ones(real.cuts.moment.size, dtype=np.bool_))
    assert pytest.approx(found.silence, abs=2e-3) == fitted.SILENCE
    assert pytest.approx(found.collapse, abs=2e-3) == fitted.COLLAPSE
    written: dict[str, object] = {}
    exec(write(found, real, "2026-01-01"), written)
    assert set(written) - {"__builtins__", "__doc__"} == {name for name in vars(fitted) if name.isupper()}


def test_the_verdict_by_hand_in_the_docs_is_what_the_program_says(
    real: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    (channel,) = (one for one in real.cuts.histories if one.name == "ruby/www.ruby-lang.org:bg")
    explain(channel, int(datetime(2017, 1, 20, tzinfo=UTC).timestamp()))
    docs = Path(__file__).parents[2] / "docs/oxygen.md"
    assert capsys.readouterr().out.strip() in docs.read_text(encoding="utf-8")


def test_the_coefficients_in_the_docs_are_the_fitted_ones() -> None:
    docs = (Path(__file__).parents[2] / "docs/oxygen.md").read_text(encoding="utf-8")
    for name, value in zip(FIGURES, fitted.SILENCE[1:], strict=True):
        line = next(line for line in docs.splitlines() if line.startswith(f"| `{name}` |"))
        assert f"| {value:.3f} |" in line
