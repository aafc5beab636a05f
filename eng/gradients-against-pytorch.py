#!/usr/bin/python3
"""Compares gradient rules with PyTorch's automatic differentiation in double precision.

Reads what the test PyTorchTests writes: one JSON object per line with an operator, its attributes, its inputs, the numbers that the loss weighs its
outputs with, and the outputs and gradients that the engine computed for them. Every operator is written here with PyTorch, from the ONNX specification.
Prints a line per case and ends with status 1 where one differs by more than the tolerance, relative to the greatest element.

usage: gradients-against-pytorch.py CASES [TOLERANCE]
"""
import json
import math
import sys

import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def pool_pads(kind, sizes, kernel, stride, dilation, pads):
    """Padding (before, after) per axis, with auto_pad worked out."""
    if kind in ("NOTSET", ""):
        half = len(pads) // 2
        return [(pads[i], pads[i + half]) for i in range(half)]
    if kind == "VALID":
        return [(0, 0)] * len(sizes)
    result = []
    for size, k, s, d in zip(sizes, kernel, stride, dilation):
        total = max(0, (math.ceil(size / s) - 1) * s + (k - 1) * d + 1 - size)
        small, large = total // 2, total - total // 2
        result.append((small, large) if kind == "SAME_UPPER" else (large, small))
    return result


def pad(x, pairs, value=0.0):
    flat = [p for pair in reversed(pairs) for p in pair]
    return F.pad(x, flat, value=value)


def window(a, x, kernel):
    n = x.dim() - 2
    stride, dilation = a.get("strides", [1] * n), a.get("dilations", [1] * n)
    return stride, dilation, pool_pads(a.get("auto_pad", "NOTSET"), x.shape[2:], kernel, stride, dilation, a.get("pads", [0] * 2 * n))


def conv(a, x, w, b=None):
    stride, dilation, pairs = window(a, x, w.shape[2:])
    function = [F.conv1d, F.conv2d, F.conv3d][x.dim() - 3]
    return function(pad(x, pairs), w, b, stride=stride, dilation=dilation, groups=a.get("group", 1))


def conv_transpose(a, x, w, b=None):
    n = x.dim() - 2
    stride, dilation = a.get("strides", [1] * n), a.get("dilations", [1] * n)
    extra, pads = a.get("output_padding", [0] * n), a.get("pads", [0] * 2 * n)
    full = [(x.shape[2 + i] - 1) * stride[i] + (w.shape[2 + i] - 1) * dilation[i] + 1 + extra[i] for i in range(n)]
    kind = a.get("auto_pad", "NOTSET")
    size = a.get("output_shape") or ([x.shape[2 + i] * stride[i] for i in range(n)] if kind.startswith("SAME") else None)
    if size:
        # An odd rest is cut behind with SAME_UPPER, in front otherwise.
        total = [full[i] - size[i] for i in range(n)]
        before = [t // 2 if kind == "SAME_UPPER" else t - t // 2 for t in total]
        pairs = [(b0, t - b0) for b0, t in zip(before, total)]
    else:
        pairs = [(pads[i], pads[i + n]) for i in range(n)]
    function = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d][n - 1]
    y = function(x, w, None, stride=stride, dilation=dilation, groups=a.get("group", 1))
    y = pad(y, [(-p, -q + e) for (p, q), e in zip(pairs, extra)])
    return y if b is None else y + b.reshape([-1] + [1] * n)


def gemm(a, x, w, c=None):
    y = a.get("alpha", 1.0) * ((x.T if a.get("transA") else x) @ (w.T if a.get("transB") else w))
    return y if c is None else y + a.get("beta", 1.0) * c


def max_pool(a, x):
    stride, dilation, pairs = window(a, x, a["kernel_shape"])
    n = x.dim() - 2
    if a.get("ceil_mode"):
        pairs = [ceil_pair(x.shape[2 + i], a["kernel_shape"][i], stride[i], dilation[i], pairs[i]) for i in range(n)]
    function = [F.max_pool1d, F.max_pool2d, F.max_pool3d][n - 1]
    return function(pad(x, pairs, -1e30), a["kernel_shape"], stride, 0, dilation)


def ceil_pair(size, kernel, stride, dilation, pair):
    covered = size + sum(pair) - (kernel - 1) * dilation - 1
    return (pair[0], pair[1] + (-covered) % stride)


def average_pool(a, x):
    kernel, n = a["kernel_shape"], x.dim() - 2
    stride, dilation, pairs = window(a, x, kernel)
    counted = torch.ones_like(x)
    if a.get("count_include_pad"):
        counted = pad(counted, pairs, 1.0)
        x, pairs = pad(x, pairs), [(0, 0)] * n
    if a.get("ceil_mode"):
        pairs = [ceil_pair(x.shape[2 + i], kernel[i], stride[i], dilation[i], pairs[i]) for i in range(n)]
    ones = torch.ones([x.shape[1], 1] + kernel, dtype=x.dtype)
    function = [F.conv1d, F.conv2d, F.conv3d][n - 1]
    total = lambda t: function(pad(t, pairs), ones, stride=stride, dilation=dilation, groups=x.shape[1])
    return total(x) / total(counted)


def reduction(function):
    def run(a, x, axes=None):
        if axes is None and a.get("noop_with_empty_axes"):
            return x if function not in (squares, norm1, norm2) else (x * x if function is squares else x.abs())
        dims = tuple(range(x.dim())) if axes is None else tuple(int(i) % x.dim() for i in axes)
        return function(x, dims, bool(a.get("keepdims", 1)))
    return run


def squares(x, dims, keep):
    return (x * x).sum(dims, keepdim=keep)


def norm1(x, dims, keep):
    return x.abs().sum(dims, keepdim=keep)


def norm2(x, dims, keep):
    return (x * x).sum(dims, keepdim=keep).sqrt()


def layer_norm(a, x, scale, bias=None):
    axis = a.get("axis", -1) % x.dim()
    return F.layer_norm(x, x.shape[axis:], scale, bias, a.get("epsilon", 1e-5))


def batch_norm(a, x, scale, bias, mean, variance):
    return F.batch_norm(x, None if a.get("training_mode") else mean, None if a.get("training_mode") else variance, scale, bias, bool(a.get("training_mode")), 0.0, a.get("epsilon", 1e-5))


def reshape(a, x, shape):
    sizes = [int(s) for s in shape]
    return x.reshape([x.shape[i] if s == 0 else s for i, s in enumerate(sizes)])


def squeeze(a, x, axes=None):
    dims = [i for i, s in enumerate(x.shape) if s == 1] if axes is None else [int(i) % x.dim() for i in axes]
    return x.reshape([s for i, s in enumerate(x.shape) if i not in dims])


def unsqueeze(a, x, axes):
    rank = x.dim() + len(axes)
    for axis in sorted(int(i) % rank for i in axes):
        x = x.unsqueeze(axis)
    return x


def expand(a, x, shape):
    return x * torch.ones([int(s) for s in shape], dtype=x.dtype)


def split(a, x, sizes=None):
    axis = a.get("axis", 0)
    if sizes is None:
        each = math.ceil(x.shape[axis] / a["num_outputs"])
        return list(torch.split(x, each, axis))
    return list(torch.split(x, [int(s) for s in sizes], axis))


def depth_to_space(a, x):
    b, (n, c, h, w) = a["blocksize"], x.shape
    if a.get("mode", "DCR") == "CRD":
        return F.pixel_shuffle(x, b)
    return x.reshape(n, b, b, c // b // b, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // b // b, h * b, w * b)


def space_to_depth(a, x):
    b, (n, c, h, w) = a["blocksize"], x.shape
    return x.reshape(n, c, h // b, b, w // b, b).permute(0, 3, 5, 1, 2, 4).reshape(n, c * b * b, h // b, w // b)


def slicing(a, x, starts, ends, axes=None, steps=None):
    axes = range(len(starts)) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    for start, end, axis, step in zip(starts, ends, axes, steps):
        index = range(x.shape[int(axis)])[slice(int(start), None if int(step) < 0 and int(end) < -x.shape[int(axis)] else int(end), int(step))]
        x = torch.index_select(x, int(axis), torch.tensor(list(index)))
    return x


def gather(a, x, index):
    axis = a.get("axis", 0) % x.dim()
    index = index.long() % x.shape[axis]
    y = torch.index_select(x, axis, index.reshape(-1))
    return y.reshape(list(x.shape[:axis]) + list(index.shape) + list(x.shape[axis + 1:]))


def gather_elements(a, x, index):
    axis = a.get("axis", 0) % x.dim()
    return torch.gather(x, axis, index.long() % x.shape[axis])


def padding(a, x, pads, value=None, axes=None):
    half = len(pads) // 2
    pairs = [(int(pads[i]), int(pads[i + half])) for i in range(half)]
    mode = a.get("mode", "constant")
    if mode == "constant":
        return pad(x, pairs, 0.0 if value is None else float(value))
    for axis, (before, after) in enumerate(pairs):
        size = x.shape[axis]
        place = torch.arange(-before, size + after)
        place = place.clamp(0, size - 1) if mode == "edge" else (size - 1) - ((size - 1) - place.abs()).abs()
        x = torch.index_select(x, axis, place)
    return x


def resize(a, x, roi=None, scales=None, sizes=None):
    out = [int(s) for s in sizes] if sizes is not None else [math.floor(s * float(f)) for s, f in zip(x.shape, scales)]
    ratio = [o / s for o, s in zip(out, x.shape)] if sizes is not None else [float(f) for f in scales]
    mode, transformation = a.get("mode", "nearest"), a.get("coordinate_transformation_mode", "half_pixel")
    if mode != "nearest" and transformation in ("half_pixel", "pytorch_half_pixel") and out[2] > 1 and out[3] > 1:
        return F.interpolate(x, out[2:], mode={"linear": "bilinear", "cubic": "bicubic"}[mode], align_corners=False)
    if mode != "nearest" and transformation == "align_corners":
        return F.interpolate(x, out[2:], mode={"linear": "bilinear", "cubic": "bicubic"}[mode], align_corners=True)
    for axis in range(x.dim()):
        at = torch.arange(out[axis], dtype=torch.float64)
        place = at / ratio[axis] if transformation == "asymmetric" else (at + 0.5) / ratio[axis] - 0.5
        if mode == "nearest":
            rounding = a.get("nearest_mode", "round_prefer_floor")
            near = {"floor": torch.floor(place), "ceil": torch.ceil(place), "round_prefer_floor": torch.ceil(place - 0.5), "round_prefer_ceil": torch.floor(place + 0.5)}[rounding]
            x = torch.index_select(x, axis, near.clamp(0, x.shape[axis] - 1).long())
        else:
            low = torch.floor(place)
            share = (place - low).reshape([-1] + [1] * (x.dim() - 1 - axis))
            pick = lambda i: torch.index_select(x, axis, i.clamp(0, x.shape[axis] - 1).long())
            x = pick(low) * (1 - share) + pick(low + 1) * share
    return x


class RoundThrough(torch.autograd.Function):
    """Rounding that passes the gradient."""

    @staticmethod
    def forward(context, x):
        return torch.round(x)

    @staticmethod
    def backward(context, gradient):
        return gradient


class Bounded(torch.autograd.Function):
    """PACT's step learns from what is clipped alone: inside, the step is taken for a constant."""

    @staticmethod
    def forward(context, x, step, low, high):
        v = x / step
        context.save_for_backward(v, low, high)
        return torch.round(v).clamp(low, high) * step

    @staticmethod
    def backward(context, gradient):
        v, low, high = context.saved_tensors
        inside = (v >= low) & (v <= high)
        return gradient * inside, (gradient * torch.where(inside, torch.zeros_like(v), v.clamp(low, high))).sum().reshape(1), None, None


def fake_quantize(a, x, step, settings):
    low, high, offset, _ = settings
    shape = [1] * x.dim()
    if step.numel() > 1:
        shape[a.get("axis", 0)] = step.numel()
    if a.get("clipping"):
        return Bounded.apply(x, step, low, high)
    # LSQ as its paper's listing has it: clip, round straight through, scale.
    s = step.reshape(shape)
    return (RoundThrough.apply((x / s).clamp(low, high) - offset) + offset).clamp(low, high) * s


def extremum(a, x, function):
    for other in a:
        x = function(x, other)
    return x


OPERATORS = {
    "Conv": conv, "ConvTranspose": conv_transpose, "Gemm": gemm, "MatMul": lambda a, x, y: torch.matmul(x, y),
    "Add": lambda a, x, y: x + y, "Sub": lambda a, x, y: x - y, "Mul": lambda a, x, y: x * y, "Div": lambda a, x, y: x / y, "Pow": lambda a, x, y: x ** y,
    "Sum": lambda a, *x: sum(x), "Mean": lambda a, *x: sum(x) / len(x), "Max": lambda a, x, *y: extremum(y, x, torch.maximum), "Min": lambda a, x, *y: extremum(y, x, torch.minimum),
    "Where": lambda a, c, x, y: torch.where(c.bool(), x, y),
    "Identity": lambda a, x: x, "Cast": lambda a, x: x, "Dropout": lambda a, x: F.dropout(x, 0.5, False), "Neg": lambda a, x: -x, "Abs": lambda a, x: x.abs(), "Sqrt": lambda a, x: x.sqrt(),
    "Exp": lambda a, x: x.exp(), "Log": lambda a, x: x.log(), "Reciprocal": lambda a, x: x.reciprocal(), "Erf": lambda a, x: x.erf(), "Sin": lambda a, x: x.sin(), "Cos": lambda a, x: x.cos(),
    "Relu": lambda a, x: F.relu(x), "LeakyRelu": lambda a, x: F.leaky_relu(x, a.get("alpha", 0.01)), "PRelu": lambda a, x, s: torch.where(x < 0, x * s, x),
    "Clip": lambda a, x, low=None, high=None: x if low is None and high is None else x.clamp(None if low is None else float(low), None if high is None else float(high)),
    "Elu": lambda a, x: F.elu(x, a.get("alpha", 1.0)), "Selu": lambda a, x: F.selu(x), "Celu": lambda a, x: F.celu(x, a.get("alpha", 1.0)), "Sigmoid": lambda a, x: x.sigmoid(), "Tanh": lambda a, x: x.tanh(),
    "Softplus": lambda a, x: F.softplus(x), "Softsign": lambda a, x: F.softsign(x), "Mish": lambda a, x: F.mish(x), "HardSwish": lambda a, x: F.hardswish(x),
    "HardSigmoid": lambda a, x: (a.get("alpha", 0.2) * x + a.get("beta", 0.5)).clamp(0, 1), "Gelu": lambda a, x: F.gelu(x, approximate=a.get("approximate", "none")),
    "Softmax": lambda a, x: x.softmax(a.get("axis", -1)), "LogSoftmax": lambda a, x: x.log_softmax(a.get("axis", -1)),
    "BatchNormalization": batch_norm, "LayerNormalization": layer_norm, "InstanceNormalization": lambda a, x, s, b: F.instance_norm(x, None, None, s, b, True, 0.0, a.get("epsilon", 1e-5)),
    "GroupNormalization": lambda a, x, s, b: F.group_norm(x, a["num_groups"], s, b, a.get("epsilon", 1e-5)),
    "GlobalAveragePool": lambda a, x: x.mean(tuple(range(2, x.dim())), keepdim=True), "GlobalMaxPool": lambda a, x: x.amax(tuple(range(2, x.dim())), keepdim=True),
    "AveragePool": average_pool, "MaxPool": max_pool,
    "ReduceSum": reduction(lambda x, d, k: x.sum(d, keepdim=k)), "ReduceMean": reduction(lambda x, d, k: x.mean(d, keepdim=k)), "ReduceL1": reduction(norm1), "ReduceL2": reduction(norm2),
    "ReduceSumSquare": reduction(squares), "ReduceLogSumExp": reduction(lambda x, d, k: x.logsumexp(d, keepdim=k)),
    "ReduceMax": reduction(lambda x, d, k: x.amax(d, keepdim=k)), "ReduceMin": reduction(lambda x, d, k: x.amin(d, keepdim=k)),
    "Reshape": reshape, "Flatten": lambda a, x: x.reshape(math.prod(x.shape[:a.get("axis", 1)]), -1), "Squeeze": squeeze, "Unsqueeze": unsqueeze,
    "Transpose": lambda a, x: x.permute(a.get("perm", list(range(x.dim()))[::-1])), "Expand": expand, "Tile": lambda a, x, r: x.repeat([int(i) for i in r]),
    "Concat": lambda a, *x: torch.cat(x, a["axis"]), "Split": split, "DepthToSpace": depth_to_space, "SpaceToDepth": space_to_depth,
    "Slice": slicing, "Gather": gather, "GatherElements": gather_elements, "Pad": padding, "Resize": resize, "FakeQuantize": fake_quantize,
}


def tensor(given):
    if given is None:
        return None
    kind = torch.int64 if given["kind"] == "integer" else torch.float64
    value = torch.tensor(given["data"], dtype=kind).reshape(given["shape"])
    return value.requires_grad_() if given["trained"] else value


def difference(expected, got):
    expected, got = expected.detach().reshape(-1), torch.tensor(got, dtype=torch.float64)
    if expected.shape != got.shape:
        return math.inf
    return ((expected - got).abs().max() / max(1e-3, expected.abs().max().item())).item() if len(got) else 0.0


def main():
    tolerance = float(sys.argv[2]) if len(sys.argv) > 2 else 1e-4
    cases = failed = 0
    for line in open(sys.argv[1], encoding="utf-8"):
        case = json.loads(line)
        cases += 1
        name = f"{case['op']} {case['number']} {case['kernels']}"
        if case["op"] not in OPERATORS:
            print(f"FAILED {name}: this script does not know the operator")
            failed += 1
            continue
        inputs = [tensor(i) for i in case["inputs"]]
        outputs = OPERATORS[case["op"]](case["attributes"], *inputs)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        seeds = [torch.tensor(s, dtype=torch.float64) for s in case["seeds"]]
        sum((o.reshape(-1) * s).sum() for o, s in zip(outputs, seeds)).backward()
        worst = max(difference(o, g) for o, g in zip(outputs, case["outputs"]))
        what = "output"
        for value, gradient in zip(inputs, case["gradients"]):
            if gradient is None:
                continue
            own = value.grad if value.grad is not None else torch.zeros_like(value)
            if difference(own, gradient) > worst:
                worst, what = difference(own, gradient), "gradient"
        failed += worst > tolerance
        print(f"{'ok    ' if worst <= tolerance else 'FAILED'} {name}: {what} differs by {worst:.1e}")
    print(f"{cases} cases, {failed} failed")
    return 1 if failed or cases == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
