"""Transformers, recurrent networks and others that read sequences or tables, as PyTorch exports them."""
import math
import torch
import torch.nn as nn
import torch.nn.functional as F
from graph_files import export, settle


class Heads(nn.Module):
    """Attention with separate projections; the queries may come from elsewhere than keys and values."""
    def __init__(self, d, h, bias=True):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(d, d, bias=bias) for _ in range(4))
        self.h = h

    def forward(self, x, y, add=None):
        n, t, d = x.shape
        split = lambda z: z.view(n, -1, self.h, d // self.h).transpose(1, 2)
        s = split(self.q(x)) @ split(self.k(y)).transpose(-1, -2) / math.sqrt(d // self.h)
        if add is not None:
            s = s + add
        return self.o((s.softmax(-1) @ split(self.v(y))).transpose(1, 2).reshape(n, t, d))


class RmsNorm(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.w = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return self.w * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)


class T5(nn.Module):
    """Encoder and decoder, cross attention, positions as a bias that is looked up by distance, embeddings tied to the output."""
    def __init__(self, v=64, d=32):
        super().__init__()
        self.e, self.r = nn.Embedding(v, d), nn.Embedding(8, 2)
        self.enc, self.dec, self.cross = Heads(d, 2, False), Heads(d, 2, False), Heads(d, 2, False)
        self.n = nn.ModuleList([RmsNorm(d) for _ in range(5)])
        self.f, self.g = nn.Sequential(nn.Linear(d, 64, bias=False), nn.ReLU(), nn.Linear(64, d, bias=False)), nn.Sequential(nn.Linear(d, 64, bias=False), nn.GELU(), nn.Linear(64, d, bias=False))

    def bias(self, t):
        p = torch.arange(t)
        return self.r((p[None] - p[:, None]).abs().clamp(max=7)).permute(2, 0, 1).unsqueeze(0)

    def forward(self, tokens, decoder_tokens, mask):
        x = self.e(tokens)
        hide = (1.0 - mask.float())[:, None, None] * -1e4
        x = x + self.enc(self.n[0](x), self.n[0](x), self.bias(tokens.shape[1]) + hide)
        x = x + self.f(self.n[1](x))
        y = self.e(decoder_tokens)
        t = decoder_tokens.shape[1]
        y = y + self.dec(self.n[2](y), self.n[2](y), self.bias(t) + (torch.arange(t)[None] > torch.arange(t)[:, None]).float() * -1e4)
        y = y + self.cross(self.n[3](y), x, hide)
        y = self.n[4](y + self.g(y))
        return F.linear(y, self.e.weight) * 32 ** -0.5


class Llama(nn.Module):
    """Rotary positions, grouped keys, a gated feed-forward part, and keys and values handed in from earlier steps."""
    def __init__(self, v=64, d=32, h=4, kv=2):
        super().__init__()
        self.e, self.n1, self.n2, self.n3 = nn.Embedding(v, d), RmsNorm(d), RmsNorm(d), RmsNorm(d)
        self.q, self.k, self.v, self.o = nn.Linear(d, d, bias=False), nn.Linear(d, d // h * kv, bias=False), nn.Linear(d, d // h * kv, bias=False), nn.Linear(d, d, bias=False)
        self.g, self.u, self.w, self.l, self.h, self.kv = nn.Linear(d, 48, bias=False), nn.Linear(d, 48, bias=False), nn.Linear(48, d, bias=False), nn.Linear(d, v, bias=False), h, kv

    def rotate(self, x, at):
        f = 1.0 / 100 ** (torch.arange(0, x.shape[-1], 2) / x.shape[-1])
        a = torch.cat([at[..., None].float() * f] * 2, -1)[:, None]
        left, right = x.chunk(2, -1)
        return x * a.cos() + torch.cat([-right, left], -1) * a.sin()

    def forward(self, tokens, positions, past_key, past_value):
        x = self.e(tokens)
        y = self.n1(x)
        n, t, d = x.shape
        q = self.rotate(self.q(y).view(n, t, self.h, -1).transpose(1, 2), positions)
        k = torch.cat([past_key, self.rotate(self.k(y).view(n, t, self.kv, -1).transpose(1, 2), positions)], 2)
        v = torch.cat([past_value, self.v(y).view(n, t, self.kv, -1).transpose(1, 2)], 2)
        kk, vv = (z[:, :, None].expand(-1, -1, self.h // self.kv, -1, -1).reshape(n, self.h, z.shape[2], -1) for z in (k, v))
        s = (q @ kk.transpose(-1, -2) / math.sqrt(d // self.h)).softmax(-1)
        x = x + self.o((s @ vv).transpose(1, 2).reshape(n, t, d))
        y = self.n2(x)
        x = x + self.w(F.silu(self.g(y)) * self.u(y))
        return self.l(self.n3(x)), k, v


class Swin(nn.Module):
    """Windows, once shifted by a roll, with a table of relative positions; patches are merged between."""
    def __init__(self, d=16, w=4):
        super().__init__()
        self.p, self.w = nn.Conv2d(3, d, 2, 2), w
        self.a, self.b, self.n = Heads(d, 2), Heads(d, 2), nn.ModuleList([nn.LayerNorm(d) for _ in range(2)])
        self.t = nn.Parameter(torch.randn((2 * w - 1) ** 2, 2) * 0.1)
        c = torch.stack(torch.meshgrid(torch.arange(w), torch.arange(w))).flatten(1)
        r = c[:, :, None] - c[:, None] + w - 1
        self.register_buffer("i", r[0] * (2 * w - 1) + r[1])
        self.m, self.o = nn.Linear(4 * d, 2 * d, bias=False), nn.Linear(2 * d, 10)

    def windows(self, x, attend, norm):
        n, h, w, c = x.shape
        y = norm(x).view(n, h // self.w, self.w, w // self.w, self.w, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, self.w * self.w, c)
        y = attend(y, y, self.t[self.i.view(-1)].view(16, 16, 2).permute(2, 0, 1).unsqueeze(0))
        return x + y.view(n, h // self.w, w // self.w, self.w, self.w, c).permute(0, 1, 3, 2, 4, 5).reshape(n, h, w, c)

    def forward(self, x):
        x = self.p(x).permute(0, 2, 3, 1)
        x = self.windows(x, self.a, self.n[0])
        x = torch.roll(self.windows(torch.roll(x, (-2, -2), (1, 2)), self.b, self.n[1]), (2, 2), (1, 2))
        x = self.m(torch.cat([x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]], -1))
        return self.o(x.mean((1, 2)))


class Conformer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.s, self.i = nn.Sequential(nn.Conv2d(1, 4, 3, 2), nn.ReLU(), nn.Conv2d(4, 4, 3, 2), nn.ReLU()), nn.Linear(4 * 9, d)
        self.f, self.a, self.n = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 64), nn.SiLU(), nn.Linear(64, d)), nn.MultiheadAttention(d, 4, batch_first=True), nn.LayerNorm(d)
        self.p, self.d, self.b, self.q, self.o = nn.Conv1d(d, 2 * d, 1), nn.Conv1d(d, d, 7, padding=3, groups=d), nn.BatchNorm1d(d), nn.Conv1d(d, d, 1), nn.Linear(d, 20)

    def forward(self, x):
        y = self.s(x.unsqueeze(1))
        y = self.i(y.transpose(1, 2).flatten(2))
        y = y + 0.5 * self.f(y)
        z = self.n(y)
        y = y + self.a(z, z, z, need_weights=False)[0]
        z = F.glu(self.p(y.transpose(1, 2)), 1)
        return F.log_softmax(self.o(y + self.q(F.silu(self.b(self.d(z)))).transpose(1, 2)), -1)


class Seq2Seq(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.d, self.t, self.o = nn.LSTM(8, 16, 2, batch_first=True, bidirectional=True), nn.GRU(32, 24, batch_first=True), nn.Linear(32, 32), nn.Linear(24, 8)

    def forward(self, x, hidden):
        y, (h, c) = self.e(x)
        z, g = self.d(torch.tanh(self.t(y)), hidden)
        return self.o(z), g, h


class WideAndDeep(nn.Module):
    """A table: numbers beside categories that are looked up."""
    def __init__(self):
        super().__init__()
        self.e = nn.ModuleList([nn.Embedding(n, 8) for n in (200, 30, 12)])
        self.d, self.w = nn.Sequential(nn.Linear(24 + 5, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU()), nn.Linear(5, 1)
        self.o = nn.Linear(16, 1)

    def forward(self, numbers, categories):
        x = torch.cat([e(categories[:, i]) for i, e in enumerate(self.e)] + [numbers], 1)
        return torch.sigmoid(self.o(self.d(x)) + self.w(numbers))


class Experts(nn.Module):
    """The two best of four experts for every row, by TopK and Gather of their matrices."""
    def __init__(self):
        super().__init__()
        self.g, self.w, self.o = nn.Linear(16, 4), nn.Parameter(torch.randn(4, 16, 16) / 4), nn.Linear(16, 3)

    def forward(self, x):
        p, i = torch.topk(self.g(x).softmax(-1), 2)
        y = torch.einsum("nd,nkde->nke", x, self.w[i])
        return self.o((p[..., None] * y).sum(1))


class AllExperts(nn.Module):
    def __init__(self):
        super().__init__()
        self.g, self.e = nn.Linear(16, 3), nn.ModuleList([nn.Sequential(nn.Linear(16, 24), nn.ReLU(), nn.Linear(24, 8)) for _ in range(3)])

    def forward(self, x):
        return (self.g(x).softmax(-1)[:, None] * torch.stack([e(x) for e in self.e], -1)).sum(-1)


class GraphNet(nn.Module):
    """Two graph convolutions: the adjacency matrix is an input, so its products are of activations."""
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(16, 32), nn.Linear(32, 4)

    def forward(self, x, adjacency):
        return F.log_softmax(adjacency @ self.b(F.relu(adjacency @ self.a(x))), -1)


class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.m, self.s, self.d = nn.Linear(32, 24), nn.Linear(24, 8), nn.Linear(24, 8), nn.Sequential(nn.Linear(8, 24), nn.ELU(), nn.Linear(24, 32), nn.Sigmoid())

    def forward(self, x, noise):
        h = F.elu(self.e(x))
        m, s = self.m(h), self.s(h)
        return self.d(m + torch.exp(0.5 * s) * noise), m, s


@torch.jit.script
def steps(x, w, n: int):
    for i in range(n):
        x = torch.tanh(x @ w)
    return x


class Looped(nn.Module):
    """A Loop whose count is an input, around a product."""
    def __init__(self):
        super().__init__()
        self.i, self.w, self.o = nn.Linear(8, 12), nn.Parameter(torch.randn(12, 12) / 3), nn.Linear(12, 4)

    def forward(self, x, n: int):
        return self.o(steps(self.i(x), self.w, n))


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.i, self.a, self.b, self.o = nn.Linear(8, 16), nn.Linear(16, 16), nn.Linear(16, 16), nn.Linear(16, 4)

    def forward(self, x):
        y = self.i(x)
        if bool(y.sum() > 0):
            y = torch.relu(self.a(y))
        else:
            y = self.b(y)
        return self.o(y)


class Linformer(nn.Module):
    """Products with the constant on the left, along the sequence."""
    def __init__(self, d=32, t=16):
        super().__init__()
        self.e, self.q, self.k, self.v, self.o = nn.Parameter(torch.randn(4, t) / 4), nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, x):
        k, v = torch.matmul(self.e, self.k(x)), torch.matmul(self.e, self.v(x))
        return self.o((self.q(x) @ k.transpose(1, 2) / 6).softmax(-1) @ v)


class Kan(nn.Module):
    """Bases of the inputs, each with a weight of its own: a product of three axes that ends as MatMul or Einsum."""
    def __init__(self):
        super().__init__()
        self.register_buffer("c", torch.linspace(-2, 2, 6))
        self.w, self.v = nn.Parameter(torch.randn(8, 6, 16) / 5), nn.Linear(16, 3)

    def forward(self, x):
        b = torch.exp(-(x[..., None] - self.c) ** 2)
        return self.v(torch.einsum("nig,igo->no", b, self.w))


def make():
    n = lambda *names: {k: {0: "n"} for k in names}
    tokens = torch.randint(0, 64, (1, 8))
    vocabulary = {"tokens": [0, 64], "decoder_tokens": [0, 64]}
    export("t5", T5(), (tokens, tokens[:, :6], torch.ones(1, 8)), 13, {"tokens": {0: "n", 1: "s"}, "decoder_tokens": {0: "n", 1: "t"}, "mask": {0: "n", 1: "s"}}, names=("tokens", "decoder_tokens", "mask"),
           outputs=["logits"], hints={"shapes": {"tokens": [1, 9], "decoder_tokens": [1, 5], "mask": [1, 9]}, "ranges": vocabulary})
    past = torch.randn(1, 2, 3, 8)
    export("llama_with_past", Llama(), (tokens[:, :2], torch.tensor([[3, 4]]), past, past), 14, {"tokens": {0: "n", 1: "t"}, "positions": {0: "n", 1: "t"}, "past_key": {0: "n", 2: "p"}, "past_value": {0: "n", 2: "p"}},
           names=("tokens", "positions", "past_key", "past_value"), outputs=["logits", "key", "value"],
           hints={"shapes": {"tokens": [1, 2], "positions": [1, 2], "past_key": [1, 2, 5, 8], "past_value": [1, 2, 5, 8]}, "ranges": {"tokens": [0, 64], "positions": [3, 9]}})
    export("swin", Swin(), torch.randn(1, 3, 16, 16), 13, n("x"))
    export("conformer", settle(Conformer(), torch.randn(4, 40, 40)), torch.randn(1, 40, 40), 14)
    for opset in (14, 17):
        export(f"torch_encoder_opset{opset}", nn.TransformerEncoderLayer(32, 4, 64, batch_first=True), torch.randn(1, 10, 32), opset, n("x"))
    export("torch_transformer", nn.Transformer(32, 4, 1, 1, 64), (torch.randn(6, 1, 32), torch.randn(4, 1, 32)), 13, names=("source", "target"), hints={"no_batch": True})
    export("seq2seq_recurrent", Seq2Seq(), (torch.randn(1, 7, 8), torch.randn(1, 1, 24)), 12, names=("x", "hidden"), outputs=["y", "next_hidden", "last"])
    export("wide_and_deep", settle(WideAndDeep(), torch.randn(8, 5), torch.randint(0, 12, (8, 3))), (torch.randn(1, 5), torch.randint(0, 12, (1, 3))), 13, n("numbers", "categories"), names=("numbers", "categories"),
           outputs=["probability"], hints={"ranges": {"categories": [0, 12]}})
    export("experts_gathered", Experts(), torch.randn(2, 16), 13, n("x"))
    export("experts_all", AllExperts(), torch.randn(1, 16), 13, n("x"))
    export("graph_network", GraphNet(), (torch.randn(12, 16), torch.rand(12, 12)), 13, names=("x", "adjacency"), hints={"no_batch": True})
    export("vae", Vae(), (torch.randn(1, 32), torch.randn(1, 8)), 11, n("x", "noise"), names=("x", "noise"), outputs=["y", "mean", "deviation"])
    export("loop_by_count", torch.jit.script(Looped()), (torch.randn(1, 8), 3), 13, names=("x", "n"), hints={"ranges": {"n": [2, 4]}, "no_batch": True})
    export("branches", torch.jit.script(Branches()), torch.randn(1, 8), 13, n("x"))
    export("linformer", Linformer(), torch.randn(1, 16, 32), 13, n("x"))
    export("kan_einsum", Kan(), torch.randn(1, 8), 13, n("x"))
    export("mlp_residual_3d", nn.Sequential(nn.Linear(16, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 5)), torch.randn(1, 3, 4, 16), 13, n("x"))
    export("bool_mask", type("M", (nn.Module,), {"__init__": lambda s: (nn.Module.__init__(s), setattr(s, "l", nn.Linear(16, 16)), setattr(s, "o", nn.Linear(16, 4)))[0],
           "forward": lambda s, x, keep: s.o(s.l(x).masked_fill(~keep, 0.0))})(), (torch.randn(1, 6, 16), torch.ones(1, 6, 16, dtype=torch.bool)), 13, n("x", "keep"), names=("x", "keep"))
