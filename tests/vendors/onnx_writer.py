"""Writes small ONNX files by hand, for the violations of self_test.py."""

import struct

from onnx_file import FLOAT, INT4, INT8, INT16, INT32, INT64, UINT8, UINT16


def varint(value):
    value &= (1 << 64) - 1
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def attribute(name, value):
    if isinstance(value, list):
        return field(1, name) + b"".join(field(8, v) for v in value) + field(20, 7)
    number, kind = {int: (3, 2), float: (2, 1), str: (4, 3)}[type(value)]
    return field(1, name) + field(number, value) + field(20, kind)


def node(kind, inputs, outputs, domain="", **attributes):
    data = b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs) + field(3, f"{kind}_{outputs[0]}") + field(4, kind)
    return data + b"".join(field(5, attribute(n, v)) for n, v in attributes.items()) + (field(7, domain) if domain else b"")


def tensor(name, kind, dims, values):
    code = {FLOAT: "f", UINT8: "B", INT8: "b", UINT16: "H", INT16: "h", INT32: "i", INT64: "q"}.get(kind)
    if kind == INT4:
        raw = bytes((values[i] & 15) | ((values[i + 1] & 15) << 4 if i + 1 < len(values) else 0) for i in range(0, len(values), 2))
    else:
        raw = struct.pack(f"<{len(values)}{code}", *values)
    return b"".join(field(1, d) for d in dims) + field(2, kind) + field(8, name) + field(9, raw)


def value(name, dims, kind=FLOAT):
    shape = b"".join(field(1, field(1, d) if d > 0 else field(2, "n")) for d in dims)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


class Network:
    """x, pair, Conv, what stands behind it, pair, y. Keywords change one thing each."""

    def __init__(self, activation=UINT8, zero=128, scale=0.1, weight=INT8, weight_zero=0, weight_scale=0.02, channels=True, axis=0, bias=INT32, bias_scale=None, out=True,
                 attributes=True, opset=21, batch=1, behind=("Relu",), extra=None, between=False, out_scale=None, out_zero=None, weight_real=False):
        self.nodes, self.tensors, self.opset = [], [], opset
        self.inputs, self.outputs = [value("x", [batch, 2, 4, 4])], [value("y", [batch, 2, 2, 2])]
        self.activation, self.scale, self.zero = activation, scale, zero
        count = 2 if channels else 1
        read = self.pair("x", "x", scale, zero)
        if weight_real:
            self.tensors.append(tensor("w", FLOAT, [2, 2, 3, 3], [0.5] * 36))
        else:
            self.tensors.append(tensor("w.q", weight, [2, 2, 3, 3], [1] * 36))
            self.tensors.append(tensor("w.s", FLOAT, [count] if channels else [], [weight_scale] * count))
            self.tensors.append(tensor("w.z", weight, [count] if channels else [], [weight_zero] * count))
            self.nodes.append(node("DequantizeLinear", ["w.q", "w.s", "w.z"], ["w"], **({"axis": axis} if channels else {})))
        if bias == FLOAT:
            self.tensors.append(tensor("b", FLOAT, [2], [0.5, -0.5]))
        else:
            self.tensors.append(tensor("b.q", bias, [2], [3, -4]))
            self.tensors.append(tensor("b.s", FLOAT, [count] if channels else [], [bias_scale or scale * weight_scale] * count))
            self.nodes.append(node("DequantizeLinear", ["b.q", "b.s"], ["b"], **({"axis": 0} if channels else {})))
        written = {"kernel_shape": [3, 3], "strides": [1, 1], "pads": [0, 0, 0, 0], "dilations": [1, 1], "group": 1} if attributes else {}
        self.nodes.append(node("Conv", [read, "w", "b"], ["c"], **written))
        made = self.pair("c", "c", scale, zero) if between else "c"
        for place, operator in enumerate(behind):
            kind, domain = operator.split(":")[::-1] if ":" in operator else (operator, "")
            self.nodes.append(node(kind, [made], [f"r{place}"], domain))
            made = f"r{place}"
        if extra:
            made = extra(self, made) or made
        if out:
            self.pair(made, "y", out_scale or scale, zero if out_zero is None else out_zero, "y")
        else:
            self.nodes.append(node("Relu", [made], ["y"]))

    def pair(self, source, stem, scale, zero, result=None, kind=None):
        kind, result = kind or self.activation, result or f"{stem}.d"
        self.tensors += [tensor(f"{stem}.s", FLOAT, [], [scale]), tensor(f"{stem}.z", kind, [], [zero])]
        self.nodes.append(node("QuantizeLinear", [source, f"{stem}.s", f"{stem}.z"], [f"{stem}.q"]))
        self.nodes.append(node("DequantizeLinear", [f"{stem}.q", f"{stem}.s", f"{stem}.z"], [result]))
        return result

    def bytes(self):
        graph = b"".join(field(1, n) for n in self.nodes) + field(2, "hand-made") + b"".join(field(5, t) for t in self.tensors)
        graph += b"".join(field(11, i) for i in self.inputs) + b"".join(field(12, o) for o in self.outputs)
        return field(1, 10) + field(7, graph) + field(8, field(1, "") + field(2, self.opset)) + field(8, field(1, "org.example") + field(2, 1))
