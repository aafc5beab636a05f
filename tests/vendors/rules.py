"""A register of rules: each is a function from a reading to (node, what is wrong), under a target, a name and the document that it was read in."""

import math
from collections import namedtuple

from onnx_file import BITS, NAMES

Rule = namedtuple("Rule", "target name source find")
ALL = []


def rule(target, name, source):
    def register(find):
        ALL.append(Rule(target, name, source, find))
        return find
    return register


def violations(target, reading):
    """Rule, node and text of everything that breaks a rule of the target, or the standard's own."""
    for one in ALL:
        if one.target in (target, "onnx"):
            for node, what in one.find(reading):
                yield one, str(node), what


def called(kind):
    return NAMES.get(kind, f"type {kind}")


def types_of_activations(reading, types):
    for pair in reading.activations():
        grid = reading.grid(pair)
        if grid.type not in types:
            yield pair, f"'{pair.inputs[0]}' is {called(grid.type)}, not {' or '.join(called(t) for t in types)}"


def one_scale(reading):
    for pair in reading.activations():
        if reading.grid(pair).axis is not None:
            yield pair, f"'{pair.inputs[0]}' has a scale a channel"


def zero_points(reading, pairs):
    for pair in pairs:
        zeros = reading.grid(pair).zeros
        if zeros is None:
            yield pair, "its zero point is computed"
        elif any(zeros):
            yield pair, f"zero point {next(z for z in zeros if z)}"


def powers_of_two(reading, pairs):
    for pair in pairs:
        for scale in reading.grid(pair).scales or []:
            if scale <= 0 or math.frexp(scale)[0] != 0.5:
                yield pair, f"scale {scale} is no power of two"
                break


def widths(reading, legal):
    for node, read, weights, _ in reading.layers():
        pair = (BITS.get(reading.grid(weights).type), BITS.get(reading.grid(read).type))
        if pair not in legal:
            yield node, f"weights of {pair[0]} bits beside activations of {pair[1]}"


def integer_biases(reading, product):
    for node, read, weights, bias in reading.layers():
        name = reading.bias_of(node)
        if not name:
            continue
        if not bias or reading.grid(bias).type != 6 or any(reading.grid(bias).zeros or []):
            yield node, f"bias '{name}' is not int32 of zero point 0 behind a DequantizeLinear"
            continue
        scales, first, second = reading.grid(bias).scales, reading.grid(read).scales, reading.grid(weights).scales
        if product and scales and first and second:
            for channel in range(max(len(scales), len(second))):
                wanted, found = first[0] * second[min(channel, len(second) - 1)], scales[min(channel, len(scales) - 1)]
                if abs(found - wanted) > 1e-5 * wanted:
                    yield node, f"the scale of bias '{name}' is not the product (channel {channel})"
                    break


def fixed_shapes(reading, batch):
    for value in reading.model.inputs:
        for place, extent in enumerate(value.shape or []):
            if extent <= 0 and (batch or place > 0):
                yield value.name, f"extent {place} is free"


def outside(reading, operators, allowed=lambda reading, node: False):
    for node in reading.work:
        if node.operator not in operators and not allowed(reading, node):
            yield node, f"{node.operator} is not in the list"


def rank(reading, tensor):
    """The extents that the file says a tensor has, seen through pairs; None where it says nothing."""
    while tensor not in reading.model.values and tensor in reading.makers and reading.makers[tensor].kind in ("QuantizeLinear", "DequantizeLinear", "Relu", "Clip"):
        tensor = reading.makers[tensor].inputs[0]
    value = reading.model.values.get(tensor)
    return len(value.shape) if value and value.shape is not None else None
