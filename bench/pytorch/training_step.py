"""A training step in PyTorch, on the shapes of bench/Haq.Benchmarks/TrainingNetwork.cs. Answers each line on stdin with the median and the least
milliseconds of a second of steps, of the faster variant: of two memory formats, or for the agent of two ways to write the optimizer and of one thread or all.

    training_step.py mobilenet|resnet|ddpg WIDTH RESOLUTION BATCH lsq|float THREADS
"""
import statistics
import sys
import time

import torch
from torch import nn


class Lsq(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, step, low, high, scale):
        v = x / step
        q = v.round().clamp(low, high)
        ctx.save_for_backward(v, q, step)
        ctx.low, ctx.high, ctx.scale = low, high, scale
        return q * step

    @staticmethod
    def backward(ctx, dy):
        v, q, step = ctx.saved_tensors
        inside = (v >= ctx.low) & (v <= ctx.high)
        slope = q - torch.where(inside, v, torch.zeros_like(v))
        axes = [i for i in range(v.dim()) if i >= step.dim() or step.shape[i] == 1]
        return dy * inside, (dy * slope).sum(axes, keepdim=True).reshape(step.shape) * ctx.scale, None, None, None


class Block(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, groups, quantized, quantize_input, relu):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.quantized, self.quantize_input, self.relu = quantized, quantized and quantize_input, relu
        if quantized:
            self.weight_step = nn.Parameter(torch.full((outputs, 1, 1, 1), 0.02))
        if self.quantize_input:
            self.input_step = nn.Parameter(torch.full((1, 1, 1, 1), 4 / 63))

    def forward(self, x):
        w = self.conv.weight
        if self.quantized:
            w = Lsq.apply(w, self.weight_step, -31, 31, (w[0].numel() * 31) ** -0.5)
        if self.quantize_input:
            x = Lsq.apply(x, self.input_step, 0, 63, (x[0].numel() * 63) ** -0.5)
        y = self.norm(nn.functional.conv2d(x, w, None, self.conv.stride, self.conv.padding, 1, self.conv.groups))
        return torch.relu(y) if self.relu else y


class MobileNet(nn.Module):
    def __init__(self, width, resolution, quantized):
        super().__init__()
        channels = lambda c: max(8, int(c * width + 4) // 8 * 8)
        layers, c = [Block(3, channels(32), 3, 2 if resolution >= 64 else 1, 1, quantized, False, True)], channels(32)
        for wide, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]:
            layers += [Block(c, c, 3, stride, c, quantized, True, True), Block(c, channels(wide), 1, 1, 1, quantized, True, True)]
            c = channels(wide)
        self.layers, self.dense = nn.Sequential(*layers), nn.Linear(c, 10)

    def forward(self, x):
        return self.dense(self.layers(x).mean((2, 3)))


class ResNet20(nn.Module):
    def __init__(self, quantized):
        super().__init__()
        self.first, self.blocks, c = Block(3, 16, 3, 1, 1, quantized, False, True), nn.ModuleList(), 16
        for wide in (16, 32, 64):
            for i in range(3):
                stride = 2 if wide > 16 and i == 0 else 1
                skip = Block(c, wide, 1, 2, 1, quantized, True, False) if stride == 2 else nn.Identity()
                self.blocks.append(nn.ModuleList([Block(c, wide, 3, stride, 1, quantized, True, True), Block(wide, wide, 3, 1, 1, quantized, True, False), skip]))
                c = wide
        self.dense = nn.Linear(64, 10)

    def forward(self, x):
        x = self.first(x)
        for a, b, skip in self.blocks:
            x = torch.relu(b(a(x)) + skip(x))
        return self.dense(x.mean((2, 3)))


def agents(batch, threads):
    """Actor and critic 10-400-300-1 with targets; the optimizer tensor by tensor and with one call for all, on one thread and on all."""
    def build(foreach, threads):
        def net(inputs):
            return nn.Sequential(nn.Linear(inputs, 400), nn.ReLU(), nn.Linear(400, 300), nn.ReLU(), nn.Linear(300, 1))

        actor, critic, actor_target, critic_target = net(10), net(11), net(10), net(11)
        state, after, action, reward, going_on = torch.rand(batch, 10), torch.rand(batch, 10), torch.rand(batch, 1), torch.randn(batch, 1), torch.ones(batch, 1)
        actor_adam = torch.optim.Adam(actor.parameters(), 1e-4, foreach=foreach)
        critic_adam = torch.optim.Adam(critic.parameters(), 1e-3, foreach=foreach)
        followed = list(zip([*actor_target.parameters(), *critic_target.parameters()], [*actor.parameters(), *critic.parameters()]))

        def step():
            torch.set_num_threads(threads)
            with torch.no_grad():
                wanted = reward + going_on * critic_target(torch.cat([after, torch.sigmoid(actor_target(after))], 1))
            critic_adam.zero_grad(set_to_none=True)
            nn.functional.mse_loss(critic(torch.cat([state, action], 1)), wanted).backward()
            critic_adam.step()
            actor_adam.zero_grad(set_to_none=True)
            critic.requires_grad_(False)
            (-critic(torch.cat([state, torch.sigmoid(actor(state))], 1)).mean()).backward()
            critic.requires_grad_(True)
            actor_adam.step()
            with torch.no_grad():
                if foreach:
                    torch._foreach_mul_([t for t, _ in followed], 0.99)
                    torch._foreach_add_([t for t, _ in followed], [p for _, p in followed], alpha=0.01)
                else:
                    for target, source in followed:
                        target.lerp_(source, 0.01)

        return step

    return [build(foreach, t) for foreach in (False, True) for t in {1, threads}]


def main():
    kind, width, resolution, batch, mode, threads = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5], int(sys.argv[6])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    variants = agents(batch, threads) if kind == "ddpg" else []
    for layout in () if kind == "ddpg" else (torch.contiguous_format, torch.channels_last):
        net = (MobileNet(width, resolution, mode == "lsq") if kind == "mobilenet" else ResNet20(mode == "lsq")).to(memory_format=layout)
        x = torch.randn(batch, 3, resolution, resolution).to(memory_format=layout)
        target = torch.randint(10, (batch,))
        optimizer = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9)

        def step(net=net, x=x, target=target, optimizer=optimizer):
            optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(net(x), target).backward()
            optimizer.step()

        variants.append(step)
    print("ready", flush=True)
    for _ in sys.stdin:
        best = fastest = float("inf")
        for step in variants:
            times, end = [], time.perf_counter() + 1
            while len(times) < 3 or time.perf_counter() < end:
                start = time.perf_counter()
                step()
                times.append((time.perf_counter() - start) * 1e3)
            best, fastest = min(best, statistics.median(times)), min(fastest, *times)
        print(best, fastest, flush=True)


main()
