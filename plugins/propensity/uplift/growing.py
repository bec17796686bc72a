"""One uplift tree, grown by the Kullback-Leibler criterion of Rzepakowski & Jaroszewicz (2012,
doi:10.1007/s10115-011-0434-0), as causalml 0.18 grows it, on columns that are cut into bins.

A split is worth what it adds to the divergence of the treated rate from the control rate, over a factor that
punishes splits which separate the arms (section 5.3 there). Rates that a split is judged by are drawn towards
those of the parent by ``prior`` rows. Splits are found over counts per bin and class, so that a node costs
one pass over its rows and features instead of a sort.
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
_ALPHA = 0.9
"""Weight in the normalising factor, as causalml has it."""
_LEAF = -1


class Rules(NamedTuple):
    """What a split has to keep to.

    Attributes:
        depth: of the deepest leaf; the root is at 0.
        leaf: fewest rows of a leaf.
        arm: fewest rows of either arm in a leaf.
        prior: rows of the parent's rate that a node's rate is drawn towards.
        features: columns that a split chooses from, drawn anew at each node.
    """

    depth: int
    leaf: int
    arm: int
    prior: float
    features: int


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
    # With one treatment the parts for all treatments and for each add up to one.
    apart = (_ALPHA + (1.0 - _ALPHA)) * mixed * _divergence(of_treated, of_control)
    return apart + share_t * _surprise(of_treated) + share_c * _surprise(of_control) + 0.5


@njit(cache=True, nogil=True)
def _drawn(positive: float, rows: float, raw: float, target: float, arm: float, prior: float) -> Any:
    """A rate drawn towards a target; the target itself where an arm has hardly a row."""
    if raw <= arm:
        return target
    return (positive + target * prior) / (rows + prior)


@njit(cache=True, nogil=True)
def grow(
    binned: Bytes, bins: Ints, classes: Bytes, weights: Floats, sample: Ints, rules: Rules, seed: int
) -> Grown:
    """Grows a tree.

    Args:
        binned: ``(width, n)`` bin of each row in each column.
        bins: ``(width,)`` how many bins a column has; at most 256.
        classes: ``(n,)`` class of each row.
        weights: ``(4,)`` weight of a row of each class.
        sample: ``(s,)`` rows to grow on, some perhaps more than once; reordered here.
        rules: what a split has to keep to.
        seed: of the columns that the nodes choose from.
    """
    width = binned.shape[0]
    most = 2 * (len(sample) // max(1, rules.leaf)) + 3
    feature, cut = np.full(most, _LEAF), np.zeros(most, np.int64)
    left, right = np.arange(most), np.arange(most)
    rates, drawn, gain = np.zeros((most, 2)), np.zeros((most, 2)), np.zeros(most)
    stack = [(0, np.int64(0), np.int64(len(sample)), 0, -1)]
    state = np.array([seed], np.uint64)
    order = np.arange(width)
    counts = np.zeros((256, CLASSES), np.int64)
    side = np.empty(len(sample), np.int64)
    used = 1
    while len(stack) > 0:
        node, start, end, depth, parent = stack.pop()
        total = np.zeros(CLASSES, np.int64)
        for place in range(start, end):
            total[classes[sample[place]]] += 1
        n_c, y_c = total[0] * weights[0] + total[1] * weights[1], total[1] * weights[1]
        n_t, y_t = total[2] * weights[2] + total[3] * weights[3], total[3] * weights[3]
        rates[node, 0] = y_c / n_c if n_c > 0.0 else 0.0
        rates[node, 1] = y_t / n_t if n_t > 0.0 else 0.0
        raw_c, raw_t = total[0] + total[1], total[2] + total[3]
        if parent < 0:
            drawn[node] = rates[node]
        else:
            drawn[node, 0] = _drawn(y_c, n_c, raw_c, drawn[parent, 0], rules.arm, rules.prior)
            drawn[node, 1] = _drawn(y_t, n_t, raw_t, drawn[parent, 1], rules.arm, rules.prior)
        rows = end - start
        if depth >= rules.depth or rows < 2 * rules.leaf or raw_c < 2 * rules.arm or raw_t < 2 * rules.arm:
            continue
        before = _divergence(drawn[node, 1], drawn[node, 0])
        best, best_feature, best_cut = 1e-12, -1, -1
        looked, remaining = 0, width
        while looked < rules.features and remaining > 0:
            chosen = below(state, remaining)
            remaining -= 1
            column = order[chosen]
            order[chosen], order[remaining] = order[remaining], column
            held = bins[column]
            counts[:held] = 0
            for place in range(start, end):
                row = sample[place]
                counts[binned[column, row], classes[row]] += 1
            l0 = l1 = l2 = l3 = 0
            varies = False
            for b in range(held - 1):
                here = counts[b]
                if here[0] + here[1] + here[2] + here[3] == 0:
                    continue
                l0 += here[0]
                l1 += here[1]
                l2 += here[2]
                l3 += here[3]
                in_left = l0 + l1 + l2 + l3
                varies = varies or in_left < rows
                if in_left < rules.leaf:
                    continue
                if rows - in_left < rules.leaf:
                    break
                left_c, left_t = l0 + l1, l2 + l3
                if min(left_c, left_t, raw_c - left_c, raw_t - left_t) < rules.arm:
                    continue
                ln_c, ly_c = l0 * weights[0] + l1 * weights[1], l1 * weights[1]
                ln_t, ly_t = l2 * weights[2] + l3 * weights[3], l3 * weights[3]
                at_left = _divergence(
                    _drawn(ly_t, ln_t, left_t, drawn[node, 1], rules.arm, rules.prior),
                    _drawn(ly_c, ln_c, left_c, drawn[node, 0], rules.arm, rules.prior),
                )
                at_right = _divergence(
                    _drawn(y_t - ly_t, n_t - ln_t, raw_t - left_t, drawn[node, 1], rules.arm, rules.prior),
                    _drawn(y_c - ly_c, n_c - ln_c, raw_c - left_c, drawn[node, 0], rules.arm, rules.prior),
                )
                p = (ln_c + ln_t) / (n_c + n_t)
                worth = p * at_left + (1.0 - p) * at_right - before
                worth /= _normaliser(n_t, n_c, n_t - ln_t, n_c - ln_c)
                if worth > best:
                    best, best_feature, best_cut = worth, column, b
            # A column that is constant in this node is no choice, as scikit-learn counts.
            looked += varies
        if best_feature < 0:
            continue
        in_left, in_right = 0, 0
        for place in range(start, end):
            row = sample[place]
            if binned[best_feature, row] <= best_cut:
                sample[start + in_left] = row
                in_left += 1
            else:
                side[in_right] = row
                in_right += 1
        sample[start + in_left : end] = side[:in_right]
        feature[node], cut[node], gain[node] = best_feature, best_cut, best * rows / len(sample)
        left[node], right[node] = used, used + 1
        middle = start + in_left
        stack.append((used + 1, middle, end, depth + 1, node))
        stack.append((used, start, middle, depth + 1, node))
        used += 2
    return Grown(
        feature[:used], cut[:used], left[:used], right[:used], rates[:used], drawn[:used], gain[:used]
    )
