"""Makes networks of many kinds with PyTorch's exporter and ONNX's helpers, for the zoo tests: make_graphs.py FOLDER [FAMILY ...].

Every file is a graph that no other part of this repository has. Beside some of them stands a NAME.json with what cannot be seen from the graph (graph_files.hint).
"""
import importlib, os, sys
import graph_files

FAMILIES = ("classics", "convolutional", "sequences", "handmade", "awkward", "quantized")

for family in sys.argv[2:] or FAMILIES:
    graph_files.begin(sys.argv[1])
    importlib.import_module(family).make()
print(len([f for f in os.listdir(sys.argv[1]) if f.endswith(".onnx")]), "graphs")
