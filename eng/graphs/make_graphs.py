"""Makes networks of many kinds with PyTorch's exporter and ONNX's helpers, for the zoo tests: make_graphs.py FOLDER.

Every file is a graph that no other part of this repository has: architectures, operator sets 7 to 21, dynamic shapes, functions, external data.
"""
import math, os, sys, warnings
import numpy as np
import onnx
from onnx import TensorProto as T, helper, numpy_helper
import torch
import torch.nn as nn
import torch.nn.functional as F

warnings.filterwarnings("ignore")
OUT = sys.argv[1]
os.makedirs(OUT, exist_ok=True)
torch.manual_seed(1)
rng = np.random.default_rng(1)


def export(name, module, inputs, opset, dynamic=None, names=("x",)):
    module.eval()
    torch.onnx.export(module, inputs, os.path.join(OUT, name + ".onnx"), opset_version=opset, input_names=list(names),
                      dynamic_axes=dynamic, do_constant_folding=True)


def settle(module, *inputs):
    """Batch normalization with statistics that a trained network would have."""
    module.train()
    with torch.no_grad():
        for _ in range(3):
            module(*inputs)
    return module


def conv_bn(i, o, k, s=1, g=1, act=nn.ReLU):
    return nn.Sequential(nn.Conv2d(i, o, k, s, k // 2, groups=g, bias=False), nn.BatchNorm2d(o), act())


class Residual(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a, self.b, self.n = conv_bn(c, c, 3), nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c)

    def forward(self, x):
        return F.relu(self.n(self.b(self.a(x))) + x)


class SqueezeExcite(nn.Module):
    def __init__(self, c, act=nn.Hardswish):
        super().__init__()
        self.c, self.d, self.u = conv_bn(c, c, 3, g=c, act=act), nn.Conv2d(c, c // 4, 1), nn.Conv2d(c // 4, c, 1)

    def forward(self, x):
        x = self.c(x)
        return x * F.hardsigmoid(self.u(F.relu(self.d(F.adaptive_avg_pool2d(x, 1)))))


class Inception(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a, self.b = conv_bn(c, 8, 1), nn.Sequential(conv_bn(c, 8, 1), conv_bn(8, 12, 3))
        self.d, self.p = nn.Sequential(conv_bn(c, 4, 1), conv_bn(4, 8, 5)), conv_bn(c, 4, 1)

    def forward(self, x):
        return torch.cat([self.a(x), self.b(x), self.d(x), self.p(F.max_pool2d(x, 3, 1, 1))], 1)


class Shuffle(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.r = nn.Sequential(conv_bn(c // 2, c // 2, 1), conv_bn(c // 2, c // 2, 3, g=c // 2), conv_bn(c // 2, c // 2, 1))

    def forward(self, x):
        a, b = x.chunk(2, 1)
        n, c, h, w = x.shape
        return torch.cat([a, self.r(b)], 1).view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


def classifier(body, c, i=3):
    return nn.Sequential(conv_bn(i, c, 3, 2), *body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, 10))


class UNet(nn.Module):
    def __init__(self, up="transpose"):
        super().__init__()
        self.e1, self.e2, self.m, self.up = conv_bn(1, 8, 3), conv_bn(8, 16, 3, 2), conv_bn(16, 32, 3, 2), up
        self.u2, self.u1 = nn.ConvTranspose2d(32, 16, 2, 2), nn.ConvTranspose2d(16, 8, 4, 2, 1, groups=4)
        self.r2, self.r1, self.o = conv_bn(32 if up == "transpose" else 48, 16, 3), conv_bn(16 if up == "transpose" else 24, 8, 3), nn.Conv2d(8, 2, 1)

    def forward(self, x):
        a = self.e1(x)
        b = self.e2(a)
        c = self.m(b)
        if self.up == "transpose":
            d = self.r2(torch.cat([self.u2(c), b], 1))
            return self.o(self.r1(torch.cat([self.u1(d), a], 1)))
        d = self.r2(torch.cat([F.interpolate(c, scale_factor=2, mode="nearest"), b], 1))
        return self.o(self.r1(torch.cat([F.interpolate(d, scale_factor=2, mode="bilinear", align_corners=False), a], 1)))


class Attention(nn.Module):
    def __init__(self, d, h, causal=False):
        super().__init__()
        self.qkv, self.o, self.h, self.causal = nn.Linear(d, 3 * d), nn.Linear(d, d), h, causal
        self.register_buffer("future", torch.triu(torch.full((16, 16), -1e4), 1))

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = (y.reshape(n, t, self.h, d // self.h).transpose(1, 2) for y in self.qkv(x).chunk(3, -1))
        s = q @ k.transpose(-1, -2) / math.sqrt(d // self.h)
        if self.causal:
            s = s + self.future[:t, :t]
        return self.o((s.softmax(-1) @ v).transpose(1, 2).reshape(n, t, d))


class Block(nn.Module):
    def __init__(self, d, h, causal=False, act=nn.GELU):
        super().__init__()
        self.a, self.l, self.m = Attention(d, h, causal), nn.LayerNorm(d), nn.LayerNorm(d)
        self.f = nn.Sequential(nn.Linear(d, 4 * d), act(), nn.Linear(4 * d, d))

    def forward(self, x):
        x = x + self.a(self.l(x))
        return x + self.f(self.m(x))


class Gpt(nn.Module):
    def __init__(self, v=96, d=64, t=16):
        super().__init__()
        self.e, self.p = nn.Embedding(v, d), nn.Embedding(t, d)
        self.b, self.l, self.o = nn.Sequential(Block(d, 4, True), Block(d, 4, True)), nn.LayerNorm(d), nn.Linear(d, v, bias=False)

    def forward(self, tokens):
        x = self.e(tokens) + self.p(torch.arange(tokens.shape[1]))
        return self.o(self.l(self.b(x)))


class Bert(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.w, self.s, self.l = nn.Embedding(96, d), nn.Embedding(2, d), nn.LayerNorm(d)
        self.b, self.o = nn.Sequential(Block(d, 4, act=nn.Tanh), Block(d, 4)), nn.Linear(d, 3)

    def forward(self, tokens, segments, mask):
        x = self.l(self.w(tokens) + self.s(segments))
        return self.o((self.b(x) * mask.unsqueeze(-1).float())[:, 0])


class Vit(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.p, self.c = nn.Conv2d(3, d, 8, 8), nn.Parameter(torch.randn(1, 1, d))
        self.b, self.o = nn.Sequential(Block(d, 4), Block(d, 4)), nn.Linear(d, 10)

    def forward(self, x):
        x = self.p(x).flatten(2).transpose(1, 2)
        return self.o(self.b(torch.cat([self.c.expand(x.shape[0], -1, -1), x], 1))[:, 0])


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.i, self.r, self.o = nn.Linear(12, 16), kind(16, 24, batch_first=True, bidirectional=True), nn.Linear(48, 5)

    def forward(self, x):
        return self.o(self.r(torch.relu(self.i(x)))[0][:, -1])


class Shared(nn.Module):
    """One layer that is used twice, and a product with the constant on the left."""
    def __init__(self):
        super().__init__()
        self.l, self.m = nn.Linear(32, 32), nn.Parameter(torch.randn(20, 20) / 4)

    def forward(self, x):
        return torch.matmul(self.m, torch.relu(self.l(torch.relu(self.l(x)))))


class Stack(nn.Module):
    """Experts: each has its own matrix."""
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Parameter(torch.randn(4, 32, 48) / 6), nn.Parameter(torch.randn(4, 48, 32) / 7)

    def forward(self, x):
        return torch.matmul(torch.relu(torch.matmul(x, self.a)), self.b).mean(1)


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.b, self.p = nn.Sequential(conv_bn(3, 16, 3, 2), conv_bn(16, 32, 3, 2, act=nn.SiLU)), conv_bn(32, 32, 3, 2, act=nn.LeakyReLU)
        self.h = nn.ModuleList([nn.Conv2d(32, 3 * 7, 1), nn.Conv2d(32, 3 * 7, 1)])

    def forward(self, x):
        a = self.b(x)
        ys = [h(y).reshape(x.shape[0], 3, 7, -1).permute(0, 1, 3, 2).reshape(x.shape[0], -1, 7) for h, y in zip(self.h, (a, self.p(a)))]
        y = torch.cat(ys, 1)
        return y[..., :4], torch.sigmoid(y[..., 4:])


class Audio(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Sequential(nn.Conv1d(1, 16, 9, 4), nn.BatchNorm1d(16), nn.PReLU(16), nn.Conv1d(16, 32, 5, 2, dilation=2, groups=4), nn.ELU(), nn.Conv1d(32, 32, 3, padding=1))
        self.g, self.u = nn.Conv1d(32, 64, 1), nn.ConvTranspose1d(32, 8, 4, 2)

    def forward(self, x):
        a, b = self.g(self.c(x)).chunk(2, 1)
        return self.u(torch.tanh(a) * torch.sigmoid(b))


class Norms(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.n, self.b, self.g, self.c = nn.Conv2d(3, 16, 3), nn.InstanceNorm2d(16, affine=True), nn.Conv2d(16, 16, 3), nn.GroupNorm(4, 16), nn.Conv2d(16, 4, 1)

    def forward(self, x):
        return F.pixel_shuffle(self.c(self.g(self.b(F.relu(self.n(self.a(x)))))), 2)


image = torch.randn(4, 3, 32, 32)
settled = lambda m, x=image: settle(m, x)
export("resnet", settled(classifier([Residual(16), Residual(16)], 16)), image[:1], 13)
export("resnet_opset9_dynamic", settled(classifier([Residual(16)], 16)), image[:1], 9, {"x": {0: "n"}})
export("resnet_opset7", settled(classifier([Residual(16)], 16)), image[:1], 7)
export("resnet_opset8", settled(classifier([Residual(16)], 16)), image[:1], 8)
export("mobilenet_relu6", settled(classifier([conv_bn(16, 16, 3, g=16, act=nn.ReLU6), conv_bn(16, 16, 1, act=nn.ReLU6)] * 2, 16)), image[:1], 10)
export("squeeze_excite", settled(classifier([SqueezeExcite(16), SqueezeExcite(16, nn.ReLU)], 16)), image[:1], 14)
export("inception", settled(classifier([Inception(16), nn.Conv2d(32, 16, 1)], 16)), image[:1], 11, {"x": {0: "n"}})
export("shufflenet", settled(classifier([Shuffle(16), Shuffle(16)], 16)), image[:1], 12)
export("grouped", settled(classifier([conv_bn(16, 16, 3, g=4), conv_bn(16, 16, 5, g=8, act=nn.SiLU)], 16)), image[:1], 15)
export("unet_transpose", settle(UNet(), torch.randn(4, 1, 32, 32)), torch.randn(1, 1, 32, 32), 13, {"x": {0: "n", 2: "h", 3: "w"}})
export("unet_resize", settle(UNet("resize"), torch.randn(4, 1, 32, 32)), torch.randn(1, 1, 32, 32), 16)
export("video_conv3d", settle(nn.Sequential(nn.Conv3d(2, 8, 3, padding=1), nn.BatchNorm3d(8), nn.ReLU(), nn.MaxPool3d(2), nn.Conv3d(8, 8, 3, groups=2), nn.ReLU(),
       nn.ConvTranspose3d(8, 4, 2, 2)), torch.randn(4, 2, 12, 12, 12)), torch.randn(1, 2, 12, 12, 12), 13)
export("audio_conv1d", settle(Audio(), torch.randn(4, 1, 400)), torch.randn(1, 1, 400), 12, {"x": {0: "n", 2: "t"}})
export("gpt", Gpt(), torch.zeros(1, 12, dtype=torch.long), 14, names=("tokens",))
export("gpt_dynamic", Gpt(), torch.zeros(2, 12, dtype=torch.long), 13, {"tokens": {0: "n"}}, names=("tokens",))
zeros = torch.zeros(1, 10, dtype=torch.long)
export("bert", Bert(), (zeros, zeros, zeros + 1), 11, {k: {0: "n"} for k in ("tokens", "segments", "mask")}, names=("tokens", "segments", "mask"))
export("vit", Vit(), torch.randn(1, 3, 32, 32), 17)
export("gru", Recurrent(nn.GRU), torch.randn(1, 9, 12), 13)
export("lstm", Recurrent(nn.LSTM), torch.randn(1, 9, 12), 9)
export("rnn", Recurrent(nn.RNN), torch.randn(1, 9, 12), 14)
export("shared_left_constant", Shared(), torch.randn(1, 20, 32), 13)
export("stacked_experts", Stack(), torch.randn(2, 1, 6, 32), 13)
export("stacked_experts_own_rows", Stack(), torch.randn(2, 4, 6, 32), 13)
export("detector", settle(Detector(), torch.randn(4, 3, 64, 64)), torch.randn(1, 3, 64, 64), 11)
export("norms_pixel_shuffle", Norms(), torch.randn(1, 3, 24, 24), 16)
export("mlp_mixer", nn.Sequential(nn.Conv2d(3, 32, 4, 4), nn.Flatten(2), nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 64), nn.LayerNorm(64), nn.Flatten(), nn.Linear(2048, 10)), image[:1], 12)
export("autoencoder", nn.Sequential(nn.Linear(64, 16), nn.Softplus(), nn.Linear(16, 64), nn.Tanh()), torch.randn(3, 64), 10, {"x": {0: "n"}})
export("two_inputs", type("Two", (nn.Module,), {
    "__init__": lambda self: (nn.Module.__init__(self), setattr(self, "a", nn.Linear(8, 16)), setattr(self, "b", nn.Linear(12, 16)), setattr(self, "o", nn.Linear(16, 4)))[0],
    "forward": lambda self, x, y: self.o(torch.relu(self.a(x)) * torch.sigmoid(self.b(y)))})(), (torch.randn(1, 8), torch.randn(1, 12)), 13, names=("x", "y"))


# ---------------------------------------------------------------------------------------------------- graphs made by hand

def value(name, shape, kind=T.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def tensor(name, *shape, scale=None):
    return numpy_helper.from_array((rng.standard_normal(shape) * (scale or 1 / math.sqrt(max(1, shape[-1])))).astype(np.float32), name)


def save(name, nodes, inputs, outputs, initializers=(), opset=13, functions=(), extra=(), ir=None, external=False):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), *extra], functions=list(functions), producer_name="make_graphs")
    model.ir_version = ir or (10 if opset > 18 else 8)
    path = os.path.join(OUT, name + ".onnx")
    if external:
        onnx.save_model(model, path, save_as_external_data=True, location=name + ".data", size_threshold=0)
    else:
        onnx.save(model, path)


N = helper.make_node
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
save("attention_only", [N("MatMul", ["x", "k"], ["y"])], [value("x", [1, 4, 8]), value("k", [1, 8, 4])], [value("y", [1, 4, 4])], [], 13)
save("dynamic_quantized", [N("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]), N("MatMulInteger", ["q", "w", "z"], ["i"]), N("Cast", ["i"], ["f"], to=1), N("Mul", ["f", "s"], ["y"])],
     [value("x", [1, 8])], [value("y", [1, 4])], [numpy_helper.from_array(rng.integers(-100, 100, (8, 4)).astype(np.int8), "w")], 13)
save("partly_quantized", [N("QuantizeLinear", ["x", "xs", "xz"], ["xq"]), N("DequantizeLinear", ["xq", "xs", "xz"], ["xd"]), N("DequantizeLinear", ["wq", "ws", "wz"], ["wd"]), N("MatMul", ["xd", "wd"], ["h"]),
     N("Relu", ["h"], ["r"]), N("MatMul", ["r", "v"], ["y"])], [value("x", [1, 16])], [value("y", [1, 4])],
     [numpy_helper.from_array(np.array(0.05, np.float32), "xs"), numpy_helper.from_array(np.array(128, np.uint8), "xz"), numpy_helper.from_array(rng.integers(-120, 120, (16, 16)).astype(np.int8), "wq"),
      numpy_helper.from_array(np.array(0.01, np.float32), "ws"), numpy_helper.from_array(np.array(0, np.int8), "wz"), tensor("v", 16, 4)], 13)
save("vector_weight", [N("MatMul", ["x", "w"], ["y"])], [value("x", [3, 16])], [value("y", [3])], [tensor("w", 16)], 13)
save("gemm_left_constant", [N("Gemm", ["w", "x", "b"], ["h"], transA=1), N("Relu", ["h"], ["y"])], [value("x", [16, 5])], [value("y", [12, 5])], [tensor("w", 16, 12), tensor("b", 12, 1)], 13)
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
save("custom_operator", [N("MatMul", ["x", "w"], ["a"]), N("Mystery", ["a"], ["y"], domain="own")], [value("x", [1, 8])], [value("y", [1, 8])], [tensor("w", 8, 8)], 13, extra=[helper.make_opsetid("own", 1)])
print(len([f for f in os.listdir(OUT) if f.endswith(".onnx")]), "graphs")
