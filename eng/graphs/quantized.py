"""Networks that are quantized in part already, in the ways that other tools write: what is left in float is quantized, and what is not is left as it is."""
import numpy as np
from onnx import TensorProto as T, helper
from graph_files import N, constant, rng, save, tensor, value

io = [value("x", ["n", 16])], [value("y", ["n", 8])]


def integers(name, *shape, kind=np.int8):
    return constant(name, rng.integers(-100, 100, shape), kind)


def step(name, scale, zero=0, kind=np.uint8):
    return [constant(name + "_s", scale), constant(name + "_z", zero, kind)]


def pair(source, name):
    """QuantizeLinear and DequantizeLinear behind a tensor."""
    return [N("QuantizeLinear", [source, name + "_s", name + "_z"], [name + "_q"]), N("DequantizeLinear", [name + "_q", name + "_s", name + "_z"], [name])]


def make():
    rest = [N("Relu", ["a"], ["r"]), N("MatMul", ["r", "v"], ["y"])]
    v = tensor("v", 24, 8)
    save("quantized_weights_only", [N("DequantizeLinear", ["w", "w_s", "w_z"], ["wf"], axis=1), N("MatMul", ["x", "wf"], ["a"]), *rest], *io,
         [integers("w", 16, 24), constant("w_s", np.full(24, 0.003)), constant("w_z", np.zeros(24), np.int8), v])
    save("quantized_activations_only", [*pair("x", "xd"), N("MatMul", ["xd", "w"], ["a"]), *rest], *io, [*step("xd", 0.03, 128), tensor("w", 16, 24), v])
    save("quantized_head", [N("MatMul", ["x", "w"], ["a"]), N("Relu", ["a"], ["r"]), *pair("r", "rd"), N("DequantizeLinear", ["v", "v_s", "v_z"], ["vf"]), N("MatMul", ["rd", "vf"], ["y"])], *io,
         [tensor("w", 16, 24), *step("rd", 0.01), integers("v", 24, 8), *step("v", 0.002, 0, np.int8)])
    save("quantized_everywhere_by_pairs", [*pair("x", "xd"), N("DequantizeLinear", ["w", "w_s", "w_z"], ["wf"]), N("MatMul", ["xd", "wf"], ["a"]), *pair("a", "ad"), N("Identity", ["ad"], ["y"])],
         io[0], [value("y", ["n", 24])], [*step("xd", 0.03, 128), integers("w", 16, 24), *step("w", 0.003, 0, np.int8), *step("ad", 0.02, 128)], hints={"refused": "HAQ0312"})
    save("quantized_dynamically", [N("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]), N("MatMulInteger", ["q", "w", "z"], ["i"]), N("Cast", ["i"], ["f"], to=1), N("Mul", ["f", "s"], ["a"]), *rest], *io, [integers("w", 16, 24), v])
    microsoft = [helper.make_opsetid("com.microsoft", 1)]
    save("quantized_microsoft_domain", [N("QuantizeLinear", ["x", "x_s", "x_z"], ["q"], domain="com.microsoft"), N("DequantizeLinear", ["q", "x_s", "x_z"], ["xd"], domain="com.microsoft"), N("MatMul", ["xd", "w"], ["a"]), *rest], *io,
         [*step("x", 0.03, 128), tensor("w", 16, 24), v], extra=microsoft)
    save("quantized_dynamic_matmul", [N("DynamicQuantizeMatMul", ["x", "w", "w_s"], ["a"], domain="com.microsoft"), *rest], *io, [integers("w", 16, 24), constant("w_s", 0.003), v], extra=microsoft)
    save("quantized_average_pool", [N("Conv", ["x", "w"], ["a"]), *step_nodes("a"), N("QLinearGlobalAveragePool", ["aq", "a_s", "a_z", "a_s", "a_z"], ["p"], domain="com.microsoft"), N("DequantizeLinear", ["p", "a_s", "a_z"], ["pf"]), N("Flatten", ["pf"], ["f"]), N("Gemm", ["f", "v"], ["y"])],
         [value("x", ["n", 3, 8, 8])], [value("y", ["n", 8])], [tensor("w", 24, 3, 3, 3, scale=0.2), *step("a", 0.02, 128), v], extra=microsoft)
    save("quantized_four_bits", [N("MatMulNBits", ["x", "w", "w_s"], ["a"], domain="com.microsoft", K=16, N=24, bits=4, block_size=16), *rest], *io,
         [constant("w", rng.integers(0, 256, (24, 1, 8)), np.uint8), constant("w_s", np.full(24, 0.05)), v], extra=microsoft)
    save("quantized_sixteen_bits", [N("QuantizeLinear", ["x", "x_s", "x_z"], ["q"]), N("DequantizeLinear", ["q", "x_s", "x_z"], ["xd"]), N("MatMul", ["xd", "w"], ["a"]), *rest], *io, [*step("x", 0.0001, 32768, np.uint16), tensor("w", 16, 24), v], 21)
    save("quantized_bias", [N("DequantizeLinear", ["b", "b_s", "b_z"], ["bf"]), N("Gemm", ["x", "w", "bf"], ["a"]), *rest], *io, [constant("b", rng.integers(-999, 999, 24), np.int32), *step("b", 0.001, 0, np.int32), tensor("w", 16, 24), v])
    save("quantized_added_bias", [N("DequantizeLinear", ["b", "b_s", "b_z"], ["bf"]), N("MatMul", ["x", "w"], ["p"]), N("Add", ["p", "bf"], ["a"]), *rest], *io, [constant("b", rng.integers(-999, 999, 24), np.int32), *step("b", 0.001, 0, np.int32), tensor("w", 16, 24), v])
    save("quantized_clip_trick", [N("Div", ["x", "s"], ["d"]), N("Round", ["d"], ["q"]), N("Clip", ["q", "low", "high"], ["c"]), N("Mul", ["c", "s"], ["xd"]), N("MatMul", ["xd", "w"], ["a"]), *rest], *io,
         [constant("s", 0.03), constant("low", -128), constant("high", 127), tensor("w", 16, 24), v])
    save("quantized_table", [N("DequantizeLinear", ["t", "t_s", "t_z"], ["tf"]), N("Gather", ["tf", "tokens"], ["e"]), N("MatMul", ["e", "w"], ["y"])], [value("tokens", ["n", 5], T.INT64)], [value("y", ["n", 5, 24])],
         [integers("t", 100, 16), *step("t", 0.01, 0, np.int8), tensor("w", 16, 24)], hints={"ranges": {"tokens": [0, 100]}})


def step_nodes(name):
    return [N("QuantizeLinear", [name, name + "_s", name + "_z"], [name + "q"])]
