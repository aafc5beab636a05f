"""NVIDIA TensorRT, from onnx-tensorrt's docs/operators.md at 96e7811 (TensorRT 10.0) and NVIDIA's pages "Working with Quantized Types" and "Explicit Quantization"."""

from onnx_file import INT4, INT8
from pairs import is_pair
from rules import called, one_scale, outside, rank, rule, zero_points

OPERATORS = "https://github.com/onnx/onnx-tensorrt/blob/96e781103cfc4adf4a6bb557e94bac8e693f6f4c/docs/operators.md"
TYPES = "https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/work-quantized-types.html"
EXPLICIT = "https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/quantized-types-explicit-quantization.html"
TOOLKIT = "https://docs.nvidia.com/deeplearning/tensorrt/tensorflow-quantization-toolkit/docs/docs/add_custom_qdq_cases.html"

# Rows of the table that say Y.
SUPPORTED = set("""Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization Cast CastLike Ceil Celu Clip Concat Constant ConstantOfShape Conv
ConvTranspose Cos Cosh CumSum DeformConv DepthToSpace DequantizeLinear Div Dropout Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor Gather GatherElements GatherND Gelu Gemm
GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization GRU HardSigmoid HardSwish Hardmax Identity If ImageScaler InstanceNormalization
IsInf IsNaN LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax Loop LRN LSTM LpNormalization LpPool MatMul Max MaxPool Mean MeanVarianceNormalization Min Mish Mod Mul Neg
NonMaxSuppression NonZero Not OneHot Or Pad ParametricSoftplus Pow PRelu QuantizeLinear RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1
ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize ReverseSequence RNN RoiAlign Round ScaledTanh Scan
Scatter ScatterElements ScatterND Selu Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tan Tanh ThresholdedRelu Tile
TopK Transpose Trilu Unsqueeze Upsample Where Xor""".split())

CONSTANT_INPUTS = {"CumSum": 1, "Slice": 3, "Squeeze": 1, "Unsqueeze": 1, "Pad": 3, "OneHot": 1, "Dropout": 2, "ReduceL1": 1, "ReduceL2": 1, "ReduceLogSum": 1, "ReduceLogSumExp": 1,
                   "ReduceMax": 1, "ReduceMean": 1, "ReduceMin": 1, "ReduceProd": 1, "ReduceSum": 1, "ReduceSumSquare": 1}
RESIZE = {"coordinate_transformation_mode": {"half_pixel", "pytorch_half_pixel", "tf_half_pixel_for_nn", "asymmetric", "align_corners"}, "mode": {"nearest", "linear"},
          "nearest_mode": {"floor", "ceil", "round_prefer_floor", "round_prefer_ceil"}, "keep_aspect_ratio_policy": {"stretch"}, "antialias": {0}}


@rule("tensorrt", "operators", OPERATORS)
def operators(reading):
    return outside(reading, SUPPORTED)


@rule("tensorrt", "quantized-types", OPERATORS)
def quantized_types(reading):
    for pair in filter(is_pair, reading.model.nodes):
        kind = reading.grid(pair).type
        if kind not in (INT8, INT4, 17):
            yield pair, f"{called(kind)} is not INT8, INT4 or FP8"


@rule("tensorrt", "zero-point", OPERATORS)
def zero_point(reading):
    return zero_points(reading, filter(is_pair, reading.model.nodes))


@rule("tensorrt", "activation-scale", TYPES)
def activation_scale(reading):
    return one_scale(reading)


@rule("tensorrt", "int4-weights-only", TYPES)
def int4(reading):
    for pair in reading.activations():
        if reading.grid(pair).type == INT4:
            yield pair, "INT4 is for weights alone"
    for node, read, weights, _ in reading.layers():
        if reading.grid(weights).type == INT4 and reading.grid(read).type is not None:
            yield node, "INT4 weights beside a quantized activation"


@rule("tensorrt", "opset", OPERATORS)
def opset(reading):
    version = reading.model.opsets.get("", 0)
    # DequantizeLinear of INT4, which the table has, came with operator set 21.
    if not 9 <= version <= 21:
        yield "model", f"operator set {version}"


@rule("tensorrt", "activation-fusion", EXPLICIT)
def activation_fusion(reading):
    for node in reading.work:
        if node.operator in ("Relu", "Clip", "LeakyRelu", "Sigmoid", "Tanh", "HardSwish", "HardSigmoid"):
            yield from parted(reading, node, node.inputs[0], ("Conv", "ConvTranspose", "Gemm", "MatMul"))


@rule("tensorrt", "sum-fusion", TOOLKIT)
def sum_fusion(reading):
    for node in reading.work:
        if node.operator == "Add" and not any(reading.maker(i, "Conv") for i in node.inputs):
            for tensor in node.inputs:
                yield from parted(reading, node, tensor, ("Conv",))


def parted(reading, node, tensor, layers):
    dequantize = reading.read_through(tensor)
    quantize = reading.maker(dequantize.inputs[0], "QuantizeLinear") if dequantize else None
    layer = reading.maker(quantize.inputs[0]) if quantize else None
    if layer and layer.operator in layers and len(reading.readers.get(quantize.outputs[0], [])) == 1:
        yield node, f"a pair stands between it and {layer.operator} '{layer}'"


@rule("tensorrt", "restrictions", OPERATORS)
def restrictions(reading):
    for node in reading.work:
        kind = node.operator
        if kind in ("AveragePool", "MaxPool") and rank(reading, node.inputs[0]) not in (None, 4, 5):
            yield node, "2D or 3D pooling only"
        if kind in ("AveragePool", "MaxPool", "LpPool") and any(d != 1 for d in node.attributes.get("dilations") or []):
            yield node, "dilations must be ones"
        if kind == "MaxPool" and any(o in reading.readers or o in reading.results for o in node.outputs[1:]):
            yield node, "Indices is not supported"
        if kind == "LayerNormalization" and any(o in reading.readers or o in reading.results for o in node.outputs[1:]):
            yield node, "only the first output is supported"
        if kind == "TopK" and node.attributes.get("sorted", 1) != 1:
            yield node, "sorted must be 1"
        if kind == "TopK" and any(k >= 3840 for k in reading.numbers(node.inputs[1]) or []):
            yield node, "K must be less than 3840"
        if kind == "LSTM" and (node.attributes.get("layout", 0) or node.attributes.get("input_forget", 0)):
            yield node, "layout and input_forget must be 0"
        if kind == "ScatterND" and node.attributes.get("reduction", "none") != "none":
            yield node, "reduction is not supported"
        if kind == "GridSample" and rank(reading, node.inputs[0]) not in (None, 4):
            yield node, "input must be 4D"
        if kind == "Resize":
            for name, taken in RESIZE.items():
                if node.attributes.get(name, next(iter(taken))) not in taken:
                    yield node, f"{name} is {node.attributes[name]}"
        place = CONSTANT_INPUTS.get(kind)
        if place is not None and place < len(node.inputs) and node.inputs[place] and node.inputs[place] not in reading.constants:
            yield node, f"input {place} must be an initializer"
