"""What the standard says of QuantizeLinear and DequantizeLinear (https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html, versions 10, 13, 19, 21 to 25): holds for every target."""

from onnx_file import INT4, INT8, INT16, INT32, INT2, UINT2, UINT4, UINT8, UINT16
from pairs import is_pair
from rules import called, rule

SINCE = {UINT8: 10, INT8: 10, INT32: 10, 17: 19, 18: 19, 19: 19, 20: 19, INT16: 21, UINT16: 21, INT4: 21, UINT4: 21, INT2: 25, UINT2: 25}
URL = "https://onnx.ai/onnx/operators/"


@rule("onnx", "pair-type", URL + "onnx__QuantizeLinear.html")
def types(reading):
    version = reading.model.opsets.get("", 0)
    for pair in filter(is_pair, reading.model.nodes):
        kind = reading.grid(pair).type
        if pair.domain == "com.microsoft" and kind in (UINT8, INT8, UINT16, INT16, INT32, UINT4, INT4):
            continue
        if kind not in SINCE or version < SINCE[kind]:
            yield pair, f"{called(kind)} does not go into a pair of operator set {version}"
        elif pair.kind == "QuantizeLinear" and kind == INT32:
            yield pair, "QuantizeLinear makes no int32"


@rule("onnx", "pair-scale", URL + "onnx__DequantizeLinear.html")
def scales(reading):
    for pair in filter(is_pair, reading.model.nodes):
        grid = reading.grid(pair)
        if grid.scales and any(not scale > 0 for scale in grid.scales):
            yield pair, "a scale is not above 0"
        if grid.scales and grid.zeros and len(pair.inputs) > 2 and len(grid.scales) != len(grid.zeros):
            yield pair, f"{len(grid.scales)} scales and {len(grid.zeros)} zero points"
        stored = reading.model.tensors.get(pair.inputs[0])
        if stored and grid.scales and grid.axis is not None and not grid.block:
            axis = grid.axis + len(stored.dims) if grid.axis < 0 else grid.axis
            if axis >= len(stored.dims) or stored.dims[axis] != len(grid.scales):
                yield pair, f"{len(grid.scales)} scales along axis {grid.axis} of {stored.dims}"


@rule("onnx", "pair-match", URL + "onnx__DequantizeLinear.html")
def match(reading):
    for pair in reading.model.nodes:
        if not is_pair(pair) or pair.kind != "DequantizeLinear" or len(pair.inputs) < 3 or not pair.inputs[2]:
            continue
        read, zero = reading.types.get(pair.inputs[0]), reading.types.get(pair.inputs[2])
        if read != zero:
            yield pair, f"reads {called(read)} with a zero point of {called(zero)}"
