"""Every picture says what it shows, shows the library's numbers, and leaks nothing."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import matplotlib.colors
import matplotlib.image
import numpy as np
import pytest

from backproplab import network, pictures
from backproplab.graph import Node, backward, dot, square
from backproplab.lectures import ubc
from backproplab.shown import short

X = np.array([[1.0, 2.0]])
PARAMS = {
    "W1": np.array([[2.0, -1.0, 1.0], [-1.0, 1.0, -1.0]]),
    "b1": np.zeros(3),
    "W2": np.array([[2.0], [1.0], [1.0]]),
    "b2": np.zeros(1),
}


def small_graph() -> Node:
    w, phi, y = Node([3, 1], "w"), Node([1, 2], "phi"), Node(2, "y")
    loss = square((dot(w, phi) - y).named("residual")).named("loss")
    backward(loss)
    return loss


def small_network() -> pictures.Picture:
    cache = network.forward(PARAMS, X, hidden="sigmoid")
    signals = network.error_signals(PARAMS, cache, [[-1.0]], hidden="sigmoid")
    return pictures.network(
        network.sizes(PARAMS),
        values=[cache["A0"], cache["A1"], cache["A2"]],
        signals=[None, signals["dZ1"], signals["dZ2"]],
        weights=[PARAMS["W1"], PARAMS["W2"]],
        path=[1, 0, 0],
    )


PICTURES = {
    "network": small_network,
    "bare network": lambda: pictures.network([4, 5, 3, 2]),
    "graph": lambda: pictures.graph(small_graph()),
    "curves": lambda: pictures.curves(
        {"tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2)}
    ),
    "heat map": lambda: pictures.heat_map([[1.5, -2.0], [0.0, 3.0]], "dW"),
    "outer product": lambda: pictures.outer_product([1.5, -2.0], [3.0, 0.25]),
}


@pytest.fixture(params=PICTURES)
def picture(request):
    return PICTURES[request.param]()


def texts(picture):
    """All texts of the figure, with a plain minus."""
    found = []
    for axes in picture.figure.axes:
        found += [t.get_text().replace("\N{MINUS SIGN}", "-") for t in axes.texts]
        found += [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
    return [text for text in found if text]


def drawn(number, sign=False):
    return short(number, sign).replace("\N{MINUS SIGN}", "-")


def test_alt_text_is_in_the_html(picture):
    bundle = picture._repr_mimebundle_()
    alt = re.search(r'<figure.*<img alt="([^"]+)"', bundle["text/html"]).group(1)
    assert len(alt) > 20
    assert alt == picture.alt  # none of these needs escaping
    assert picture.alt in bundle["text/plain"]


def test_own_alt_text_is_kept_and_escaped():
    picture = pictures.heat_map([[1.0]], alt='one "big" number < 2')
    assert (
        'alt="one &quot;big&quot; number &lt; 2"'
        in (picture._repr_mimebundle_()["text/html"])
    )


@pytest.mark.parametrize("alt", ["", "  \n "])
def test_no_picture_without_alt_text(alt):
    with pytest.raises(ValueError, match="alt text"):
        pictures.Picture(small_network().figure, alt)


def test_not_empty(picture):
    image = matplotlib.image.imread(io.BytesIO(picture.png()))[..., :3]
    dark = (image.mean(axis=2) < 0.9).mean()
    assert 0.005 < dark < 0.9
    rows, columns = np.nonzero(image.mean(axis=2) < 0.9)
    assert np.ptp(rows) > 0.6 * image.shape[0]
    assert np.ptp(columns) > 0.6 * image.shape[1]


def test_no_text_is_small(picture):
    for axes in picture.figure.axes:
        labels = axes.get_xticklabels() + axes.get_yticklabels() if axes.axison else []
        sizes = [t.get_fontsize() for t in axes.texts + labels]
        assert min(sizes, default=9) >= 9


def test_same_picture_same_bytes(picture):
    assert picture.png() == picture.png()


def test_network_shows_the_librarys_numbers():
    shown = texts(small_network())
    cache = network.forward(PARAMS, X, hidden="sigmoid")
    signals = network.error_signals(PARAMS, cache, [[-1.0]], hidden="sigmoid")
    for value in [*cache["A1"].ravel(), *cache["A2"].ravel()]:
        assert drawn(value) in shown
    for signal in [*signals["dZ1"].ravel(), *signals["dZ2"].ravel()]:
        assert drawn(signal, sign=True) in shown


def test_value_stands_left_and_signal_right_of_its_unit():
    picture = pictures.network([1, 1], [[5], [7]], [[3], [-4]])
    place = {t.get_text(): t.get_position() for t in picture.figure.axes[0].texts}
    unit = place[r"$\hat{y}$"]
    assert place["7"][0] < unit[0] < place["\N{MINUS SIGN}4"][0]
    assert place["7"][1] == unit[1] == place["\N{MINUS SIGN}4"][1]


def test_graph_shows_f_above_and_g_below():
    picture = pictures.graph(small_graph())
    place = {t.get_text(): t.get_position() for t in picture.figure.axes[0].texts}
    unit = place["w"]
    assert place["[3, 1]"][1] > unit[1] > place["[+6, +12]"][1]
    assert place["[3, 1]"][0] == unit[0] == place["[+6, +12]"][0]


def test_graph_goes_from_left_to_right_and_nodes_do_not_overlap():
    from backproplab.graph import topological_order
    from backproplab.pictures.graphs import _places

    a = Node(1, "a")
    n = 2 * a
    root = square(3 * n + 4 * n + a) * n
    order = topological_order(root)
    places = _places(order)
    assert len(set(places.values())) == len(order)
    for node in order:
        for source in node.inputs:
            assert places[source][0] < places[node][0]
    columns = {}
    for x, y in places.values():
        columns.setdefault(x, []).append(y)
    for heights in columns.values():
        assert np.diff(sorted(heights)).min(initial=9) > 1.9


def test_outer_product_is_the_lectures_weight_gradient():
    found = ubc.one_hidden([1.0, 2.0], -1.0, PARAMS["W2"][:, 0], PARAMS["W1"].T)
    shown = texts(pictures.outer_product(found["r"] * found["v"], [1.0, 2.0]))
    for entry in found["dW"].ravel():
        assert drawn(entry, sign=True) in shown


@pytest.mark.parametrize("signal_on_top", [False, True])
def test_outer_product_shows_which_vector_is_the_signal(signal_on_top):
    picture = pictures.outer_product([1.0, 2.0], [3.0], signal_on_top=signal_on_top)
    colours = {t.get_text(): t.get_color() for t in picture.figure.axes[0].texts}
    signal, value = ("x", "v") if signal_on_top else ("v", "x")
    assert colours[signal] == pictures.BACKWARD
    assert colours[value] == pictures.FORWARD


def test_curves_plot_the_functions_themselves():
    picture = pictures.curves({"sine": (np.sin, np.cos)}, 0, 3)
    above, below = picture.figure.axes
    for axes, function, style in ((above, np.sin, "-"), (below, np.cos, "--")):
        line = max(axes.lines, key=lambda one: len(one.get_xdata()))
        np.testing.assert_allclose(line.get_ydata(), function(line.get_xdata()))
        assert line.get_linestyle() == style


def test_columns_share_their_scale_unless_told_otherwise():
    pair = {"small": (np.sin, np.cos), "large": (lambda z: 9 * z, lambda z: 9 + 0 * z)}
    for same in (True, False):
        left, right = pictures.curves(pair, 0, 1, same_scale=same).figure.axes[:2]
        assert (left.get_ylim() == right.get_ylim()) is same


@pytest.mark.parametrize("paper", ["#FFFFFF", "#F3F3F3"])
@pytest.mark.parametrize("colour", [pictures.FORWARD, pictures.BACKWARD])
def test_numbers_can_be_read(colour, paper):
    """WCAG AA: text needs a contrast of 4.5."""
    light, dark = luminance(paper), luminance(colour)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def luminance(colour):
    rgb = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: pictures.network([2]), "sizes"),
        (lambda: pictures.network([2, 1], values=[[1], [2]]), "values needs"),
        (lambda: pictures.network([2, 1], weights=[[[1, 2]]]), "weights"),
        (lambda: pictures.network([2, 1], path=[2, 0]), "path"),
        (lambda: pictures.curves({}), "curves needs"),
        (lambda: pictures.heat_map(np.ones((2, 2, 2))), "shape"),
        (lambda: pictures.heat_map(np.ones((99, 2))), "1 to 12"),
        (lambda: pictures.outer_product([[1.0]], [1.0]), "vectors"),
    ],
)
def test_bad_input_is_answered_in_one_sentence(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


def test_pyplot_is_never_imported():
    code = (
        "import sys; from backproplab import pictures;"
        "pictures.network([1, 1]).png(); sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_five_layers_fit_a_page():
    values = [[0.0] * n for n in (2, 3, 3, 2, 1)]
    picture = pictures.network([2, 3, 3, 2, 1], values=values, signals=values)
    page = picture._repr_mimebundle_()["text/html"]
    assert int(re.search(r"max\(100%, (\d+)px", page)[1]) < 940
