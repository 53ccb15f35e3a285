"""Axes: those given are used, new ones show themselves, and nothing of the user's is changed or kept."""

from __future__ import annotations

import gc
import io
import subprocess
import sys
import weakref
from itertools import pairwise
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from egovindex import plots
from egovindex.errors import MethodError
from egovindex.plots import save

UNIT = "$\\alpha_1$ $broken_{$"


@pytest.fixture
def pictures(panel, panel_draws, panel_sobol, panel_moved, panel_sure, panel_levers):
    """Every picture, of the index with the nasty names."""
    last = {"period": 2024, "highlight": UNIT}
    return {
        "ranking": lambda **o: panel.plot.ranking(period=2024, highlight=UNIT, **o),
        "contributions": lambda **o: panel.plot.contributions(period=2024, by="indicator", **o),
        "profile": lambda **o: panel.plot.profile(UNIT, period=2024, group="kind", **o),
        "waterfall": lambda **o: panel.plot.waterfall(UNIT, period=2024, by="indicator", **o),
        "framework": lambda **o: plots.framework(panel, **o),
        "rank_flow": lambda **o: panel.plot.rank_flow(highlight=UNIT, **o),
        "comparison_waterfall": lambda **o: panel.plot.comparison_waterfall(panel, UNIT, period=(2022, 2024), **o),
        "rank_intervals": lambda **o: panel_draws.plot.rank_intervals(**last, **o),
        "rank_probabilities": lambda **o: panel_draws.plot.rank_probabilities(**last, **o),
        "convergence": panel_draws.plot.convergence,
        "sobol_bars": panel_sobol.plot.bars,
        "sobol_convergence": panel_sobol.plot.convergence,
        "tornado": panel_moved.plot.tornado,
        "rank_ranges": lambda **o: panel_sure.plot.rank_ranges(highlight=UNIT, **o),
        "weight_sensitivity": lambda **o: panel_sure.stability.plot.weight_sensitivity(
            "top", "law", highlight=UNIT, **o
        ),
        "radius_chart": lambda **o: panel_sure.radius.plot.radius_chart(highlight=UNIT, **o),
        "lever_ladder": lambda **o: plots.lever_ladder(panel_levers, **o),
    }


NAMES = [name for name in plots.__all__ if name != "save"]


def test_every_picture_is_looked_at(pictures):
    assert sorted(pictures) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_axes_given_are_drawn_on(pictures, name):
    figure = Figure()
    left, right = figure.subplots(1, 2)
    size = tuple(figure.get_size_inches())
    assert pictures[name](ax=right) is right
    assert right.has_data()
    assert not left.has_data()
    assert tuple(figure.get_size_inches()) == size
    figure.draw_without_rendering()


@pytest.mark.parametrize("name", NAMES)
def test_no_setting_is_changed(pictures, name):
    before = dict(mpl.rcParams)
    pictures[name]()
    assert dict(mpl.rcParams) == before


@pytest.fixture
def of_egdi(egdi, egdi_services, egdi_draws, egdi_sobol, egdi_moved, egdi_sure, readiness_levers):
    """Every picture, of a packaged index."""
    return {
        "ranking": lambda: egdi.plot.ranking(top=30, names="country"),
        "contributions": lambda: egdi.plot.contributions(top=30, by="indicator", names="country"),
        "profile": lambda: egdi.plot.profile("KHM", by="indicator"),
        "waterfall": lambda: egdi.plot.waterfall("KHM", by="indicator"),
        "framework": egdi.plot.framework,
        "rank_flow": lambda: egdi.plot.rank_flow(egdi_services, top=30, names="country"),
        "comparison_waterfall": lambda: egdi.plot.comparison_waterfall(egdi_services, "KHM"),
        "rank_intervals": lambda: egdi_draws.plot.rank_intervals(top=30, highlight="KHM", names="country"),
        "rank_probabilities": lambda: egdi_draws.plot.rank_probabilities(top=30, highlight="KHM", names="country"),
        "convergence": egdi_draws.plot.convergence,
        "sobol_bars": egdi_sobol.plot.bars,
        "sobol_convergence": egdi_sobol.plot.convergence,
        "tornado": egdi_moved.plot.tornado,
        "rank_ranges": lambda: egdi_sure.plot.rank_ranges(top=30, highlight="KHM", names="country"),
        "weight_sensitivity": lambda: egdi_sure.stability.plot.weight_sensitivity("EGDI", "HCI", names="country"),
        "radius_chart": lambda: egdi_sure.radius.plot.radius_chart(top=30, highlight="KHM", names="country"),
        "lever_ladder": lambda: plots.lever_ladder(readiness_levers),
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("which", ["panel", "egdi"])
def test_nothing_is_cut_off(pictures, of_egdi, name, which):
    """Every label, legend and caption lies inside the figure, and the caption below everything else."""
    ax = (of_egdi if which == "egdi" else pictures)[name]()
    ax.figure.draw_without_rendering()
    box, page = ax.get_tightbbox(), ax.figure.bbox
    assert box.x0 >= page.x0 - 1
    assert box.x1 <= page.x1 + 1
    assert box.y0 >= page.y0 - 1
    assert box.y1 <= page.y1 + 1
    caption = next(text for text in ax.texts if text.get_gid() == "caption").get_window_extent()
    assert caption.y1 <= ax.xaxis.label.get_window_extent().y0


@pytest.mark.parametrize("name", NAMES)
def test_a_style_with_formulas_and_tex_does_not_matter(pictures, name):
    with mpl.rc_context({"text.usetex": True, "text.parse_math": True, "axes.formatter.use_mathtext": True}):
        ax = pictures[name]()
        data, _ = ax._repr_png_()
    assert data.startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
@pytest.mark.parametrize("name", NAMES)
def test_nasty_names_are_harmless_in_files(pictures, name, kind, tmp_path):
    path = save(pictures[name](), tmp_path / f"picture.{kind}", dpi=50)
    content = path.read_bytes()
    assert content.startswith({"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[kind])
    if kind == "svg":
        root = ET.fromstring(content)
        assert not [part for part in root.iter() if part.tag.endswith("script")]


def test_names_are_drawn_as_they_are_written(panel):
    """With formulas allowed, the same name is an error."""
    ax = panel.plot.ranking(period=2024)
    label = next(label for label in ax.get_yticklabels() if "alpha" in label.get_text())
    assert label.get_text().endswith("$\\alpha_1$ $broken_{$")
    assert not label.get_parse_math()
    ax.figure.draw_without_rendering()
    label.set_parse_math(True)
    with pytest.raises(ValueError, match="broken"):
        ax.figure.draw_without_rendering()


def test_long_names_are_cut_in_the_middle(panel):
    name = next(n for n in (t.get_text() for t in panel.plot.ranking(period=2022).get_yticklabels()) if "Répu" in n)
    assert "…" in name
    assert name.endswith("Nord")
    assert len(name) <= 40


def test_little_room_thins_the_labels_but_not_the_dots(egdi):
    figure = Figure(figsize=(6, 4))
    ax = egdi.plot.ranking(highlight="KHM", ax=figure.add_subplot())
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert len(names) == 193
    assert 20 < sum(map(bool, names)) < 80
    assert "120  KHM" in names
    assert sum(len(c.get_offsets()) for c in ax.collections) == 193


def test_193_names_do_not_overlap(egdi):
    ax = egdi.plot.ranking()
    ax.figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert all(below.y1 <= above.y0 + 1 for above, below in pairwise(boxes))


# --- notebooks and loops


def test_a_notebook_shows_the_axes(egdi):
    ax = egdi.plot.waterfall("KHM")
    assert isinstance(ax, Axes)
    data, shown = ax._repr_png_()
    image = mpl.image.imread(io.BytesIO(data))
    assert image.shape[1] > shown["width"] > 500
    IPython = pytest.importorskip("IPython")
    formatter = IPython.core.interactiveshell.InteractiveShell.instance().display_formatter
    found, _ = formatter.format(ax)
    assert found["image/png"]


def test_a_loop_keeps_no_figure(egdi):
    alive = []
    for unit in ("KHM", "DNK", "EST"):
        ax = egdi.plot.waterfall(unit)
        alive.append(weakref.ref(ax.figure))
    del ax
    gc.collect()
    assert not any(figure() for figure in alive)


def test_pyplot_is_left_alone():
    code = (
        "import sys, egovindex as ei; r = ei.compute('undp-hdi-2022', ei.sample('undp-hdi-2022'));"
        "r.plot.ranking(top=3)._repr_png_(); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_pyplot_axes_are_welcome(egdi):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    assert egdi.plot.framework(ax=ax) is ax
    plt.close("all")


# --- files


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_the_same_picture_is_the_same_bytes(egdi, kind, tmp_path, monkeypatch):
    first = save(egdi.plot.ranking(top=5), tmp_path / f"a.{kind}").read_bytes()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert save(egdi.plot.ranking(top=5), tmp_path / f"b.{kind}").read_bytes() == first
    assert save(egdi.plot.ranking(top=6), tmp_path / f"c.{kind}").read_bytes() != first
    assert b"Date" not in first


def test_a_file_is_whole_or_as_it_was(egdi, tmp_path, monkeypatch):
    path = tmp_path / "picture.png"
    path.write_bytes(b"before")
    ax = egdi.plot.waterfall("KHM")

    def fails(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(Figure, "savefig", fails)
    with pytest.raises(OSError, match="disk full"):
        save(ax, path)
    assert [file.name for file in tmp_path.iterdir()] == ["picture.png"]
    assert path.read_bytes() == b"before"
    monkeypatch.undo()
    save(ax, path)
    assert path.read_bytes() != b"before"


def test_another_ending_is_refused(egdi, tmp_path):
    with pytest.raises(MethodError, match=r"\.png, \.svg, \.pdf"):
        save(egdi.plot.waterfall("KHM"), tmp_path / "picture.docx")
