"""MobileNetV1 1.0 for 224 x 224 images with random weights, for timing an export against float: mobilenet_v1.py FOLDER.

Writes mobilenet_v1_1.0_224.onnx, noise.npy (16 images) and haq.yaml: 'haq quantize FOLDER' then makes the 8-bit model.
"""
import os, sys
import numpy as np
import torch
import torch.nn as nn

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
torch.manual_seed(0)


def convolution(inputs, outputs, stride, groups, kernel=3):
    layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_in")
    return [layer, nn.BatchNorm2d(outputs), nn.ReLU6()]


layers, channels = convolution(3, 32, 2, 1), 32
for outputs, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]:
    layers += convolution(channels, channels, stride, channels) + convolution(channels, outputs, 1, 1, 1)
    channels = outputs
network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, 1000))
# Statistics that give every activation unit variance, as training does.
network.train()
with torch.no_grad():
    for _ in range(30):
        network(torch.randn(2, 3, 224, 224))
network.eval()
torch.onnx.export(network, torch.zeros(1, 3, 224, 224), os.path.join(folder, "mobilenet_v1_1.0_224.onnx"), opset_version=13, input_names=["image"], output_names=["logits"],
                  dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}})
np.save(os.path.join(folder, "noise.npy"), np.random.default_rng(0).standard_normal((16, 3, 224, 224)).astype(np.float32))
with open(os.path.join(folder, "haq.yaml"), "w") as manifest:
    manifest.write("""model: mobilenet_v1_1.0_224.onnx
hardware: onnxruntime
bits: 8
data: {evaluation: noise.npy}
quantization: {junctions: integer}
""")
