"""One uplift tree, grown by the Kullback-Leibler criterion of Rzepakowski & Jaroszewicz (2012,
doi:10.1007/s10115-011-0434-0), as causalml 0.18 grows it, on columns that are cut into bins.

The gain of a split is the divergence of the treated from the control rate that it adds, over a factor that
penalises splits which separate the arms (section 5.3 there). The rates that judge a split are drawn towards
those of the parent by ``prior`` rows. The kernel counts rows per bin and class, so that a node costs one pass
over its rows and features instead of a sort.

Suffixes: ``_c`` control, ``_t`` treated; ``n`` weighted rows, ``y`` weighted rows with the outcome, ``raw``
rows as they are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.shared.splitmix import below

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

CLASSES = 4
"""Control without and with the outcome, treated without and with it: 2 · treatment + outcome."""
_EDGE = 1e-6
_LEAF = -1
_NO_GAIN = 1e-12
"""A split must add more divergence than this: less is rounding."""
_MOST_BINS = 256


class Rules(NamedTuple):
    """Limits of a split.

    Attributes:
        depth: of the deepest leaf; the root is at 0.
        leaf: fewest rows of a leaf.
        arm: fewest rows of either arm in a leaf.
        prior: rows of the parent's rate that a node's rate is drawn towards.
        features: columns that a split chooses from, drawn for each node.
    """

    depth: int
    leaf: int
    arm: int
    prior: float
    features: int


class Rows(NamedTuple):
    """What trees are grown on.

    Attributes:
        binned: ``(width, n)`` bin of each row in each column.
        bins: ``(width,)`` how many bins a column has; at most 256.
        classes: ``(n,)`` class of each row.
        weights: ``(4,)`` weight of a row of each class.
    """

    binned: Bytes
    bins: Ints
    classes: Bytes
    weights: Floats


class Grown(NamedTuple):
    """A tree of ``m`` nodes; the root is node 0 and children come after their parent.

    Attributes:
        feature: ``(m,)`` column to compare; −1 at a leaf.
        cut: ``(m,)`` a row goes left where its bin ≤ cut.
        left, right: ``(m,)`` children; a leaf is its own.
        rates: ``(m, 2)`` weighted share with the outcome among control and treated rows of the node.
        drawn: ``(m, 2)`` the same, drawn towards the parent's.
        gain: ``(m,)`` worth of the split, times the node's share of the rows; 0 at a leaf.
    """

    feature: Ints
    cut: Ints
    left: Ints
    right: Ints
    rates: Floats
    drawn: Floats
    gain: Floats


@njit(cache=True, nogil=True)
def _divergence(treated: float, control: float) -> Any:
    """KL of two Bernoulli rates, 0 where no control row has the outcome, as causalml has it."""
    if control == 0.0:
        return 0.0
    control = min(max(control, _EDGE), 1.0 - _EDGE)
    if treated <= 0.0:
        return -np.log(1.0 - control)
    if treated >= 1.0:
        return -np.log(control)
    return treated * np.log(treated / control) + (1.0 - treated) * np.log((1.0 - treated) / (1.0 - control))


@njit(cache=True, nogil=True)
def _surprise(share: float) -> Any:
    return -share * np.log(share) if share > 0.0 else 0.0


@njit(cache=True, nogil=True)
def _normaliser(n_t: float, n_c: float, right_t: float, right_c: float) -> Any:
    """The factor that a split's gain is divided by; at least 0.5."""
    of_treated, of_control = right_t / (n_t + 0.1), right_c / (n_c + 0.1)
    share_t, share_c = n_t / (n_t + n_c), n_c / (n_t + n_c)
    mixed = -share_t * np.log(share_c) if share_c > 0.0 else 0.0
    # causalml weighs a part for all treatments by α, one for each by 1 − α: equal if there is one treatment.
    apart = mixed * _divergence(of_treated, of_control)
    return apart + share_t * _surprise(of_treated) + share_c * _surprise(of_control) + 0.5


class _Node(NamedTuple):
    """What a node's splits are judged by: its arms, and its rates drawn towards the parent's.

    ``before`` is the divergence that the node itself has.
    """

    n_c: float
    y_c: float
    n_t: float
    y_t: float
    raw_c: int
    raw_t: int
    rate_c: float
    rate_t: float
    before: float


@njit(cache=True, nogil=True)
def _drawn(positive: float, rows: float, raw: float, target: float, arm: float, prior: float) -> Any:
    """A rate drawn towards a target; the target itself where an arm has hardly a row."""
    if raw <= arm:
        return target
    return (positive + target * prior) / (rows + prior)


@njit(cache=True, nogil=True)
def grow(rows: Rows, sample: Ints, rules: Rules, seed: int) -> Grown:
    """Grows a tree, depth first.

    Args:
        rows: what to grow on.
        sample: ``(s,)`` which of them, some perhaps more than once; reordered here so that the rows of a node
            stand together.
        rules: limits of a split.
        seed: of the columns that the nodes choose from.
    """
    # Every leaf has ``leaf`` rows or more, which bounds the nodes.
    most = 2 * (len(sample) // max(1, rules.leaf)) + 3
    feature, cut = np.full(most, _LEAF), np.zeros(most, np.int64)
    left, right = np.arange(most), np.arange(most)
    rates, drawn, gain = np.zeros((most, 2)), np.zeros((most, 2)), np.zeros(most)
    stack = [(0, np.int64(0), np.int64(len(sample)), 0, -1)]
    state = np.array([seed], np.uint64)
    order = np.arange(len(rows.binned))
    histogram = np.zeros((_MOST_BINS, CLASSES), np.int64)
    scratch = np.empty(len(sample), np.int64)
    used = 1
    while len(stack) > 0:
        index, start, end, depth, parent = stack.pop()
        members = sample[start:end]
        node = _node(rows, members, drawn[max(parent, 0)], parent < 0, rules)
        rates[index, 0] = node.y_c / node.n_c if node.n_c > 0.0 else 0.0
        rates[index, 1] = node.y_t / node.n_t if node.n_t > 0.0 else 0.0
        drawn[index, 0], drawn[index, 1] = node.rate_c, node.rate_t
        if (
            depth >= rules.depth
            or len(members) < 2 * rules.leaf
            or min(node.raw_c, node.raw_t) < 2 * rules.arm
        ):
            continue
        best, column, at = _best_split(rows, members, node, rules, state, order, histogram)
        if column < 0:
            continue
        middle = start + _partition(rows.binned[column], members, at, scratch)
        feature[index], cut[index], gain[index] = column, at, best * len(members) / len(sample)
        left[index], right[index] = used, used + 1
        # Last in, first out: the left child is grown next.
        stack.append((used + 1, middle, end, depth + 1, index))
        stack.append((used, start, middle, depth + 1, index))
        used += 2
    return Grown(
        feature=feature[:used],
        cut=cut[:used],
        left=left[:used],
        right=right[:used],
        rates=rates[:used],
        drawn=drawn[:used],
        gain=gain[:used],
    )


@njit(cache=True, nogil=True)
def _node(rows: Rows, members: Ints, parent: Floats, is_root: bool, rules: Rules) -> _Node:
    """Arms and rates of a node's rows; the root's rates are not drawn anywhere.

    Args:
        rows: of all trees.
        members: rows of the node.
        parent: ``(2,)`` the parent's drawn rates; any at the root.
        is_root: whether the node has no parent.
        rules: limits of a split.
    """
    weights = rows.weights
    total = np.zeros(CLASSES, np.int64)
    for row in members:
        total[rows.classes[row]] += 1
    n_c, y_c = total[0] * weights[0] + total[1] * weights[1], total[1] * weights[1]
    n_t, y_t = total[2] * weights[2] + total[3] * weights[3], total[3] * weights[3]
    raw_c, raw_t = total[0] + total[1], total[2] + total[3]
    if is_root:
        rate_c = y_c / n_c if n_c > 0.0 else 0.0
        rate_t = y_t / n_t if n_t > 0.0 else 0.0
    else:
        rate_c = _drawn(y_c, n_c, raw_c, parent[0], rules.arm, rules.prior)
        rate_t = _drawn(y_t, n_t, raw_t, parent[1], rules.arm, rules.prior)
    return _Node(n_c, y_c, n_t, y_t, raw_c, raw_t, rate_c, rate_t, _divergence(rate_t, rate_c))


@njit(cache=True, nogil=True)
def _best_split(
    rows: Rows, members: Ints, node: _Node, rules: Rules, state: Any, order: Ints, histogram: Ints
) -> Any:
    """Gain, column and cut of the best split among columns drawn at random; column −1 if there is none.

    Args:
        rows: of all trees.
        members: rows of the node.
        node: what they are judged by.
        rules: limits of a split.
        state: of the random numbers; moved on.
        order: ``(width,)`` the columns in any order; reordered here (Fisher-Yates).
        histogram: ``(256, 4)`` scratch.
    """
    best, best_column, best_cut = _NO_GAIN, -1, -1
    looked, remaining = 0, len(order)
    while looked < rules.features and remaining > 0:
        chosen = below(state, remaining)
        remaining -= 1
        column = order[chosen]
        order[chosen], order[remaining] = order[remaining], column
        bins = rows.bins[column]
        histogram[:bins] = 0
        for row in members:
            histogram[rows.binned[column, row], rows.classes[row]] += 1
        gain, cut, varies = _best_cut(histogram[:bins], len(members), node, rows.weights, rules, best)
        if cut >= 0:
            best, best_column, best_cut = gain, column, cut
        # A column that is constant in this node is no choice, as scikit-learn counts.
        looked += varies
    return best, best_column, best_cut


@njit(cache=True, nogil=True)
def _best_cut(histogram: Ints, size: int, node: _Node, weights: Floats, rules: Rules, best: float) -> Any:
    """Gain and bin of the best cut of a column, bin −1 if none gains more than ``best``; and whether the
    column varies among the node's rows.

    Args:
        histogram: ``(bins, 4)`` rows of each bin and class.
        size: rows of the node.
        node: what they are judged by.
        weights: ``(4,)`` of the classes.
        rules: limits of a split.
        best: gain to beat.
    """
    cut, varies = -1, False
    l0 = l1 = l2 = l3 = 0  # rows of each class up to and with the current bin
    for b in range(len(histogram) - 1):
        here = histogram[b]
        if here[0] + here[1] + here[2] + here[3] == 0:
            continue
        l0 += here[0]
        l1 += here[1]
        l2 += here[2]
        l3 += here[3]
        in_left = l0 + l1 + l2 + l3
        varies = varies or in_left < size
        if in_left < rules.leaf:
            continue
        if size - in_left < rules.leaf:
            break
        left_c, left_t = l0 + l1, l2 + l3
        if min(left_c, left_t, node.raw_c - left_c, node.raw_t - left_t) < rules.arm:
            continue
        ln_c, ly_c = l0 * weights[0] + l1 * weights[1], l1 * weights[1]
        ln_t, ly_t = l2 * weights[2] + l3 * weights[3], l3 * weights[3]
        at_left = _divergence(
            _drawn(ly_t, ln_t, left_t, node.rate_t, rules.arm, rules.prior),
            _drawn(ly_c, ln_c, left_c, node.rate_c, rules.arm, rules.prior),
        )
        at_right = _divergence(
            _drawn(
                node.y_t - ly_t, node.n_t - ln_t, node.raw_t - left_t, node.rate_t, rules.arm, rules.prior
            ),
            _drawn(
                node.y_c - ly_c, node.n_c - ln_c, node.raw_c - left_c, node.rate_c, rules.arm, rules.prior
            ),
        )
        # Divergence after the split less the node's own, over the normalising factor.
        p = (ln_c + ln_t) / (node.n_c + node.n_t)
        gain = p * at_left + (1.0 - p) * at_right - node.before
        gain /= _normaliser(node.n_t, node.n_c, node.n_t - ln_t, node.n_c - ln_c)
        if gain > best:
            best, cut = gain, b
    return best, cut, varies


@njit(cache=True, nogil=True)
def _partition(bins: Bytes, members: Ints, cut: int, scratch: Ints) -> int:
    """Puts the rows whose bin ≤ cut first, both sides in their order, and counts them.

    Args:
        bins: ``(n,)`` of the column.
        members: rows of the node; reordered here.
        cut: the bin.
        scratch: at least as long as ``members``.
    """
    in_left, in_right = 0, 0
    for row in members:
        if bins[row] <= cut:
            members[in_left] = row
            in_left += 1
        else:
            scratch[in_right] = row
            in_right += 1
    members[in_left:] = scratch[:in_right]
    return in_left
