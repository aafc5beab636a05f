"""How pairs of QuantizeLinear and DequantizeLinear stand in a file. What each computes: ONNX operators QuantizeLinear and DequantizeLinear, versions 10 to 25."""

from collections import namedtuple

from onnx_file import BOOL, FLOAT, INT64, REALS, Tensor

# type: of the integers. scales, zeros: lists, None where a node computes them. axis: None for one scale. block: 0 for none.
Grid = namedtuple("Grid", "type scales zeros axis block")

INTEGERS = {"Shape", "Size", "ArgMax", "ArgMin", "NonZero"}
TRUTHS = {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Not", "Xor", "IsNaN", "IsInf"}
LAYERS = {"Conv", "ConvTranspose", "Gemm", "MatMul"}
MOVES = {"Transpose", "Reshape", "Identity", "Squeeze", "Unsqueeze", "Flatten"}


class Reading:
    def __init__(self, model):
        self.model = model
        self.makers = {o: n for n in model.nodes for o in n.outputs if o}
        self.readers = {}
        for node in model.nodes:
            for tensor in node.inputs:
                self.readers.setdefault(tensor, []).append(node)
        self.constants = set(model.tensors)
        self.types = {name: tensor.type for name, tensor in model.tensors.items()}
        self.types.update({name: value.type for name, value in model.values.items() if value.type})
        for node in model.nodes:
            self._pass(node)
        self.results = {o.name for o in model.outputs}
        self.work = [n for n in model.nodes if not is_pair(n) and n.kind != "Constant" and not self.is_constant(n)]

    # Nodes of a sound file come after what they read.
    def _pass(self, node):
        read = [i for i in node.inputs if i]
        if node.kind == "Constant" or (read and not node.bodies and all(i in self.constants for i in read)):
            self.constants.update(node.outputs)
        for place, output in enumerate(node.outputs):
            if output not in self.types:
                self.types[output] = self._type(node, place)

    def _type(self, node, place):
        if node.kind == "QuantizeLinear":
            return self.types.get(node.inputs[2], 2) if len(node.inputs) > 2 else node.attributes.get("output_dtype", 2)
        if node.kind == "DequantizeLinear":
            return FLOAT
        if node.kind == "Constant":
            value = node.attributes.get("value")
            return value.type if isinstance(value, Tensor) else FLOAT if any("float" in a for a in node.attributes) else INT64
        if node.kind == "Cast":
            return node.attributes.get("to", FLOAT)
        if node.kind in INTEGERS or (node.kind == "TopK" and place == 1):
            return INT64
        if node.kind in TRUTHS:
            return BOOL
        source = node.inputs[1] if node.kind == "Where" else node.inputs[0] if node.inputs else ""
        return self.types.get(source, FLOAT)

    def is_constant(self, node):
        return all(o in self.constants for o in node.outputs)

    def is_real(self, tensor):
        return self.types.get(tensor, FLOAT) in REALS

    def maker(self, tensor, kind=None):
        node = self.makers.get(tensor)
        return node if node and (kind is None or node.kind == kind) else None

    def numbers(self, tensor):
        """What a constant holds; None where it is computed or lies elsewhere."""
        if tensor in self.model.tensors:
            return self.model.tensors[tensor].values()
        node = self.maker(tensor, "Constant")
        if node:
            value = node.attributes.get("value", next(iter(node.attributes.values()), None))
            return value.values() if isinstance(value, Tensor) else value if isinstance(value, list) else [value]
        node = self.maker(tensor, "Identity")
        return self.numbers(node.inputs[0]) if node else None

    def grid(self, pair):
        scales = self.numbers(pair.inputs[1])
        has_zero = len(pair.inputs) > 2 and pair.inputs[2]
        zeros = self.numbers(pair.inputs[2]) if has_zero else [0]
        kind = self.types.get(pair.inputs[2]) if has_zero else self.types.get(pair.inputs[0]) if pair.kind == "DequantizeLinear" else pair.attributes.get("output_dtype") or 2
        block = pair.attributes.get("block_size", 0)
        many = block > 0 or (scales is not None and len(scales) > 1)
        return Grid(kind, scales, zeros, pair.attributes.get("axis", 1) if many else None, block)

    def activations(self):
        """Pairs' nodes over what the network computes."""
        return [n for n in self.model.nodes if is_pair(n) and n.inputs[0] not in self.constants]

    def stored(self, tensor):
        """The DequantizeLinear of a constant, through nodes that only move numbers; None where the constant is real or computed."""
        while tensor in self.constants and tensor in self.makers:
            node = self.makers[tensor]
            if node.kind == "DequantizeLinear":
                return node
            if node.kind not in MOVES:
                return None
            tensor = node.inputs[0]
        return None

    def read_through(self, tensor):
        """The DequantizeLinear behind which an activation is read; None where it is read as it is."""
        node = self.maker(tensor, "DequantizeLinear")
        return node if node and tensor not in self.constants else None

    def layers(self):
        """Layers between pairs: node, DequantizeLinear of what it reads, DequantizeLinear of its weights, of its bias."""
        for node in self.work:
            if node.operator not in LAYERS or len(node.inputs) < 2:
                continue
            read, weights = self.read_through(node.inputs[0]), self.stored(node.inputs[1])
            if read and weights:
                yield node, read, weights, self.stored(node.inputs[2]) if len(node.inputs) > 2 and node.inputs[2] else None

    def bias_of(self, node):
        return node.inputs[2] if node.operator in ("Conv", "ConvTranspose", "Gemm") and len(node.inputs) > 2 and node.inputs[2] else None

    def without_pair(self, fused):
        """Reals that pass from node to node, or leave, without a pair. What stands in `fused` may read the node before it as it is."""
        for node in self.work:
            for tensor in node.inputs:
                if not tensor or tensor in self.constants or not self.is_real(tensor) or self.read_through(tensor):
                    continue
                if not (node.operator in fused and tensor in self.makers):
                    yield node, tensor, "is read without a pair"
        for name in self.results:
            if self.is_real(name) and name in self.makers and not self.maker(name, "DequantizeLinear"):
                yield self.makers[name], name, "leaves without a pair"


def is_pair(node):
    return node.kind in ("QuantizeLinear", "DequantizeLinear") and node.domain in ("", "com.microsoft")
