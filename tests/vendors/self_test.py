#!/usr/bin/env python3
"""A hand-made file that keeps a target's rules passes; one that breaks a rule is found by that rule. Every rule has its violation."""

import sys

import check
from onnx_file import FLOAT, INT4, INT8, INT16, INT64, UINT8, UINT16, Model
from onnx_writer import Network, node, tensor, value
from pairs import Reading
from rules import ALL, violations

GOOD = {
    "onnxruntime": {},
    "openvino": {},
    "qnn": {},
    "st-neural-art": {"activation": INT8, "zero": -7},
    "tensorrt": {"activation": INT8, "zero": 0, "bias": FLOAT},
    "vitis-ai": {"activation": INT8, "zero": 0, "scale": 0.125, "weight_scale": 0.03125, "channels": False},
}


def behind(kind, inputs=(), outputs=("e",), **attributes):
    """What stands behind the layer, over constants of its own: (name, type, dims, values)."""
    def add(network, made):
        network.tensors += [tensor(*i) for i in inputs]
        network.nodes.append(node(kind, [made, *(i[0] for i in inputs)], list(outputs), **attributes))
        return outputs[0]
    return {"extra": add}


def with_pair(kind, **attributes):
    def add(network, made):
        made = network.pair(made, "m", network.scale, network.zero)
        network.nodes.append(node(kind, [made], ["e"], **attributes))
        return "e"
    return {"extra": add, "behind": ()}


def computed_input(kind, place):
    """An input that the table wants constant is an input of the graph."""
    def add(network, made):
        network.inputs.append(value("axes", [1], INT64))
        network.nodes.append(node(kind, [made] + [""] * (place - 1) + ["axes"], ["e"]))
        return "e"
    return {"extra": add}


def product(network, made):
    left, right = network.pair(made, "l", 0.1, 0, kind=UINT16), network.pair(made, "m", 0.1, 0, kind=UINT16)
    network.nodes.append(node("MatMul", [left, right], ["e"]))
    return "e"


def real_product(network, made):
    network.nodes.append(node("MatMul", [network.pair(made, "l", network.scale, network.zero), network.pair(made, "m", network.scale, network.zero)], ["e"]))
    return "e"


def sum_behind_pair(network, made):
    network.nodes.append(node("Add", [network.pair(made, "l", network.scale, network.zero), "x.d"], ["e"]))
    return "e"


def real_constant(network, made):
    network.tensors.append(tensor("k", FLOAT, [], [2.0]))
    network.nodes.append(node("Mul", [network.pair(made, "l", network.scale, network.zero), "k"], ["e"]))
    return "e"


def second_output(network, made):
    network.nodes.append(node("Split", [network.pair(made, "l", network.scale, network.zero)], ["e", "nobody"]))
    return "e"


def indices(network, made):
    network.nodes.append(node("MaxPool", [made], ["e", "i"], kernel_shape=[1, 1]))
    network.outputs.append(value("i", [1, 2, 2, 2], INT64))
    return "e"


def channel_activation(network, made):
    network.tensors += [tensor("a.s", FLOAT, [2], [network.scale] * 2), tensor("a.z", network.activation, [2], [network.zero] * 2)]
    network.nodes.append(node("QuantizeLinear", [made, "a.s", "a.z"], ["a.q"], axis=1))
    network.nodes.append(node("DequantizeLinear", ["a.q", "a.s", "a.z"], ["a.d"], axis=1))
    network.nodes.append(node("Relu", ["a.d"], ["e"]))
    return "e"


def mismatch(network, made):
    network.tensors += [tensor("a.s", FLOAT, [], [0.1]), tensor("a.z", UINT8, [], [1]), tensor("a.n", INT8, [], [0])]
    network.nodes += [node("QuantizeLinear", [made, "a.s", "a.z"], ["a.q"]), node("DequantizeLinear", ["a.q", "a.s", "a.n"], ["a.d"]), node("Relu", ["a.d"], ["e"])]
    return "e"


CHANNELS = {"extra": channel_activation}
VIOLATIONS = {
    ("onnx", "pair-type"): [{"activation": UINT16, "opset": 13}],
    ("onnx", "pair-scale"): [{"scale": -0.1}, {"axis": 3}],
    ("onnx", "pair-match"): [{"extra": mismatch}],
    ("qnn", "operators"): [{"behind": ("Det",)}, {"behind": ("org.example:Spike",)}, {"behind": ("Loop",)}, {"behind": ("DynamicQuantizeLinear",)}],
    ("qnn", "shapes"): [{"batch": -1}],
    ("qnn", "activation-types"): [{"activation": INT8, "zero": 0}],
    ("qnn", "activation-scale"): [CHANNELS],
    ("qnn", "weights-per-channel"): [{"weight_zero": 3}, {"axis": 1}],
    ("qnn", "biases"): [{"bias": FLOAT}],
    ("qnn", "widths"): [{"weight": INT16}, {"weight": INT4}],
    ("qnn", "matmul-types"): [{"extra": product}],
    ("qnn", "pairs"): [{"out": False}, {"behind": ("Sigmoid",)}],
    ("qnn", "constants-in-pairs"): [{"extra": real_constant}, {"weight_real": True}],
    ("qnn", "sigmoid-16"): [{"activation": UINT16, "zero": 0, **with_pair("Sigmoid")}],
    ("qnn", "tanh-16"): [{"activation": UINT16, "zero": 0, **with_pair("Tanh")}],
    ("qnn", "restrictions"): [with_pair("LpNormalization", p=1), behind("Gather", [("g", INT64, [1], [-1])])],
    ("tensorrt", "operators"): [{"behind": ("Det",)}, {"behind": ("org.example:Spike",)}],
    ("tensorrt", "quantized-types"): [{"activation": UINT8}, {"activation": INT16}, {"bias": 6}],
    ("tensorrt", "zero-point"): [{"zero": 3}, {"weight_zero": 3}],
    ("tensorrt", "activation-scale"): [CHANNELS],
    ("tensorrt", "int4-weights-only"): [{"weight": INT4}, {"activation": INT4}],
    ("tensorrt", "opset"): [{"opset": 23}],
    ("tensorrt", "activation-fusion"): [{"between": True}],
    ("tensorrt", "sum-fusion"): [{"behind": (), "extra": sum_behind_pair}],
    ("tensorrt", "restrictions"): [
        behind("MaxPool", dilations=[2, 2], kernel_shape=[1, 1]), {"extra": indices}, behind("TopK", [("k", INT64, [1], [1])], ("e", "i"), sorted=0),
        behind("TopK", [("k", INT64, [1], [4000])], ("e", "i")), behind("LSTM", layout=1),
        behind("Resize", mode="cubic"), behind("Resize", antialias=1), behind("ScatterND", reduction="add"), computed_input("ReduceSum", 1), computed_input("Slice", 3)],
    ("vitis-ai", "operators"): [{"behind": ("HardSwish",)}],
    ("vitis-ai", "activation-types"): [{"activation": UINT8}],
    ("vitis-ai", "weight-types"): [{"weight": INT4}],
    ("vitis-ai", "one-scale"): [{"channels": True}],
    ("vitis-ai", "zero-point"): [{"zero": 3}],
    ("vitis-ai", "power-of-two"): [{"scale": 0.1}, {"weight_scale": 0.02}],
    ("vitis-ai", "pairs"): [{"out": False}],
    ("vitis-ai", "shapes"): [{"extra": lambda network, made: network.inputs.append(value("z", [1, -1]))}],
    ("vitis-ai", "attributes"): [{"attributes": False}],
    ("st-neural-art", "operators"): [{"behind": ("Softmax",)}],
    ("st-neural-art", "activation-types"): [{"activation": UINT8, "zero": 3}],
    ("st-neural-art", "activation-scale"): [CHANNELS],
    ("st-neural-art", "weights"): [{"weight": UINT8}, {"weight_zero": 3}, {"axis": 1}],
    ("st-neural-art", "biases"): [{"bias_scale": 0.5}, {"bias": FLOAT}],
    ("st-neural-art", "widths"): [{"weight": INT16}],
    ("st-neural-art", "shapes"): [{"extra": lambda network, made: network.inputs.append(value("z", [1, -1]))}],
    ("st-neural-art", "pairs"): [{"out": False}],
    ("st-neural-art", "hybrid"): [{"extra": real_product}, {"weight_real": True}],
    ("st-neural-art", "unconnected"): [{"extra": second_output}],
    ("openvino", "activation-types"): [{"activation": UINT16}],
    ("openvino", "weight-types"): [{"weight": INT16}],
    ("openvino", "domains"): [{"behind": ("org.example:Spike",)}],
    ("onnxruntime", "domains"): [{"behind": ("org.example:Spike",)}],
    ("onnxruntime", "activation-types"): [{"activation": INT4, "zero": 0}],
    ("onnxruntime", "biases"): [{"bias": INT8}],
}


def main():
    failures, tried = [], 0
    for target, keywords in GOOD.items():
        for one, name, what in violations(target, Reading(Model(Network(**keywords).bytes()))):
            failures.append(f"{target}: a good file breaks {one.name} at {name}: {what}")
    for (target, name), cases in VIOLATIONS.items():
        for case in cases:
            tried += 1
            on = "qnn" if target == "onnx" else target
            broken = {one.name for one, _, _ in violations(on, Reading(Model(Network(**{**GOOD[on], **case}).bytes())))}
            if name not in broken:
                failures.append(f"{target}: {case} is not found by {name}, but by {sorted(broken)}")
    for one in ALL:
        if (one.target, one.name) not in VIOLATIONS:
            failures.append(f"{one.target}: {one.name} has no violation")
        if not one.source.startswith("https://"):
            failures.append(f"{one.target}: {one.name} has no source")
    print(*failures, sep="\n")
    print(f"{len(ALL)} rules of {len(check.TARGETS)} targets, {tried} violations, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
