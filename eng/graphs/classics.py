"""The usual architectures for images, sound, text and tables, as PyTorch exports them at operator sets 7 to 17."""
import math
import torch
import torch.nn as nn
import torch.nn.functional as F
from graph_files import export, settle


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


def make():
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
    export("unet_transpose", settle(UNet(), torch.randn(4, 1, 32, 32)), torch.randn(1, 1, 32, 32), 13, {"x": {0: "n", 2: "h", 3: "w"}}, hints={"shapes": {"x": [1, 1, 32, 48]}})
    export("unet_resize", settle(UNet("resize"), torch.randn(4, 1, 32, 32)), torch.randn(1, 1, 32, 32), 16)
    export("video_conv3d", settle(nn.Sequential(nn.Conv3d(2, 8, 3, padding=1), nn.BatchNorm3d(8), nn.ReLU(), nn.MaxPool3d(2), nn.Conv3d(8, 8, 3, groups=2), nn.ReLU(),
           nn.ConvTranspose3d(8, 4, 2, 2)), torch.randn(4, 2, 12, 12, 12)), torch.randn(1, 2, 12, 12, 12), 13)
    export("audio_conv1d", settle(Audio(), torch.randn(4, 1, 400)), torch.randn(1, 1, 400), 12, {"x": {0: "n", 2: "t"}}, hints={"shapes": {"x": [1, 1, 500]}})
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
