"""Graphs made by hand: operator sets, functions, control flow, forms of weights and biases."""
import numpy as np
from onnx import TensorProto as T, helper, numpy_helper
from graph_files import N, rng, save, tensor, value


def make():
    for opset in (18, 19, 20, 21):
        save(f"chain_opset{opset}", [N("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]), N("Relu", ["a"], ["b"]), N("ReduceMean", ["b", "axes"], ["c"], keepdims=0), N("Gemm", ["c", "g", "h"], ["y"], transB=1)],
             [value("x", [1, 4, 12, 12])], [value("y", [1, 6])],
             [tensor("w", 8, 4, 3, 3, scale=0.2), numpy_helper.from_array(np.array([2, 3], np.int64), "axes"), tensor("g", 6, 8), tensor("h", 6)], opset)
    save("function", [N("Dense", ["x", "w", "b"], ["h"], domain="own", slope=0.1), N("Dense", ["h", "v", "c"], ["y"], domain="own", slope=0.2)], [value("x", ["n", 16])], [value("y", ["n", 4])],
         [tensor("w", 16, 24), tensor("b", 24), tensor("v", 24, 4), tensor("c", 4)], 17,
         [helper.make_function("own", "Dense", ["x", "w", "b"], ["y"],
          [N("MatMul", ["x", "w"], ["p"]), N("Add", ["p", "b"], ["s"]), (lambda n: (n.attribute.add(name="alpha", type=1, ref_attr_name="slope"), n)[1])(N("LeakyRelu", ["s"], ["y"]))],
          [helper.make_opsetid("", 17)], ["slope"])], [helper.make_opsetid("own", 1)])
    save("external_data", [N("Gemm", ["x", "w", "b"], ["h"]), N("Relu", ["h"], ["r"]), N("MatMul", ["r", "v"], ["y"])], [value("x", ["n", 32])], [value("y", ["n", 8])],
         [tensor("w", 32, 64), tensor("b", 64), tensor("v", 64, 8)], 13, external=True)
    then = helper.make_graph([N("MatMul", ["x", "v"], ["t"])], "then", [], [value("t", None)])
    other = helper.make_graph([N("Identity", ["h"], ["e"])], "else", [], [value("e", None)])
    save("control_flow", [N("MatMul", ["x", "w"], ["h"]), N("ReduceMean", ["h"], ["m"], keepdims=0), N("Greater", ["m", "zero"], ["g"]), N("If", ["g"], ["y"], then_branch=then, else_branch=other)],
         [value("x", [2, 16])], [value("y", None)], [tensor("w", 16, 16), tensor("v", 16, 16), numpy_helper.from_array(np.array(0, np.float32), "zero")])
    save("constant_in_pieces", [N("Transpose", ["w"], ["t"], perm=[1, 0]), N("Mul", ["t", "s"], ["u"]), N("MatMul", ["x", "u"], ["y"])], [value("x", ["n", 24])], [value("y", ["n", 12])],
         [tensor("w", 12, 24), tensor("s", 1)], 13)
    save("constant_of_shape_weights", [N("ConstantOfShape", ["d"], ["w"], value=numpy_helper.from_array(np.array([0.05], np.float32))), N("Conv", ["x", "w"], ["y"])], [value("x", [1, 4, 9, 9])],
         [value("y", None)], [numpy_helper.from_array(np.array([8, 4, 3, 3], np.int64), "d")], 11)
    save("half_weights", [N("MatMul", ["x", "w"], ["y"])], [value("x", [1, 8], T.FLOAT16)], [value("y", [1, 8], T.FLOAT16)],
         [numpy_helper.from_array(rng.standard_normal((8, 8)).astype(np.float16), "w")], 13)
    save("attention_only", [N("MatMul", ["x", "k"], ["y"])], [value("x", [1, 4, 8]), value("k", [1, 8, 4])], [value("y", [1, 4, 4])], [], 13, hints={"refused": "HAQ0308"})
    save("dynamic_quantized", [N("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]), N("MatMulInteger", ["q", "w", "z"], ["i"]), N("Cast", ["i"], ["f"], to=1), N("Mul", ["f", "s"], ["y"])],
         [value("x", [1, 8])], [value("y", [1, 4])], [numpy_helper.from_array(rng.integers(-100, 100, (8, 4)).astype(np.int8), "w")], 13, hints={"refused": "HAQ0312"})
    save("partly_quantized", [N("QuantizeLinear", ["x", "xs", "xz"], ["xq"]), N("DequantizeLinear", ["xq", "xs", "xz"], ["xd"]), N("DequantizeLinear", ["wq", "ws", "wz"], ["wd"]), N("MatMul", ["xd", "wd"], ["h"]),
         N("Relu", ["h"], ["r"]), N("MatMul", ["r", "v"], ["y"])], [value("x", [1, 16])], [value("y", [1, 4])],
         [numpy_helper.from_array(np.array(0.05, np.float32), "xs"), numpy_helper.from_array(np.array(128, np.uint8), "xz"), numpy_helper.from_array(rng.integers(-120, 120, (16, 16)).astype(np.int8), "wq"),
          numpy_helper.from_array(np.array(0.01, np.float32), "ws"), numpy_helper.from_array(np.array(0, np.int8), "wz"), tensor("v", 16, 4)], 13)
    save("vector_weight", [N("MatMul", ["x", "w"], ["y"])], [value("x", [3, 16])], [value("y", [3])], [tensor("w", 16)], 13, hints={"refused": "HAQ0308"})
    save("gemm_left_constant", [N("Gemm", ["w", "x", "b"], ["h"], transA=1), N("Relu", ["h"], ["y"])], [value("x", [16, 5])], [value("y", [12, 5])], [tensor("w", 16, 12), tensor("b", 12, 1)], 13, hints={"no_batch": True})
    save("gemm_alpha_beta", [N("Gemm", ["x", "w", "b"], ["h"], alpha=0.5, beta=2.0, transB=1), N("Gemm", ["h", "v"], ["y"], alpha=1.5)], [value("x", ["n", 16])], [value("y", ["n", 4])], [tensor("w", 12, 16), tensor("b", 12), tensor("v", 12, 4)], 11)
    save("einsum", [N("Einsum", ["x", "w"], ["h"], equation="nik,kj->nij"), N("MatMul", ["h", "v"], ["y"])], [value("x", [1, 4, 8])], [value("y", [1, 4, 4])], [tensor("w", 8, 8), tensor("v", 8, 4)], 13)
    save("initializer_inputs", [N("Conv", ["x", "w", "b"], ["y"])], [value("x", [1, 3, 8, 8]), value("w", [4, 3, 3, 3]), value("b", [4])], [value("y", [1, 4, 6, 6])], [tensor("w", 4, 3, 3, 3, scale=0.3), tensor("b", 4)], 8, ir=3)
    save("unnamed", [N("MatMul", ["x", "w"], ["a"]), N("Relu", ["a"], ["b"]), N("MatMul", ["b", "v"], ["y"])], [value("x", [1, 8])], [value("y", [1, 8])], [tensor("w", 8, 8), tensor("v", 8, 8)], 13)
    save("sums_of_three", [N("Conv", ["x", "a"], ["p"]), N("Conv", ["x", "b"], ["q"]), N("Conv", ["x", "c"], ["r"]), N("Sum", ["p", "q", "r"], ["s"]), N("Relu", ["s"], ["t"]), N("Conv", ["t", "d"], ["y"])],
         [value("x", [1, 4, 6, 6])], [value("y", None)], [tensor(n, 8, 4, 1, 1, scale=0.4) for n in "abc"] + [tensor("d", 4, 8, 3, 3, scale=0.15)], 12)
    save("same_padding", [N("Conv", ["x", "w"], ["a"], auto_pad="SAME_UPPER", strides=[2, 2]), N("LeakyRelu", ["a"], ["b"], alpha=0.1), N("Conv", ["b", "v"], ["c"], auto_pad="SAME_LOWER", dilations=[1, 1]),
         N("Clip", ["c", "", "six"], ["y"])], [value("x", [1, 3, 15, 15])], [value("y", None)], [tensor("w", 8, 3, 3, 3, scale=0.3), tensor("v", 8, 8, 3, 3, scale=0.15), numpy_helper.from_array(np.array(6, np.float32), "six")], 12)
    save("output_is_a_layers_input", [N("Conv", ["x", "w"], ["a"]), N("Relu", ["a"], ["features"]), N("Conv", ["features", "v"], ["y"])], [value("x", [1, 3, 9, 9])], [value("features", None), value("y", None)],
         [tensor("w", 8, 3, 3, 3, scale=0.3), tensor("v", 4, 8, 3, 3, scale=0.15)], 13)
    save("custom_operator", [N("MatMul", ["x", "w"], ["a"]), N("Mystery", ["a"], ["y"], domain="own")], [value("x", [1, 8])], [value("y", [1, 8])], [tensor("w", 8, 8)], 13, extra=[helper.make_opsetid("own", 1)], hints={"refused": "HAQ0310"})
