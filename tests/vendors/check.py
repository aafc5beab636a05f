#!/usr/bin/env python3
"""check.py TARGET FILE...: holds QDQ files against a vendor's documents; a line a violation (file, rule, node, text between tabs), exit status 1 where there is one.

A second reading of the documents: it shares neither code nor profiles with haq, and needs nothing but Python."""

import sys

import onnx_standard
import others
import qnn
import tensorrt
from onnx_file import read
from pairs import Reading
from rules import ALL, violations

MODULES = (onnx_standard, others, qnn, tensorrt)
TARGETS = sorted({one.target for one in ALL} - {"onnx"})


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in TARGETS:
        print(f"check.py TARGET FILE..., TARGET being one of {', '.join(TARGETS)}", file=sys.stderr)
        return 2
    found = 0
    for path in arguments[1:]:
        for one, node, what in violations(arguments[0], Reading(read(path))):
            print(path, one.name, node, what, sep="\t")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
