"""Draws who takes how long, and how much memory."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.contestants import PEERS, RAW, THIS_SOURCE
from benchmarks.report import limit, peak, seconds
from benchmarks.results import Results

OURS, LIMIT, OTHERS = "#d1495b", "#9aa5b1", "#3d6b99"


def draw(results: Results, integrations: int, path: Path) -> None:
    """Draws seconds and peak memory, of the raw scripts only the fastest.

    Args:
        results: What was measured.
        integrations: The size to draw.
        path: The file, an SVG.
    """
    best = limit(results, integrations)
    shown = [
        contestant
        for contestant in PEERS
        if (contestant not in RAW or contestant == best)
        and results.of("load", contestant.name, integrations)
    ]
    runs = {c.name: results.of("load", c.name, integrations) for c in shown}
    shown.sort(key=lambda contestant: -seconds(runs[contestant.name]))
    titles = [c.title.replace("*", "").replace("`", "") for c in shown]
    colours = [OURS if c == THIS_SOURCE else LIMIT if c == best else OTHERS for c in shown]
    # the same bytes for the same results
    with mpl.rc_context({"svg.hashsalt": "benchmarks", "font.size": 9}):
        figure = Figure(figsize=(9, 2.8), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        for axes, title, values, digits in (
            (left, "seconds", [seconds(runs[c.name]) for c in shown], 1),
            (right, "peak memory, MB", [peak(runs[c.name]) for c in shown], 0),
        ):
            bars = axes.barh(titles, values, color=colours)
            axes.bar_label(bars, [f" {value:,.{digits}f}" for value in values])
            axes.set_title(f"{title} (logarithmic)", fontsize=9)
            axes.set_xscale("log")
            axes.margins(x=0.15)
            axes.xaxis.set_visible(False)  # each bar has its number
            axes.spines[["top", "right", "bottom"]].set_visible(False)
        figure.savefig(path, metadata={"Date": None})
