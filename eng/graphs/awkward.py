"""Graphs made by hand, each with something that exporters, optimizers or people do to files: types, names, forms of constants, padding, data of odd sizes."""
import numpy as np
from onnx import TensorProto as T, helper, numpy_helper
import onnx
from graph_files import N, constant, hint, model_of, path_of, rng, save, tensor, value

half = np.float16


def maps(name):
    """What ZipMap makes: a sequence of maps from classes to scores."""
    info = onnx.ValueInfoProto(name=name)
    inner = info.type.sequence_type.elem_type.map_type
    inner.key_type = T.INT64
    inner.value_type.tensor_type.elem_type = T.FLOAT
    return info


def mlp(*, x="x", y="y", prefix="", kind=np.float32, rows="n"):
    """Two products and their constants, as most of what follows needs."""
    nodes = [N("MatMul", [x, f"{prefix}w"], [f"{prefix}a"]), N("Relu", [f"{prefix}a"], [f"{prefix}r"]), N("MatMul", [f"{prefix}r", f"{prefix}v"], [y])]
    return nodes, [tensor(f"{prefix}w", 16, 24, kind=kind), tensor(f"{prefix}v", 24, 8, kind=kind)]


def types():
    nodes, constants = mlp(kind=half)
    save("half_model", nodes, [value("x", ["n", 16], T.FLOAT16)], [value("y", ["n", 8], T.FLOAT16)], constants)
    nodes, constants = mlp(kind=half)
    save("half_inside", [N("Cast", ["image"], ["x"], to=T.FLOAT16), *nodes, N("Cast", ["y"], ["out"], to=T.FLOAT)], [value("image", ["n", 16])], [value("out", ["n", 8])], constants)
    nodes, constants = mlp(kind=half)
    nodes = [N("Cast", ["w"], ["wf"], to=1), N("Cast", ["v"], ["vf"], to=1), N("MatMul", ["x", "wf"], ["a"]), N("Relu", ["a"], ["r"]), N("MatMul", ["r", "vf"], ["y"])]
    save("half_weights_cast", nodes, [value("x", ["n", 16])], [value("y", ["n", 8])], constants)
    nodes, constants = mlp(kind=np.float64)
    save("double_model", nodes, [value("x", ["n", 16], T.DOUBLE)], [value("y", ["n", 8], T.DOUBLE)], constants)
    bf = lambda t: helper.make_tensor(t.name, T.BFLOAT16, t.dims, (numpy_helper.to_array(t).astype(np.float32).view(np.uint32) >> 16).astype(np.uint16).tobytes(), raw=True)
    nodes, constants = mlp()
    save("bfloat_weights_cast", [N("Cast", ["w"], ["wf"], to=1), N("Cast", ["v"], ["vf"], to=1), N("MatMul", ["x", "wf"], ["a"]), N("Relu", ["a"], ["r"]), N("MatMul", ["r", "vf"], ["y"])],
         [value("x", ["n", 16])], [value("y", ["n", 8])], [bf(t) for t in constants])
    nodes, constants = mlp()
    save("bfloat_model", nodes, [value("x", ["n", 16], T.BFLOAT16)], [value("y", ["n", 8], T.BFLOAT16)], [bf(t) for t in constants], hints={"refused": "HAQ0310"})
    nodes, constants = mlp()
    save("integer_input", [N("Cast", ["pixels"], ["f"], to=1), N("Mul", ["f", "s"], ["x"]), *nodes], [value("pixels", ["n", 16], T.INT32)], [value("y", ["n", 8])], [*constants, constant("s", 0.01)], hints={"ranges": {"pixels": [0, 256]}})
    nodes, constants = mlp()
    nodes, constants = mlp()
    save("class_and_scores", [*nodes, N("Softmax", ["y"], ["scores"]), N("ArgMax", ["scores"], ["class"], axis=1, keepdims=0)], [value("x", ["n", 16])], [value("class", ["n"], T.INT64), value("scores", ["n", 8])], constants)
    nodes, constants = mlp()
    save("sequence_output", [*nodes, N("SplitToSequence", ["y"], ["parts"], axis=1)], [value("x", ["n", 16])], [helper.make_tensor_sequence_value_info("parts", T.FLOAT, None), value("y", ["n", 8])], constants)
    nodes, constants = mlp()
    save("zipmap", [*nodes, N("Softmax", ["y"], ["p"]), N("ZipMap", ["p"], ["probabilities"], domain="ai.onnx.ml", classlabels_int64s=list(range(8)))],
         [value("x", ["n", 16])], [value("y", ["n", 8]), maps("probabilities")], constants,
         extra=[helper.make_opsetid("ai.onnx.ml", 1)])


def names():
    odd = ["model/layer 1/dense+kernel:0", "größe→重み", "a\"b'c\\d", "n" * 300, "../../etc/passwd", "<b>&amp;</b>", "- [x](y)|`z`", "\t\n line"]
    nodes, constants, last = [], [], "input:0"
    for i, name in enumerate(odd):
        constants.append(tensor(name + "/w", 16, 16))
        nodes += [N("MatMul", [last, name + "/w"], [name], name=name), N("Relu", [name], [name + "/r"], name=name + "/relu")]
        last = name + "/r"
    nodes.append(N("Identity", [last], ["output \"0\""]))
    save("names_odd", nodes, [value("input:0", ["batch size", 16])], [value("output \"0\"", ["batch size", 16])], constants)
    nodes, constants = mlp()
    def told(model):
        for k, v in (("classes", "cat,dog"), ("empty", ""), ("unicode", "größe"), ("json", '{"a": [1, 2]}')):
            model.metadata_props.add(key=k, value=v)
        model.doc_string, model.domain, model.model_version, model.producer_version = "Made\nby hand", "org.example", 7, "1.2"
        model.graph.doc_string, model.graph.node[0].doc_string, model.graph.input[0].doc_string = "a graph", "a node", "an input"
        model.graph.input[0].type.denotation = "TENSOR"
    save("metadata", nodes, [value("x", ["n", 16])], [value("y", ["n", 8])], constants, change=told)
    nodes, constants = mlp()
    save("unused_everything", [*nodes, N("Relu", ["r"], ["nowhere"]), N("Shape", ["x"], ["unread"])], [value("x", ["n", 16]), value("unused", ["n", 3])], [value("y", ["n", 8])], [*constants, tensor("left_over", 64, 64)])
    nodes, constants = mlp()
    save("input_is_output", [*nodes], [value("x", ["n", 16])], [value("y", ["n", 8]), value("x", ["n", 16])], constants)
    nodes, constants = mlp()
    save("unsorted", nodes[::-1], [value("x", ["n", 16])], [value("y", ["n", 8])], constants)
    nodes, constants = mlp()
    save("output_twice", [*nodes, N("Identity", ["y"], ["z"])], [value("x", ["n", 16])], [value("y", ["n", 8]), value("z", ["n", 8]), value("r", ["n", 24])], constants)
    nodes, constants = mlp()
    save("no_shapes", nodes, [helper.make_tensor_value_info("x", T.FLOAT, ["a", "b"])], [helper.make_tensor_value_info("y", T.FLOAT, None)], constants, hints={"shapes": {"x": [1, 16]}})
    nodes, constants = mlp()
    save("no_rank", nodes, [helper.make_tensor_value_info("x", T.FLOAT, None)], [helper.make_tensor_value_info("y", T.FLOAT, None)], constants, hints={"shapes": {"x": [1, 16]}})
    nodes, constants = mlp()
    save("wrong_output_shape", nodes, [value("x", ["n", 16])], [value("y", [7, 9])], constants)


def constants():
    w, v = numpy_helper.to_array(tensor("w", 16, 24)), numpy_helper.to_array(tensor("v", 24, 8))
    f = lambda a, name=None: numpy_helper.from_array(np.ascontiguousarray(a), name)
    io = [value("x", ["n", 16])], [value("y", ["n", 8])]
    save("constant_nodes", [N("Constant", [], ["w"], value=f(w)), N("Constant", [], ["v"], value_floats=v.ravel().tolist()), N("Constant", [], ["s"], value_ints=[24, 8]), N("Reshape", ["v", "s"], ["vv"]),
         N("MatMul", ["x", "w"], ["a"]), N("Relu", ["a"], ["r"]), N("MatMul", ["r", "vv"], ["y"])], *io)
    save("identity_weights", [N("Identity", ["w"], ["w1"]), N("Identity", ["w1"], ["w2"]), N("MatMul", ["x", "w2"], ["a"]), N("Identity", ["a"], ["b"]), N("Relu", ["b"], ["r"]), N("Dropout", ["r"], ["d", "m"]), N("MatMul", ["d", "v"], ["y"])], *io, [f(w, "w"), f(v, "v")])
    save("weights_in_pieces", [N("Concat", ["w0", "w1"], ["w"], axis=1), N("Slice", ["vv", "zero", "size", "axis"], ["v"]), N("MatMul", ["x", "w"], ["a"]), N("Relu", ["a"], ["r"]), N("MatMul", ["r", "v"], ["y"])], *io,
         [f(w[:, :10], "w0"), f(w[:, 10:], "w1"), f(np.pad(v, ((0, 3), (0, 0))), "vv"), constant("zero", [0], np.int64), constant("size", [24], np.int64), constant("axis", [0], np.int64)])
    g = np.linalg.norm(w, axis=0)
    save("weight_norm", [N("ReduceL2", ["w"], ["l"], axes=[0]), N("Div", ["w", "l"], ["u"]), N("Mul", ["u", "g"], ["wn"]), N("MatMul", ["x", "wn"], ["a"]), N("Relu", ["a"], ["r"]), N("MatMul", ["r", "v"], ["y"])], *io, [f(w, "w"), f(v, "v"), f(g, "g")])
    sparse = np.where(np.abs(w) > 0.3, w, 0)
    where = np.flatnonzero(sparse)
    def with_sparse(model):
        s = helper.make_sparse_tensor(f(sparse.ravel()[where].astype(np.float32), "w"), f(where.astype(np.int64), "w_indices"), [16, 24])
        model.graph.sparse_initializer.append(s)
    save("sparse_weights", [N("MatMul", ["x", "w"], ["a"]), N("Relu", ["a"], ["r"]), N("MatMul", ["r", "v"], ["y"])], *io, [f(v, "v")], change=with_sparse)
    q = np.clip(np.round(w / 0.01), -127, 127).astype(np.int8)
    save("weights_dequantized_by_cast", [N("Cast", ["wq"], ["wf"], to=1), N("Mul", ["wf", "s"], ["w"]), N("MatMul", ["x", "w"], ["a"]), N("Relu", ["a"], ["r"]), N("MatMul", ["r", "v"], ["y"])], *io, [f(q, "wq"), constant("s", 0.01), f(v, "v")])
    save("listed_inputs_ir3", [N("MatMul", ["x", "w"], ["a"]), N("Relu", ["a"], ["r"]), N("MatMul", ["r", "v"], ["y"])], [io[0][0], value("w", [16, 24]), value("v", [24, 8])], io[1], [f(w, "w"), f(v, "v")], 8, ir=3)
    save("listed_inputs_new_ir", [N("MatMul", ["x", "w"], ["a"]), N("Relu", ["a"], ["r"]), N("MatMul", ["r", "v"], ["y"])], [io[0][0], value("w", [16, 24]), value("v", [24, 8])], io[1], [f(w, "w"), f(v, "v")], 17)
    save("default_input", [N("MatMul", ["x", "w"], ["a"]), N("Mul", ["a", "gain"], ["b"]), N("Relu", ["b"], ["r"]), N("MatMul", ["r", "v"], ["y"])], [io[0][0], value("gain", [1])], io[1], [f(w, "w"), f(v, "v"), constant("gain", [1.5])], 17)
    save("float_data_fields", [N("MatMul", ["x", "w"], ["a"]), N("Relu", ["a"], ["r"]), N("MatMul", ["r", "v"], ["y"])], *io,
         [helper.make_tensor("w", T.FLOAT, [16, 24], w.ravel().tolist()), helper.make_tensor("v", T.FLOAT, [24, 8], v.ravel().tolist())])
    save("tied_transposed", [N("Gather", ["table", "tokens"], ["e"]), N("ReduceMean", ["e"], ["m"], axes=[1], keepdims=0), N("Transpose", ["table"], ["t"], perm=[1, 0]), N("MatMul", ["m", "t"], ["y"])],
         [value("tokens", ["n", 6], T.INT64)], [value("y", ["n", 80])], [tensor("table", 80, 16)], hints={"ranges": {"tokens": [0, 80]}})
    save("tied_both_ways", [N("Gather", ["table", "tokens"], ["e"]), N("ReduceMean", ["e"], ["m"], axes=[1], keepdims=0), N("Gemm", ["m", "table"], ["y"], transB=1)],
         [value("tokens", ["n", 6], T.INT64)], [value("y", ["n", 80])], [tensor("table", 80, 16)], hints={"ranges": {"tokens": [0, 80]}})
    save("one_weight_two_widths", [N("MatMul", ["x", "w"], ["a"]), N("Relu", ["a"], ["r"]), N("Gemm", ["r", "w"], ["b"], transB=1), N("MatMul", ["b", "w"], ["c"]), N("MatMul", ["c", "v"], ["y"])], *io, [f(w, "w"), f(v, "v")])


def numbers():
    io = [value("x", ["n", 16])], [value("y", ["n", 8])]
    def three(name, w, v, b=None, **more):
        save(name, [N("Gemm", ["x", "w", "b"], ["a"]), N("Relu", ["a"], ["r"]), N("MatMul", ["r", "v"], ["y"])], *io, [constant("w", w), constant("v", v), constant("b", np.zeros(24) if b is None else b)], **more)
    w, v = rng.standard_normal((16, 24)) / 4, rng.standard_normal((24, 8)) / 5
    three("inputs_of_a_million", w, v, hints={"ranges": {"x": [0, 1e6]}})
    three("inputs_of_a_millionth", w, v, hints={"ranges": {"x": [0, 1e-6]}})
    three("weights_of_a_million", w * 1e6, v)
    three("weights_of_a_millionth", w * 1e-6, v * 1e-6)
    three("weights_zero", w * 0, v, b=rng.standard_normal(24))
    three("weights_all_zero", w * 0, v * 0)
    three("dead_channels", w * (np.arange(24) % 3 > 0), v, b=-20.0 * (np.arange(24) % 4 == 0))
    three("channels_of_many_sizes", w * 2.0 ** (np.arange(24) % 4 - 2), v / 2.0 ** (np.arange(24) % 4 - 2)[:, None])
    three("weights_near_nothing", w * 1e-18, v * 1e-10)
    three("large_bias", w, v, b=1e4 * rng.standard_normal(24))
    three("weights_not_a_number", np.where(np.arange(24) == 3, np.nan, w), v, hints={"refused": "HAQ04"})
    three("weights_infinite", w, np.where(np.arange(8) == 3, np.inf, v), hints={"refused": "HAQ04"})
    save("logarithm_of_noise", [N("MatMul", ["x", "w"], ["a"]), N("Log", ["a"], ["l"]), N("MatMul", ["l", "v"], ["y"])], *io, [constant("w", w), constant("v", v)], hints={"refused": "HAQ0"})
    save("constant_activation", [N("MatMul", ["x", "w"], ["a"]), N("Mul", ["a", "zero"], ["z"]), N("Add", ["z", "five"], ["c"]), N("MatMul", ["c", "v"], ["y"])], *io, [constant("w", w), constant("v", v), constant("zero", 0), constant("five", 5)])
    save("empty_extent", [N("Concat", ["x", "nothing"], ["c"], axis=0), N("MatMul", ["c", "w"], ["y"])], [value("x", [4, 16])], [value("y", [4, 24])], [constant("w", w), constant("nothing", np.zeros((0, 16)))], hints={"no_batch": True})
    save("single_layer", [N("MatMul", ["x", "w"], ["y"])], [value("x", ["n", 16])], [value("y", ["n", 24])], [constant("w", w)])
    save("single_convolution_1x1", [N("Conv", ["x", "w"], ["y"])], [value("x", ["n", 1, 5, 5])], [value("y", ["n", 1, 5, 5])], [tensor("w", 1, 1, 1, 1)])
    save("one_by_one_product", [N("MatMul", ["x", "w"], ["y"])], [value("x", ["n", 1])], [value("y", ["n", 1])], [tensor("w", 1, 1)])
    save("nothing_to_quantize", [N("Relu", ["x"], ["r"]), N("Softmax", ["r"], ["y"])], [value("x", ["n", 16])], [value("y", ["n", 16])], hints={"refused": "HAQ0308"})
    save("no_inputs", [N("MatMul", ["w", "v"], ["y"])], [], [value("y", [16, 8])], [constant("w", w), constant("v", v)], hints={"refused": "HAQ0308"})
    save("random_inside", [N("RandomNormalLike", ["x"], ["noise"], seed=3.0), N("Mul", ["noise", "little"], ["e"]), N("Add", ["x", "e"], ["z"]), N("MatMul", ["z", "w"], ["y"])], [value("x", ["n", 16])], [value("y", ["n", 24])], [constant("w", w), constant("little", 1e-4)])


def shapes():
    x = [value("x", ["n", 4, 14, 11])]
    y = [value("y", ["n", None, None, None])]
    c = lambda *s: tensor("w", *s, scale=0.2)
    for pad in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        save(f"auto_pad_{pad.lower()}", [N("Conv", ["x", "w"], ["a"], auto_pad=pad, strides=[2, 3], dilations=[1, 1]), N("Relu", ["a"], ["b"]), N("ConvTranspose", ["b", "t"], ["y"], auto_pad=pad, strides=[2, 2])], x, y, [c(8, 4, 3, 3), tensor("t", 8, 3, 3, 3, scale=0.2)], 11)
    save("dilated_same", [N("Conv", ["x", "w"], ["y"], auto_pad="SAME_UPPER", dilations=[2, 2])], x, y, [c(8, 4, 3, 3)], 11, hints={"refused": "HAQ0311"})
    save("output_shape_transpose", [N("ConvTranspose", ["x", "w"], ["y"], output_shape=[28, 22], strides=[2, 2], kernel_shape=[3, 3])], x, y, [c(4, 6, 3, 3)], 11)
    save("output_padding_transpose", [N("ConvTranspose", ["x", "w", "b"], ["y"], output_padding=[1, 1], strides=[2, 2], pads=[1, 1, 1, 1], group=2)], x, y, [c(4, 3, 3, 3), tensor("b", 6)], 11)
    save("stride_beyond_kernel", [N("Conv", ["x", "w"], ["y"], strides=[4, 4], pads=[0, 1, 2, 3])], x, y, [c(8, 4, 2, 2)], 11)
    save("kernel_larger_than_map", [N("Conv", ["x", "w"], ["y"], pads=[6, 6, 6, 6])], x, y, [c(8, 4, 13, 13)], 11)
    save("nhwc_tensorflow", [N("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]), N("Transpose", ["hwio"], ["w"], perm=[3, 2, 0, 1]), N("Conv", ["t", "w"], ["a"], pads=[0, 0, 1, 1], strides=[2, 2]), N("Transpose", ["a"], ["u"], perm=[0, 2, 3, 1]), N("Add", ["u", "b"], ["c"]), N("Relu", ["c"], ["r"]),
         N("Transpose", ["r"], ["s"], perm=[0, 3, 1, 2]), N("Conv", ["s", "v"], ["d"]), N("Transpose", ["d"], ["e"], perm=[0, 2, 3, 1]), N("ReduceMean", ["e"], ["f"], axes=[1, 2], keepdims=0), N("Identity", ["f"], ["Identity:0"])],
         [value("x", ["unk__1", 12, 12, 3])], [value("Identity:0", ["unk__1", 8])], [tensor("hwio", 3, 3, 3, 8, scale=0.3), tensor("b", 8), tensor("v", 8, 8, 3, 3, scale=0.2)], 12)
    save("scalars_and_vectors", [N("MatMul", ["x", "w"], ["a"]), N("Add", ["a", "b"], ["y"])], [value("x", [16])], [value("y", [24])], [tensor("w", 16, 24), tensor("b", 24)], hints={"no_batch": True})
    save("no_batch_matrix", [N("MatMul", ["w", "x"], ["a"]), N("Add", ["a", "b"], ["c"]), N("Relu", ["c"], ["y"])], [value("x", [16, 5])], [value("y", [12, 5])], [tensor("w", 12, 16), tensor("b", 12, 1)], hints={"no_batch": True})
    save("time_first", [N("MatMul", ["x", "w"], ["a"]), N("Relu", ["a"], ["y"])], [value("x", ["t", "n", 16])], [value("y", ["t", "n", 24])], [tensor("w", 16, 24)], hints={"shapes": {"x": [7, 1, 16]}, "no_batch": True})
    save("five_axes_product", [N("MatMul", ["x", "w"], ["y"])], [value("x", ["n", 2, 3, 4, 16])], [value("y", ["n", 2, 3, 4, 24])], [tensor("w", 16, 24)])
    save("broadcast_weights", [N("MatMul", ["x", "w"], ["y"])], [value("x", ["n", 1, 5, 16])], [value("y", ["n", 3, 5, 24])], [tensor("w", 1, 3, 16, 24)])
    save("batch_in_the_middle", [N("Reshape", ["x", "s"], ["r"]), N("MatMul", ["r", "w"], ["a"]), N("Reshape", ["a", "u"], ["y"])], [value("x", ["n", 4, 8])], [value("y", ["n", 48])], [tensor("w", 16, 24), constant("s", [-1, 16], np.int64), constant("u", [-1, 48], np.int64)])
    save("bias_by_add_variants", [N("MatMul", ["x", "w"], ["a"]), N("Add", ["b", "a"], ["c"]), N("Relu", ["c"], ["d"]), N("MatMul", ["d", "v"], ["e"]), N("Sub", ["e", "g"], ["f"]), N("MatMul", ["f", "u"], ["h"]), N("Add", ["h", "one"], ["y"])],
         [value("x", ["n", 16])], [value("y", ["n", 4])], [tensor("w", 16, 24), tensor("b", 1, 24), tensor("v", 24, 8), tensor("g", 8), tensor("u", 8, 4), constant("one", 1.0)])
    save("gemm_bias_shapes", [N("Gemm", ["x", "w", "b"], ["a"]), N("Gemm", ["a", "v", "c"], ["d"], transB=1), N("Gemm", ["d", "u"], ["y"], beta=0.0)], [value("x", ["n", 16])], [value("y", ["n", 4])],
         [tensor("w", 16, 24), constant("b", 0.5), tensor("v", 8, 24), tensor("c", 1, 8), tensor("u", 8, 4)])


def operators():
    nodes, constants = mlp()
    body = helper.make_graph([N("MatMul", ["state", "inner"], ["p"]), N("Tanh", ["p"], ["next"]), N("Identity", ["keep"], ["going"]), N("Identity", ["next"], ["seen"])], "body",
                             [value("i", [], T.INT64), value("keep", [], T.BOOL), value("state", None)], [value("going", [], T.BOOL), value("next", None), value("seen", None)])
    save("loop_captures", [*nodes, N("Loop", ["count", "", "y"], ["last", "all"], body=body)], [value("x", ["n", 16])], [value("last", None), value("all", None)], [*constants, tensor("inner", 8, 8), constant("count", 3, np.int64)])
    scan = helper.make_graph([N("Add", ["sum", "row"], ["total"]), N("MatMul", ["total", "inner"], ["out"])], "scan", [value("sum", [8]), value("row", [8])], [value("total", [8]), value("out", [8])])
    nodes, constants = mlp()
    save("scan", [*nodes, N("Scan", ["start", "y"], ["end", "rows"], body=scan, num_scan_inputs=1)], [value("x", [5, 16])], [value("end", [8]), value("rows", [5, 8])], [*constants, tensor("inner", 8, 8), constant("start", np.zeros(8))], hints={"no_batch": True})
    nodes, constants = mlp()
    save("top_k_and_where", [*nodes, N("TopK", ["y", "k"], ["best", "which"]), N("Greater", ["best", "zero"], ["g"]), N("Where", ["g", "best", "zero"], ["z"])], [value("x", ["n", 16])], [value("z", ["n", 3]), value("which", ["n", 3], T.INT64)], [*constants, constant("k", [3], np.int64), constant("zero", 0)])
    save("non_max_suppression", [N("Conv", ["x", "w", "b"], ["a"], strides=[4, 4]), N("Reshape", ["a", "s"], ["r"]), N("Split", ["r", "parts"], ["boxes", "scores0"], axis=1), N("Transpose", ["boxes"], ["boxes4"], perm=[0, 2, 1]), N("Sigmoid", ["scores0"], ["scores"]),
         N("NonMaxSuppression", ["boxes4", "scores", "most", "iou", "least"], ["kept"])], [value("x", [1, 3, 32, 32])], [value("kept", [None, 3], T.INT64), value("boxes4", [1, 64, 4]), value("scores", [1, 2, 64])],
         [tensor("w", 6, 3, 4, 4, scale=0.1), tensor("b", 6), constant("s", [1, 6, 64], np.int64), constant("parts", [4, 2], np.int64), constant("most", [5], np.int64), constant("iou", [0.5]), constant("least", [0.3])])
    save("resize_kinds", [N("Conv", ["x", "w"], ["a"]), N("Resize", ["a", "", "scales"], ["b"], mode="cubic", coordinate_transformation_mode="half_pixel"), N("Conv", ["b", "v"], ["c"]), N("Resize", ["c", "", "", "sizes"], ["y"], mode="linear", coordinate_transformation_mode="align_corners")],
         [value("x", [1, 3, 12, 12])], [value("y", None)], [tensor("w", 8, 3, 3, 3, scale=0.3), tensor("v", 4, 8, 3, 3, scale=0.15), constant("scales", [1, 1, 2, 2]), constant("sizes", [1, 4, 9, 15], np.int64)], 13)
    save("depth_to_space", [N("SpaceToDepth", ["x"], ["a"], blocksize=2), N("Conv", ["a", "w"], ["b"], pads=[1, 1, 1, 1]), N("DepthToSpace", ["b"], ["y"], blocksize=2, mode="CRD")], [value("x", ["n", 3, 8, 8])], [value("y", ["n", 4, 8, 8])], [tensor("w", 16, 12, 3, 3, scale=0.1)], 13)
    save("fused_by_runtime", [N("FusedConv", ["x", "w", "b"], ["a"], domain="com.microsoft", activation="Relu"), N("Conv", ["a", "v"], ["c"]), N("GlobalAveragePool", ["c"], ["g"]), N("Flatten", ["g"], ["f"]), N("FusedMatMul", ["f", "u"], ["h"], domain="com.microsoft", transB=1, alpha=0.5), N("Gemm", ["h", "t"], ["y"])],
         [value("x", ["n", 3, 12, 12])], [value("y", ["n", 4])], [tensor("w", 8, 3, 3, 3, scale=0.3), tensor("b", 8), tensor("v", 8, 8, 3, 3, scale=0.15), tensor("u", 16, 8), tensor("t", 16, 4)], 12, extra=[helper.make_opsetid("com.microsoft", 1)])
    save("skip_layer_normalization", [N("MatMul", ["x", "w"], ["a"]), N("SkipLayerNormalization", ["a", "x", "g", "be", "bi"], ["n"], domain="com.microsoft"), N("MatMul", ["n", "v"], ["b"]), N("BiasGelu", ["b", "c"], ["d"], domain="com.microsoft"), N("MatMul", ["d", "u"], ["y"])],
         [value("x", ["n", 6, 16])], [value("y", ["n", 6, 16])], [tensor("w", 16, 16), constant("g", np.ones(16)), tensor("be", 16), tensor("bi", 16), tensor("v", 16, 32), tensor("c", 32), tensor("u", 32, 16)], 14, extra=[helper.make_opsetid("com.microsoft", 1)])
    save("scaler_then_network", [N("Scaler", ["x"], ["s"], domain="ai.onnx.ml", offset=[0.1] * 16, scale=[0.9] * 16), *[n for n in mlp(x="s")[0]], N("Normalizer", ["y"], ["z"], domain="ai.onnx.ml", norm="L2")], [value("x", ["n", 16])], [value("z", ["n", 8])], mlp()[1], extra=[helper.make_opsetid("ai.onnx.ml", 2)])
    save("skl_mlp", [N("Cast", ["X"], ["cast_input"], to=1), N("MatMul", ["cast_input", "coefficient"], ["mul_result"]), N("Add", ["mul_result", "intercepts"], ["add_result"]), N("Relu", ["add_result"], ["next_activations"]), N("MatMul", ["next_activations", "coefficient1"], ["mul_result1"]), N("Add", ["mul_result1", "intercepts1"], ["add_result1"]),
         N("Softmax", ["add_result1"], ["out_activations_result"]), N("ArgMax", ["out_activations_result"], ["arg"], axis=1), N("ArrayFeatureExtractor", ["classes", "arg"], ["extracted"], domain="ai.onnx.ml"), N("Cast", ["extracted"], ["cast"], to=7), N("Reshape", ["cast", "shape"], ["label"]),
         N("ZipMap", ["out_activations_result"], ["output_probability"], domain="ai.onnx.ml", classlabels_int64s=[0, 1, 2])], [value("X", [None, 12])],
         [value("label", [None], T.INT64), maps("output_probability")],
         [tensor("coefficient", 12, 20), tensor("intercepts", 1, 20), tensor("coefficient1", 20, 3), tensor("intercepts1", 1, 3), constant("classes", [0, 1, 2], np.int32), constant("shape", [-1], np.int64)], 13, extra=[helper.make_opsetid("ai.onnx.ml", 1)])
    save("skl_linear_regression", [N("LinearRegressor", ["x"], ["y"], domain="ai.onnx.ml", coefficients=[0.1] * 16, intercepts=[0.2])], [value("x", ["n", 16])], [value("y", ["n", 1])], extra=[helper.make_opsetid("ai.onnx.ml", 1)], hints={"refused": "HAQ0308"})
    q = [constant("xs", 0.05), constant("xz", 128, np.uint8), numpy_helper.from_array(rng.integers(-100, 100, (8, 3, 3, 3)).astype(np.int8), "w"), constant("ws", 0.01), constant("wz", 0, np.int8), constant("ys", 0.1), constant("yz", 100, np.uint8), tensor("v", 4, 8, 3, 3, scale=0.2)]
    save("integer_then_float", [N("QuantizeLinear", ["x", "xs", "xz"], ["q"]), N("QLinearConv", ["q", "xs", "xz", "w", "ws", "wz", "ys", "yz"], ["c"]), N("DequantizeLinear", ["c", "ys", "yz"], ["d"]), N("Conv", ["d", "v"], ["y"])], [value("x", [1, 3, 10, 10])], [value("y", None)], q)
    save("optional_inputs", [N("Clip", ["x", "", "top"], ["a"]), N("Resize", ["a", "", "", "to"], ["b"], mode="nearest"), N("Conv", ["b", "w", ""], ["c"]), N("LSTM", ["d0", "lw", "lr", "", "", "", ""], ["", "h"], hidden_size=4), N("ReduceMean", ["c"], ["d1"], axes=[1]), N("Squeeze", ["d1", "one"], ["d0"]), N("Identity", ["h"], ["y"])],
         [value("x", [1, 3, 6, 6])], [value("y", None)], [constant("top", 2.0), constant("to", [1, 3, 10, 10], np.int64), tensor("w", 4, 3, 3, 3, scale=0.3), tensor("lw", 1, 16, 8), tensor("lr", 1, 16, 4), constant("one", [1], np.int64)], 13)


def newest():
    """Operators that onnx of Debian does not know: written as they would be by a newer one."""
    for opset in (22, 23, 24, 25):
        def raise_to(model, opset=opset):
            model.ir_version = {22: 10, 23: 11, 24: 12, 25: 13}[opset]
        save(f"gelu_opset{opset}", [N("Conv", ["x", "w", "b"], ["a"], pads=[1, 1, 1, 1]), N("Gelu", ["a"], ["g"], approximate="tanh"), N("GlobalAveragePool", ["g"], ["p"]), N("Flatten", ["p"], ["f"]), N("Gemm", ["f", "v"], ["y"], transB=1)],
             [value("x", ["n", 3, 10, 10])], [value("y", ["n", 5])], [tensor("w", 8, 3, 3, 3, scale=0.3), tensor("b", 8), tensor("v", 5, 8)], opset, change=raise_to)
    def ir11(model):
        model.ir_version = 11
    save("attention_opset23", [N("MatMul", ["x", "wq"], ["q"]), N("MatMul", ["x", "wk"], ["k"]), N("MatMul", ["x", "wv"], ["v"]), N("Attention", ["q", "k", "v"], ["a"], q_num_heads=2, kv_num_heads=2, is_causal=1), N("RMSNormalization", ["a", "g"], ["n"], axis=-1), N("MatMul", ["n", "wo"], ["y"])],
         [value("x", ["n", 6, 16])], [value("y", ["n", 6, 16])], [tensor("wq", 16, 16), tensor("wk", 16, 16), tensor("wv", 16, 16), tensor("wo", 16, 16), constant("g", np.ones(16))], 23, change=ir11)
    save("group_normalization_opset18", [N("Conv", ["x", "w"], ["a"]), N("GroupNormalization", ["a", "g", "b"], ["n"], num_groups=2), N("Mish", ["n"], ["m"]), N("Conv", ["m", "v"], ["y"])], [value("x", ["n", 3, 9, 9])], [value("y", ["n", 4, 5, 5])],
         [tensor("w", 8, 3, 3, 3, scale=0.3), constant("g", np.ones(2)), constant("b", np.zeros(2)), tensor("v", 4, 8, 3, 3, scale=0.15)], 18)
    save("layer_normalization_opset17", [N("MatMul", ["x", "w"], ["a"]), N("LayerNormalization", ["a", "g", "b"], ["n"], axis=-1), N("MatMul", ["n", "v"], ["y"])], [value("x", ["n", 6, 16])], [value("y", ["n", 6, 8])], [tensor("w", 16, 24), constant("g", np.ones(24)), tensor("b", 24), tensor("v", 24, 8)], 17)
    save("split_opset18", [N("MatMul", ["x", "w"], ["a"]), N("Split", ["a"], ["p", "q"], axis=1, num_outputs=2), N("Sigmoid", ["q"], ["s"]), N("Mul", ["p", "s"], ["m"]), N("MatMul", ["m", "v"], ["y"])], [value("x", ["n", 16])], [value("y", ["n", 8])], [tensor("w", 16, 24), tensor("v", 12, 8)], 18)
    save("opset_27", [N("MatMul", ["x", "w"], ["y"])], [value("x", ["n", 16])], [value("y", ["n", 24])], [tensor("w", 16, 24)], 27, hints={"refused": "HAQ0306"})
    save("opset_6", [N("MatMul", ["x", "w"], ["y"])], [value("x", ["n", 16])], [value("y", ["n", 24])], [tensor("w", 16, 24)], 6, ir=3, hints={"refused": "HAQ0306"})


def make():
    for family in (types, names, constants, numbers, shapes, operators, newest):
        family()
