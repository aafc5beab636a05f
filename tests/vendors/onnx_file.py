"""Reads ONNX files: the wire format of protocol buffers and the messages of onnx.proto (field numbers from onnx/onnx, onnx/onnx.proto), with the standard library alone."""

import struct

FLOAT, UINT8, INT8, UINT16, INT16, INT32, INT64, BOOL, FLOAT16, DOUBLE, BFLOAT16 = 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 16
FLOAT8 = (17, 18, 19, 20)
UINT4, INT4, FLOAT4, UINT2, INT2 = 21, 22, 23, 25, 26
REALS = (FLOAT, FLOAT16, DOUBLE, BFLOAT16)
NAMES = {FLOAT: "float", UINT8: "uint8", INT8: "int8", UINT16: "uint16", INT16: "int16", INT32: "int32", INT64: "int64", BOOL: "bool", FLOAT16: "float16",
         DOUBLE: "double", BFLOAT16: "bfloat16", 17: "float8e4m3fn", UINT4: "uint4", INT4: "int4", UINT2: "uint2", INT2: "int2"}
BITS = {UINT8: 8, INT8: 8, UINT16: 16, INT16: 16, INT32: 32, UINT4: 4, INT4: 4, UINT2: 2, INT2: 2, 17: 8, 18: 8, 19: 8, 20: 8}


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """Number and value of every field: an int for varints, bytes for the rest."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = varint(data, at)
        elif wire == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f"wire type {wire}")
        yield number, value


def signed(value):
    return value - (1 << 64) if value >= 1 << 63 else value


def text(value):
    return bytes(value).decode("utf-8")


def packed_ints(value):
    if isinstance(value, int):
        return [signed(value)]
    found, at = [], 0
    while at < len(value):
        one, at = varint(value, at)
        found.append(signed(one))
    return found


def packed_floats(value):
    return list(struct.unpack(f"<{len(value) // 4}f", value))


class Tensor:
    def __init__(self, data=b""):
        self.name, self.dims, self.type, self.raw, self.ints, self.floats, self.external = "", [], 0, None, [], [], False
        for number, value in fields(data):
            if number == 1:
                self.dims += packed_ints(value)
            elif number == 2:
                self.type = value
            elif number == 4:
                self.floats += packed_floats(value)
            elif number in (5, 7):
                self.ints += packed_ints(value)
            elif number == 8:
                self.name = text(value)
            elif number == 9:
                self.raw = bytes(value)
            elif number == 14:
                self.external = value == 1

    @property
    def count(self):
        total = 1
        for dim in self.dims:
            total *= dim
        return total

    def values(self):
        """All elements, as Python numbers; None where they lie in another file or have a type that nothing here needs."""
        if self.external:
            return None
        if self.raw is None:
            return self.floats if self.type == FLOAT else self.ints
        if self.type in (INT4, UINT4):
            nibbles = [n for byte in self.raw for n in (byte & 15, byte >> 4)][:self.count]
            return [n - 16 if self.type == INT4 and n > 7 else n for n in nibbles]
        code = {FLOAT: "f", UINT8: "B", INT8: "b", UINT16: "H", INT16: "h", INT32: "i", INT64: "q", DOUBLE: "d", BOOL: "B", FLOAT16: "e"}.get(self.type)
        return None if code is None else list(struct.unpack(f"<{len(self.raw) // struct.calcsize(code)}{code}", self.raw))


class Node:
    def __init__(self, data):
        self.name, self.kind, self.domain, self.inputs, self.outputs, self.attributes, self.bodies = "", "", "", [], [], {}, False
        for number, value in fields(data):
            if number == 1:
                self.inputs.append(text(value))
            elif number == 2:
                self.outputs.append(text(value))
            elif number == 3:
                self.name = text(value)
            elif number == 4:
                self.kind = text(value)
            elif number == 5:
                self._attribute(value)
            elif number == 7:
                self.domain = text(value)
        self.domain = "" if self.domain == "ai.onnx" else self.domain
        self.operator = self.kind if not self.domain else f"{self.domain}:{self.kind}"

    def _attribute(self, data):
        name, kind, found, ints, floats = "", 0, None, [], []
        for number, value in fields(data):
            if number == 1:
                name = text(value)
            elif number == 2:
                found = struct.unpack("<f", value)[0]
            elif number == 3:
                found = signed(value)
            elif number == 4:
                found = text(value)
            elif number == 5:
                found = Tensor(value)
            elif number == 6:
                self.bodies = True
            elif number == 7:
                floats += packed_floats(value)
            elif number == 8:
                ints += packed_ints(value)
            elif number == 20:
                kind = value
        # A value of nothing may be left out of the file.
        if found is None:
            found = {1: 0.0, 2: 0, 3: ""}.get(kind, ints or floats)
        self.attributes[name] = found

    def __str__(self):
        return self.name or (self.outputs[0] if self.outputs else self.operator)


class Value:
    """An input, an output or an inner tensor that the file describes; -1 stands for a free extent, None for a shape that is not given."""

    def __init__(self, data):
        self.name, self.type, self.shape = "", 0, None
        for number, value in fields(data):
            if number == 1:
                self.name = text(value)
            elif number == 2:
                for kind, tensor in fields(value):
                    if kind == 1:
                        self._tensor(tensor)

    def _tensor(self, data):
        for number, value in fields(data):
            if number == 1:
                self.type = value
            elif number == 2:
                self.shape = [next((signed(v) for n, v in fields(dim) if n == 1), -1) for n, dim in fields(value) if n == 1]


class Model:
    def __init__(self, data):
        self.opsets, self.nodes, self.tensors, self.inputs, self.outputs, self.values, self.functions = {}, [], {}, [], [], {}, 0
        for number, value in fields(data):
            if number == 7:
                self._graph(value)
            elif number == 8:
                found = dict(fields(value))
                self.opsets[text(found.get(1, b"")).replace("ai.onnx.ml", "ML").replace("ai.onnx", "").replace("ML", "ai.onnx.ml")] = found.get(2, 0)
            elif number == 25:
                self.functions += 1
        for value in self.inputs + self.outputs:
            self.values[value.name] = value
        self.inputs = [i for i in self.inputs if i.name not in self.tensors]

    def _graph(self, data):
        for number, value in fields(data):
            if number == 1:
                self.nodes.append(Node(value))
            elif number == 5:
                tensor = Tensor(value)
                self.tensors[tensor.name] = tensor
            elif number == 11:
                self.inputs.append(Value(value))
            elif number == 12:
                self.outputs.append(Value(value))
            elif number == 13:
                value = Value(value)
                self.values[value.name] = value


def read(path):
    with open(path, "rb") as file:
        return Model(file.read())
