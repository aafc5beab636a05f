"""What all families of made graphs share: exporting from PyTorch, saving graphs made by hand, and saying beside a graph what cannot be seen from it."""
import json, math, os, warnings
import numpy as np
import onnx
from onnx import TensorProto as T, helper, numpy_helper
import torch

warnings.filterwarnings("ignore")
N = helper.make_node
rng = np.random.default_rng(1)
folder = "."


def begin(out):
    global folder
    folder = out
    os.makedirs(out, exist_ok=True)
    torch.manual_seed(1)


def path_of(name):
    return os.path.join(folder, name + ".onnx")


def hint(name, **words):
    """Writes NAME.json: shapes (of free inputs), ranges (of inputs: [low, high) of integers, [0, scale] of reals), refused (the expected code)."""
    if words:
        with open(os.path.join(folder, name + ".json"), "w") as file:
            json.dump(words, file)


def export(name, module, inputs, opset, dynamic=None, names=("x",), outputs=None, fold=True, hints=None, **options):
    module.eval()
    torch.onnx.export(module, inputs, path_of(name), opset_version=opset, input_names=list(names), output_names=outputs, dynamic_axes=dynamic, do_constant_folding=fold, **options)
    hint(name, **(hints or {}))


def settle(module, *inputs):
    """Batch normalization with statistics that a trained network would have."""
    module.train()
    with torch.no_grad():
        for _ in range(3):
            module(*inputs)
    return module


def value(name, shape, kind=T.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def tensor(name, *shape, scale=None, kind=np.float32):
    return numpy_helper.from_array((rng.standard_normal(shape) * (scale or 1 / math.sqrt(max(1, shape[-1])))).astype(kind), name)


def constant(name, values, kind=np.float32):
    return numpy_helper.from_array(np.array(values, kind), name)


def model_of(name, nodes, inputs, outputs, initializers=(), opset=13, functions=(), extra=(), ir=None, info=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers), value_info=list(info))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), *extra], functions=list(functions), producer_name="make_graphs")
    model.ir_version = ir or (10 if opset > 18 else 8)
    return model


def save(name, nodes, inputs, outputs, initializers=(), opset=13, functions=(), extra=(), ir=None, external=False, hints=None, change=None):
    model = model_of(name, nodes, inputs, outputs, initializers, opset, functions, extra, ir)
    if change:
        change(model)
    if external:
        onnx.save_model(model, path_of(name), save_as_external_data=True, location=name + ".data", size_threshold=0)
    else:
        onnx.save(model, path_of(name))
    hint(name, **(hints or {}))
