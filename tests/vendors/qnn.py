"""Qualcomm QNN's HTP backend, from onnxruntime-qnn's QNN-ExecutionProvider.md at 0131740, quant_config.py of ONNX Runtime at 046d8f4, and Qualcomm's history of HTP operators."""

from onnx_file import UINT8, UINT16
from rules import fixed_shapes, integer_biases, one_scale, outside, rule, types_of_activations, widths

PROVIDER = "https://github.com/onnxruntime/onnxruntime-qnn/blob/0131740f31800af002800abb7886dfba60d5febe/docs/execution_providers/QNN-ExecutionProvider.md"
QUANTIZER = "https://github.com/microsoft/onnxruntime/blob/046d8f446e8c3a6defae361d24c01b80e101de79/onnxruntime/python/tools/quantization/execution_providers/qnn/quant_config.py"
HISTORY = "https://docs.qualcomm.com/bundle/publicresource/80-63442-10/topics/htp_opdef_version_history.md"

SUPPORTED = set("""Abs Add And ArgMax ArgMin Asin Atan AveragePool BatchNormalization Cast Ceil Clip Concat Conv ConvTranspose Cos CumSum DepthToSpace DequantizeLinear Div Einsum Elu
Equal Exp Expand Flatten Floor Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization HardSigmoid HardSwish
Identity InstanceNormalization Inverse IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax LpNormalization MatMul Max MaxPool Mean Min Mod Mul Neg NonZero Not
Or PRelu Pad Pow QuantizeLinear RandomNormalLike RandomUniformLike Reciprocal ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum Relu RMSNormalization Reshape Resize
RoiAlign Round RotaryEmbedding STFT ScatterElements ScatterND Sigmoid Sign Sin Slice Softmax Softplus SpaceToDepth Split Sqrt Squeeze Sub Sum Tan Tanh ThresholdedRelu Tile TopK
Transpose Unsqueeze Upsample Where com.microsoft:FusedMatMul com.microsoft:Gelu com.microsoft:MatMulNBits com.microsoft:QuickGelu com.microsoft:RotaryEmbedding
com.microsoft:SimplifiedLayerNormalization""".split())


def dynamic(reading, node):
    """ConvInteger and MatMulInteger are taken behind a DynamicQuantizeLinear alone, and that in front of them alone."""
    if node.operator in ("ConvInteger", "MatMulInteger"):
        return reading.maker(node.inputs[0], "DynamicQuantizeLinear") is not None
    return node.operator == "DynamicQuantizeLinear" and all(r.operator in ("ConvInteger", "MatMulInteger") for r in reading.readers.get(node.outputs[0], []))


@rule("qnn", "operators", PROVIDER)
def operators(reading):
    return outside(reading, SUPPORTED, dynamic)


@rule("qnn", "shapes", PROVIDER)
def shapes(reading):
    return fixed_shapes(reading, batch=True)


@rule("qnn", "activation-types", PROVIDER)
def activation_types(reading):
    return types_of_activations(reading, (UINT8, UINT16))


@rule("qnn", "activation-scale", QUANTIZER)
def activation_scale(reading):
    return one_scale(reading)


@rule("qnn", "weights-per-channel", QUANTIZER)
def weights(reading):
    for node, _, stored, _ in reading.layers():
        grid = reading.grid(stored)
        if grid.axis is None or grid.block:
            continue
        if any(grid.zeros or []):
            yield node, "weights of a scale a channel have zero points"
        wanted = {"Conv": 0, "ConvTranspose": 1}.get(node.operator)
        if wanted is not None and reading.maker(node.inputs[1]) is stored and grid.axis != wanted:
            yield node, f"channels lie along axis {wanted}, not {grid.axis}"


@rule("qnn", "biases", QUANTIZER)
def biases(reading):
    return integer_biases(reading, product=False)


@rule("qnn", "widths", HISTORY)
def pairs_of_widths(reading):
    return widths(reading, {(8, 8), (8, 16), (4, 16)})


@rule("qnn", "matmul-types", PROVIDER)
def products(reading):
    for node in reading.work:
        if node.operator == "MatMul":
            read = [reading.read_through(i) for i in node.inputs[:2]]
            if all(read):
                types = tuple(reading.grid(r).type for r in read)
                if types not in ((UINT8, UINT8), (UINT8, UINT16), (UINT16, UINT8)):
                    yield node, f"types {types}"


@rule("qnn", "pairs", QUANTIZER)
def everywhere(reading):
    for node, tensor, what in reading.without_pair(("Relu", "Clip")):
        yield node, f"'{tensor}' {what}"


@rule("qnn", "constants-in-pairs", QUANTIZER)
def constants(reading):
    for node in reading.work:
        if node.operator in ("Add", "Sub", "Mul", "Div", "Conv", "ConvTranspose", "Gemm", "MatMul", "Max", "Min", "Pow", "PRelu"):
            for tensor in node.inputs:
                if tensor in reading.constants and reading.is_real(tensor) and not reading.stored(tensor):
                    yield node, f"constant '{tensor}' is stored in reals"


def fixed(reading, operator, scale, zero):
    for node in reading.work:
        if node.operator == operator:
            for quantize in reading.readers.get(node.outputs[0], []):
                if quantize.kind == "QuantizeLinear" and reading.grid(quantize).type == UINT16:
                    grid = reading.grid(quantize)
                    if grid.scales != [scale] or grid.zeros != [zero]:
                        yield node, f"scale {grid.scales}, zero point {grid.zeros}"


@rule("qnn", "sigmoid-16", QUANTIZER)
def sigmoid(reading):
    return fixed(reading, "Sigmoid", 1 / 65536, 0)


@rule("qnn", "tanh-16", QUANTIZER)
def tanh(reading):
    return fixed(reading, "Tanh", 1 / 32768, 32768)


@rule("qnn", "restrictions", PROVIDER)
def restrictions(reading):
    for node in reading.work:
        if node.operator == "LpNormalization" and node.attributes.get("p", 2) != 2:
            yield node, "p must be 2"
        if node.operator == "Gather" and node.inputs[1] in reading.constants and any(i < 0 for i in reading.numbers(node.inputs[1]) or []):
            yield node, "an index is negative"
