#!/usr/bin/env python3
"""Times the probes of this folder and writes times.csv: probe,seconds,spread_seconds.

    python3 measure.py                                       the processor, one thread
    python3 measure.py --provider qnn --option backend_path=libQnnHtp.so --option htp_performance_mode=burst
    python3 measure.py --perf-test ./onnxruntime_perf_test -- -e nnapi -i "NNAPI_FLAG_USE_FP16"

What has a time already is left out: a run that was cut off goes on where it was. Needs onnxruntime and numpy, or with
--perf-test nothing but Python and that program. Every line is printed too.
"""
import argparse
import csv
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
PROVIDERS = {
    "cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider", "tensorrt": "TensorrtExecutionProvider", "dml": "DmlExecutionProvider", "qnn": "QNNExecutionProvider",
    "openvino": "OpenVINOExecutionProvider", "coreml": "CoreMLExecutionProvider", "nnapi": "NnapiExecutionProvider", "xnnpack": "XnnpackExecutionProvider", "acl": "ACLExecutionProvider",
    "rocm": "ROCMExecutionProvider", "migraphx": "MIGraphXExecutionProvider", "vitisai": "VitisAIExecutionProvider", "webgpu": "WebGpuExecutionProvider", "snpe": "SNPEExecutionProvider",
}
TYPES = {"float": "float32", "double": "float64", "float16": "float16", "int64": "int64", "int32": "int32", "bool": "bool", "uint8": "uint8", "int8": "int8", "uint16": "uint16", "int16": "int16"}
RAW_DATA = 9
MOST_PASSES = 10_000
WARM_SECONDS = .05
# The quantiles that onnxruntime_perf_test prints, by what it calls them.
LATENCIES = {0: "Min", .5: "P50", .9: "P90", .95: "P95", .99: "P99", .999: "P999", 1: "Max"}


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def raw_data(path):
    """The bytes of a serialized TensorProto: its field 9."""
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        field, kind = key >> 3, key & 7
        if kind == 0:
            _, at = varint(data, at)
        elif kind == 2:
            length, at = varint(data, at)
            if field == RAW_DATA:
                return data[at:at + length]
            at += length
        else:
            raise SystemExit(f"{path} is damaged: write the bundle again")
    return b""


def quantile(ordered, share):
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)


def in_process(probe, options):
    import numpy
    import onnxruntime
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    provider = PROVIDERS.get(options.provider.lower(), options.provider)
    if provider not in onnxruntime.get_available_providers():
        raise SystemExit(f"this onnxruntime has no {provider}: it has {', '.join(onnxruntime.get_available_providers())}")
    given = dict(option.split("=", 1) for option in options.option)
    session = onnxruntime.InferenceSession(os.path.join(FOLDER, probe["file"]), settings, providers=[(provider, given)] if given else [provider])
    feeds = {i["name"]: numpy.frombuffer(raw_data(os.path.join(FOLDER, i["file"])), dtype=TYPES[i["type"]]).reshape(i["shape"]) for i in probe["inputs"]}
    begun, passes = time.perf_counter(), 0
    while passes < options.warmup or time.perf_counter() - begun < WARM_SECONDS:
        session.run(None, feeds)
        passes += 1
    times, begun = [], time.perf_counter()
    while len(times) < options.runs or (time.perf_counter() - begun < options.seconds and len(times) < MOST_PASSES):
        start = time.perf_counter()
        session.run(None, feeds)
        times.append(time.perf_counter() - start)
    times.sort()
    return quantile(times, .5 if options.quantile is None else options.quantile), quantile(times, .75) - quantile(times, .25)


def perf_test_options(options):
    """Options of the program, threads included: its own -x counts where it is given."""
    threads = [] if any(given.startswith("-x") for given in options.rest) else ["-x", str(options.threads)]
    return [*threads, *options.rest]


def device_of(options):
    if options.device:
        return options.device
    if options.perf_test:
        how = " ".join([os.path.basename(options.perf_test), *perf_test_options(options)])
    else:
        how = f"{options.provider}, {options.threads} thread{'s' if options.threads > 1 else ''}"
    if options.quantile not in (None, .5):
        how += f", quantile {options.quantile:g}"
    return f"{platform.node()} ({platform.machine()}, {how})"


def drop_cut_line(path):
    """Removes a last line without an end: it was cut off, and so perhaps was its number."""
    with open(path, "rb+") as file:
        whole = file.read()
        file.truncate(whole.rfind(b"\n") + 1)


def by_perf_test(probe, options):
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, os.path.basename(probe["file"]))
        shutil.copy(os.path.join(FOLDER, probe["file"]), model)
        data = os.path.join(folder, "test_data_set_0")
        os.mkdir(data)
        for number, read in enumerate(probe["inputs"]):
            shutil.copy(os.path.join(FOLDER, read["file"]), os.path.join(data, f"input_{number}.pb"))
        command = [options.perf_test, "-m", "times", "-r", str(max(options.runs, 20)), "-y", "1", *perf_test_options(options), model]
        printed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    what = "Average inference time cost" if options.quantile is None else f"{LATENCIES[options.quantile]} Latency"
    found = re.search(what + r"[^:]*:\s*([0-9.eE+-]+)\s*(ms|s)\b", printed.stdout)
    if printed.returncode != 0 or not found:
        raise SystemExit(f"{' '.join(command)} gave no time (status {printed.returncode}):\n{printed.stdout[-2000:]}")
    return float(found.group(1)) * (1e-3 if found.group(2) == "ms" else 1), None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--provider", default="cpu", help="execution provider: " + ", ".join(sorted(PROVIDERS)) + ", or its full name")
    parser.add_argument("--option", action="append", default=[], metavar="KEY=VALUE", help="an option of the provider; may be given several times")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=int, default=15, help="least number of timed runs of a probe")
    parser.add_argument("--seconds", type=float, default=.3, help="least time to measure a probe")
    parser.add_argument("--warmup", type=int, default=3, help="least number of runs before the clock starts")
    parser.add_argument("--quantile", type=float, metavar="Q",
                        help="which of the timed runs counts, from 0 (the fastest) to 1 (the slowest): .25 where other programs disturb, .99 for deadlines; default: .5, the median (with --perf-test: the mean)")
    parser.add_argument("--device", help="what is measured; default: this machine, provider and threads")
    parser.add_argument("--perf-test", metavar="PROGRAM", help="measure with onnxruntime_perf_test; its own arguments follow --")
    parser.add_argument("--output", default=os.path.join(FOLDER, "times.csv"))
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.quantile is not None and not 0 <= options.quantile <= 1:
        parser.error("--quantile takes a number from 0 to 1")
    if options.perf_test and options.quantile is not None and options.quantile not in LATENCIES:
        parser.error("onnxruntime_perf_test knows the quantiles " + ", ".join(f"{q:g}" for q in LATENCIES))
    with open(os.path.join(FOLDER, "measure.json"), encoding="utf-8") as file:
        probes = json.load(file)["probes"]
    done = set()
    if os.path.exists(options.output):
        drop_cut_line(options.output)
        with open(options.output, encoding="utf-8") as file:
            done = {row[0] for row in csv.reader(file) if row and not row[0].startswith("#")}
    with open(options.output, "a", encoding="utf-8") as file:
        if not done:
            device = device_of(options)
            file.write(f"# device: {device}\nprobe,seconds,spread_seconds\n")
            print(f"# device: {device}", flush=True)
        for number, probe in enumerate(probes, 1):
            if probe["name"] in done:
                continue
            seconds, spread = by_perf_test(probe, options) if options.perf_test else in_process(probe, options)
            line = f"{probe['name']},{seconds:.9g}" + ("" if spread is None else f",{spread:.9g}")
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
            print(line, flush=True)
            print(f"{number} of {len(probes)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
