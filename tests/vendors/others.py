"""AMD Vitis AI in Quark's XINT8, ST Neural-ART, Intel OpenVINO, ONNX Runtime's processor kernels: each rule with the page that it was read in."""

from onnx_file import INT4, INT8, INT32, UINT4, UINT8, UINT16, INT16
from pairs import is_pair
from rules import called, fixed_shapes, integer_biases, one_scale, outside, powers_of_two, rule, types_of_activations, widths, zero_points

QUARK = "https://github.com/amd/Quark/blob/1d27b5582e4ecbb466fa1658e0bc91d01a5fbdd1/docs/source/onnx/"
XINT8 = "https://quark.docs.amd.com/latest/supported_accelerators/ryzenai/tutorial_xint8_quantize.html"
ST = "https://stedgeai-dc.st.com/assets/embedded-docs/stneuralart_operator_support.html"
ST_FORMAT = "https://stedgeai-dc.st.com/assets/embedded-docs/quantization.html"
OPENVINO = "https://github.com/microsoft/onnxruntime/pull/20622"
ORT = "https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html"

QUARK_OPERATORS = set("""Add ArgMax AveragePool Clip Concat Conv ConvTranspose DepthToSpace Div Erf Flatten Gather Gemm GlobalAveragePool HardSigmoid InstanceNormalization
LayerNormalization LeakyRelu LpNormalization MatMul Max MaxPool Min Mul Pad PRelu ReduceMean Relu Reshape Resize Sigmoid Slice Softmax SpaceToDepth Split Squeeze Sub Tanh Transpose
Unsqueeze Where""".split())
ST_OPERATORS = set("""Add AveragePool Clip Concat Conv Flatten Gemm GlobalAveragePool GlobalMaxPool HardSwish Identity LeakyRelu MatMul Max MaxPool Min Mul PRelu Pad Relu Reshape
Sigmoid Squeeze Sub Tanh Transpose Unsqueeze""".split())


@rule("vitis-ai", "operators", QUARK + "user_guide_supported_optype_datatype.rst")
def quark_operators(reading):
    return outside(reading, QUARK_OPERATORS)


@rule("vitis-ai", "activation-types", XINT8)
def quark_activations(reading):
    return types_of_activations(reading, (INT8,))


@rule("vitis-ai", "weight-types", XINT8)
def quark_weights(reading):
    for node, _, weights, _ in reading.layers():
        if reading.grid(weights).type != INT8:
            yield node, f"weights are {called(reading.grid(weights).type)}, not int8"


@rule("vitis-ai", "one-scale", XINT8)
def quark_one_scale(reading):
    for pair in filter(is_pair, reading.model.nodes):
        if reading.grid(pair).axis is not None:
            yield pair, "a scale a channel"


@rule("vitis-ai", "zero-point", XINT8)
def quark_zero(reading):
    return zero_points(reading, filter(is_pair, reading.model.nodes))


@rule("vitis-ai", "power-of-two", XINT8)
def quark_scales(reading):
    return powers_of_two(reading, filter(is_pair, reading.model.nodes))


@rule("vitis-ai", "pairs", QUARK + "user_guide_config_description.rst")
def quark_pairs(reading):
    for node, tensor, what in reading.without_pair(("Relu", "Clip")):
        yield node, f"'{tensor}' {what}"


@rule("vitis-ai", "shapes", QUARK + "user_guide_config_description.rst")
def quark_shapes(reading):
    return fixed_shapes(reading, batch=False)


@rule("vitis-ai", "attributes", "https://github.com/onnxsim/onnxsim/issues/1404")
def quark_attributes(reading):
    for node in reading.work:
        if node.operator == "Conv":
            for name in ("kernel_shape", "strides", "pads", "dilations", "group"):
                if name not in node.attributes:
                    yield node, f"{name} is not written out"


@rule("st-neural-art", "operators", ST)
def st_operators(reading):
    return outside(reading, ST_OPERATORS)


@rule("st-neural-art", "activation-types", ST)
def st_activations(reading):
    return types_of_activations(reading, (INT8,))


@rule("st-neural-art", "activation-scale", ST)
def st_one_scale(reading):
    return one_scale(reading)


@rule("st-neural-art", "weights", ST)
def st_weights(reading):
    for node, _, stored, _ in reading.layers():
        grid = reading.grid(stored)
        if grid.type not in (INT8, INT4):
            yield node, f"weights are {called(grid.type)}, which is not signed"
        elif any(grid.zeros or []):
            yield node, "weights are not symmetric"
        elif grid.axis not in (None, 0) and node.operator == "Conv":
            yield node, f"channels lie along axis 0, not {grid.axis}"


@rule("st-neural-art", "biases", ST_FORMAT)
def st_biases(reading):
    return integer_biases(reading, product=True)


@rule("st-neural-art", "widths", "https://stedgeai-dc.st.com/assets/embedded-docs/release_note.html")
def st_widths(reading):
    return widths(reading, {(8, 8), (4, 8)})


@rule("st-neural-art", "shapes", ST)
def st_shapes(reading):
    return fixed_shapes(reading, batch=False)


@rule("st-neural-art", "pairs", ST)
def st_pairs(reading):
    for node, tensor, what in reading.without_pair(("Relu", "Clip")):
        yield node, f"'{tensor}' {what}"


@rule("st-neural-art", "hybrid", ST)
def st_hybrid(reading):
    for node in reading.work:
        if node.operator in ("Conv", "Gemm", "MatMul") and reading.read_through(node.inputs[0]) and not reading.stored(node.inputs[1]):
            yield node, f"'{node.inputs[1]}' is not a quantized constant"


@rule("st-neural-art", "unconnected", ST)
def st_unconnected(reading):
    for node in reading.work:
        for output in node.outputs:
            if output and output not in reading.readers and output not in reading.results:
                yield node, f"nothing reads '{output}'"


@rule("openvino", "activation-types", OPENVINO)
def openvino_activations(reading):
    return types_of_activations(reading, (UINT8, INT8))


@rule("openvino", "weight-types", OPENVINO)
def openvino_weights(reading):
    for node, _, weights, _ in reading.layers():
        if reading.grid(weights).type not in (INT8, UINT8, INT4, UINT4):
            yield node, f"weights are {called(reading.grid(weights).type)}"


@rule("openvino", "domains", "https://docs.openvino.ai/2025/documentation/compatibility-and-support/supported-operations.html")
def openvino_domains(reading):
    for node in reading.work:
        if node.domain not in ("", "com.microsoft"):
            yield node, f"{node.operator} is a custom operator"


@rule("onnxruntime", "domains", ORT)
def runtime_domains(reading):
    for node in reading.work:
        if node.domain not in ("", "com.microsoft", "ai.onnx.ml"):
            yield node, f"{node.operator} is a custom operator"


@rule("onnxruntime", "activation-types", ORT)
def runtime_activations(reading):
    return types_of_activations(reading, (UINT8, INT8, UINT16, INT16))


@rule("onnxruntime", "biases", ORT)
def runtime_biases(reading):
    for node, _, _, bias in reading.layers():
        if bias and reading.grid(bias).type != INT32:
            yield node, f"the bias is {called(reading.grid(bias).type)}, not int32"
