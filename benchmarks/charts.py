"""The chart of a channel's weeks, drawn by Oximeter and by the chart libraries that are installed beside it.

Each draws 104 weeks, posts upwards and replies downwards, at the size of the report's chart (SVG) or of the mail's
picture (PNG), and is set so as to be at its best: no scripts, text as text, everything imported and warmed up before
the clock starts. A library that is not installed is told as such. plotly draws no picture itself: kaleido has a
Chromium do it, which must be on the machine and is in no figure of this table.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution
from io import BytesIO
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from warnings import filterwarnings

from jinja2 import Environment
from packaging.requirements import Requirement

from monitor.model import DAY, Week
from monitor.report.charts import draw
from monitor.report.pictures import weeks_png
from monitor.report.words import Words

SECONDS = 2.0
"""How long each is drawn again and again."""
WIDTH, HEIGHT = 700, 190
SMALL = (560, 96)
BLUE, ORANGE = "#2f7fd0", "#cc6214"
PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"

Draw = Callable[[Sequence[Week]], bytes]

TEMPLATE = """\
<svg viewBox="0 0 {{ c.width }} {{ c.height }}" role="img" aria-labelledby="t-{{ id }} d-{{ id }}">
<title id="t-{{ id }}">Posts and replies a week in {{ id }}</title>
<desc id="d-{{ id }}">Two years of weeks: posts upwards, replies downwards.</desc>
{% for tick in c.ticks %}<line class="grid{{ " major" if tick.major }}" x1="{{ tick.x }}" x2="{{ tick.x }}" \
y1="{{ c.top }}" y2="{{ c.bottom }}"/>{% endfor %}
<path class="posts" d="{{ c.posts }}"/><path class="replies" d="{{ c.replies }}"/>
<line class="base" x1="{{ c.left }}" x2="{{ c.right }}" y1="{{ c.base }}" y2="{{ c.base }}"/>
<text x="{{ c.left - 4 }}" y="{{ c.top + 4 }}" text-anchor="end">{{ c.posts_top }}</text>
<text x="{{ c.left - 4 }}" y="{{ c.bottom }}" text-anchor="end">{{ c.replies_top }}</text>
<text x="{{ c.left }}" y="{{ c.top - 7 }}">▲ posts a week</text>
<text x="{{ c.right }}" y="{{ c.top - 7 }}" text-anchor="end">▼ replies a week</text>
{% for tick in c.ticks %}<text class="{{ "major" if tick.major else "minor" }}" x="{{ tick.x }}" \
y="{{ c.bottom + 17 }}" text-anchor="middle">{{ tick.text }}</text>{% endfor %}
</svg>
"""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to draw the chart. ``prepare`` imports what it needs, and returns what draws."""

    name: str
    form: str
    """``SVG`` or ``PNG``."""
    needs: tuple[str, ...]
    """The distributions to install."""
    prepare: Callable[[], Draw]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one drawing takes."""

    seconds: float
    size: int


def our_svg() -> Draw:
    """A Jinja template filled with the bars, as in the report."""
    template = Environment(autoescape=True).from_string(TEMPLATE)
    words = Words("en")
    return lambda weeks: template.render(c=draw(weeks, words), id="blog").encode()


def our_png() -> Draw:
    """Pillow, as in the mail."""
    return lambda weeks: weeks_png(weeks, *SMALL)


def matplotlib(form: str) -> Draw:
    """A figure without pyplot, which would keep every figure in memory."""
    figures = import_module("matplotlib.figure")
    import_module("matplotlib").rcParams["svg.fonttype"] = "none"

    def drawn(weeks: Sequence[Week]) -> bytes:
        width, height = (WIDTH, HEIGHT) if form == "svg" else SMALL
        figure = figures.Figure(figsize=(width / 100, height / 100))
        axes = figure.add_subplot()
        axes.bar(range(len(weeks)), [week.posts for week in weeks], color=BLUE)
        axes.bar(range(len(weeks)), [-week.replies for week in weeks], color=ORANGE)
        axes.axhline(0, color="black")
        if form == "png":
            axes.set_axis_off()
        made = BytesIO()
        figure.savefig(made, format=form, dpi=200, transparent=True)
        return made.getvalue()

    return drawn


def pygal() -> Draw:
    """A stacked bar chart without its script."""
    library = import_module("pygal")

    def drawn(weeks: Sequence[Week]) -> bytes:
        chart = library.StackedBar(width=WIDTH, height=HEIGHT, js=(), show_legend=False)
        chart.add("posts", [week.posts for week in weeks])
        chart.add("replies", [-week.replies for week in weeks])
        made: bytes = chart.render()
        return made

    return drawn


def leather() -> Draw:
    """Columns."""
    library = import_module("leather")

    def drawn(weeks: Sequence[Week]) -> bytes:
        chart = library.Chart()
        chart.add_x_axis(ticks=[str(at) for at in range(0, len(weeks), 13)])
        chart.add_columns([(str(at), week.posts) for at, week in enumerate(weeks)], fill_color=BLUE)
        chart.add_columns([(str(at), -week.replies) for at, week in enumerate(weeks)], fill_color=ORANGE)
        made: str = chart.to_svg(width=WIDTH, height=HEIGHT)
        return made.encode()

    return drawn


def plotly(form: str) -> Draw:
    """Two bar traces; kaleido keeps one Chromium running, so that only the first picture waits for it."""
    graphs = import_module("plotly.graph_objects")
    if not import_module("choreographer.browsers.chromium").Chromium.find_browser(skip_local=False):
        raise ImportError(name="a Chromium for kaleido")
    import_module("kaleido").start_sync_server(silence_warnings=True)
    filterwarnings("ignore", message="The kopts argument")
    bare = {"margin": dict.fromkeys("lrtb", 0), "xaxis": {"visible": False}, "yaxis": {"visible": False}}
    clear = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}

    def drawn(weeks: Sequence[Week]) -> bytes:
        bars = [graphs.Bar(y=[week.posts for week in weeks]), graphs.Bar(y=[-week.replies for week in weeks])]
        layout = {"barmode": "relative", "showlegend": False, "template": "none", "margin": dict.fromkeys("lrtb", 30)}
        figure = graphs.Figure(bars, layout if form == "svg" else {**layout, **bare, **clear})
        width, height = (WIDTH, HEIGHT) if form == "svg" else SMALL
        made: bytes = figure.to_image(format=form, width=width, height=height, scale=1 if form == "svg" else 2)
        return made

    return drawn


def altair(form: str) -> Draw:
    """Vega-Lite, which vl-convert runs in a JavaScript engine of its own."""
    library, convert = import_module("altair"), import_module("vl_convert")

    def drawn(weeks: Sequence[Week]) -> bytes:
        counts = [("posts", at, week.posts) for at, week in enumerate(weeks)]
        counts += [("replies", at, -week.replies) for at, week in enumerate(weeks)]
        rows = [{"kind": kind, "week": at, "count": count} for kind, at, count in counts]
        width, height = (WIDTH, HEIGHT) if form == "svg" else SMALL
        drawing = library.Chart(library.Data(values=rows), width=width, height=height).mark_bar()
        if form == "svg":
            whole = drawing.encode(x="week:Q", y="count:Q", color="kind:N")
            return str(convert.vegalite_to_svg(whole.to_dict())).encode()
        bare = [library.X("week:Q", axis=None), library.Y("count:Q", axis=None), library.Color("kind:N", legend=None)]
        whole = drawing.encode(*bare).configure(background="transparent").configure_view(stroke=None)
        return bytes(convert.vegalite_to_png(whole.to_dict(), scale=2))

    return drawn


OURS = {"SVG": Way("ours", "SVG", ("Jinja2",), our_svg), "PNG": Way("ours", "PNG", ("Pillow",), our_png)}
PEERS = (
    Way("matplotlib", "SVG", ("matplotlib",), lambda: matplotlib("svg")),
    Way("pygal", "SVG", ("pygal",), pygal),
    Way("leather", "SVG", ("leather",), leather),
    Way("plotly", "SVG", ("plotly", "kaleido"), lambda: plotly("svg")),
    Way("altair", "SVG", ("altair", "vl-convert-python"), lambda: altair("svg")),
    Way("matplotlib", "PNG", ("matplotlib",), lambda: matplotlib("png")),
    Way("plotly", "PNG", ("plotly", "kaleido"), lambda: plotly("png")),
    Way("altair", "PNG", ("altair", "vl-convert-python"), lambda: altair("png")),
)


def main() -> None:
    """Print the table: time and bytes as ratios to ours of the same form."""
    weeks = busy_weeks()
    base = closure(own_requirements())
    print(
        f"{len(weeks)} weeks of posts and replies; ours is 1. MB: what it installs / of that, beyond Oximeter's own.\n"
    )
    print("| drawn by | as | time | bytes | MB | MB more |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    ours = {form: measure(our, weeks) for form, our in OURS.items()}
    for form, our in OURS.items():
        print(row(our, ours[form], ours[form], base))
        for peer in (one for one in PEERS if one.form == form):
            print(_peer(peer, ours[form], weeks, base), flush=True)
    print(
        f"\nOurs: {'; '.join(f'{form} {one.seconds * 1000:.1f} ms, {one.size} bytes' for form, one in ours.items())}."
    )


def _peer(peer: Way, ours: Figures, weeks: Sequence[Week], base: set[str]) -> str:
    try:
        return row(peer, measure(peer, weeks), ours, base)
    except ImportError as error:
        return f"| {peer.name} | {peer.form} | not installed ({error.name}) | | | |"


def busy_weeks() -> list[Week]:
    """Two years of a busy channel, always the same."""
    chance = Random(1)
    return [Week(at * 7 * DAY, chance.randrange(1, 12), chance.randrange(1, 40)) for at in range(104)]


def measure(way: Way, weeks: Sequence[Week]) -> Figures:
    """The fastest within ``SECONDS``, as other programs only ever slow it down; two before do not count."""
    drawn = way.prepare()
    drawn(weeks)
    size = len(drawn(weeks))
    taken: list[float] = []
    while sum(taken) < SECONDS or len(taken) < 5:
        began = perf_counter()
        drawn(weeks)
        taken.append(perf_counter() - began)
    return Figures(min(taken), size)


def row(way: Way, figures: Figures, ours: Figures, base: set[str]) -> str:
    """One line of the table."""
    needed = closure(way.needs)
    time, size = figures.seconds / ours.seconds, figures.size / ours.size
    versions = ", ".join(f"{name} {distribution(name).version}" for name in way.needs)
    name = f"{way.name} ({versions})"
    return (
        f"| {name} | {way.form} | {time:.3g} | {size:.2g} | {megabytes(needed):.1f} | {megabytes(needed - base):.1f} |"
    )


def own_requirements() -> list[str]:
    """What Oximeter would need without pictures in its mails."""
    named = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["dependencies"]
    return [one for one in named if Requirement(one).name.lower() != "pillow"]


def closure(named: Iterable[str]) -> set[str]:
    """The distributions of these requirements and of all that they require in turn."""
    found: set[str] = set()
    open_ends = [Requirement(one) for one in named]
    while open_ends:
        name = re.sub(r"[-_.]+", "-", open_ends.pop().name).lower()
        if name not in found:
            found.add(name)
            open_ends += _required_by(name)
    return found


def _required_by(name: str) -> list[Requirement]:
    try:
        required = [Requirement(one) for one in distribution(name).requires or ()]
    except PackageNotFoundError:
        return []
    return [one for one in required if one.marker is None or one.marker.evaluate({"extra": ""})]


def megabytes(names: Iterable[str]) -> float:
    """What the files of the distributions take on the disk."""
    return sum(_bytes_of(name) for name in names) / 1e6


def _bytes_of(name: str) -> int:
    try:
        files: Sequence[Any] = distribution(name).files or ()
    except PackageNotFoundError:
        return 0
    places = {os.path.realpath(file.locate()) for file in files}
    return sum(os.path.getsize(place) for place in places if os.path.isfile(place))


if __name__ == "__main__":
    main()
