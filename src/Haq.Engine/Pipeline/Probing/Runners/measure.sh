#!/bin/sh
# Times the probes of this folder with onnxruntime_perf_test, on devices that have a shell and no Python, and writes times.csv.
#
#     sh measure.sh ./onnxruntime_perf_test -e xnnpack -x 4
#     sh measure.sh --quantile 0.5 ./onnxruntime_perf_test -e xnnpack -x 4
#
# The mean of the runs counts, or the quantile that is asked for: 0, 0.5, 0.9, 0.95, 0.99, 0.999 or 1, which are those that the program prints.
# What has a time already is left out: a run that was cut off goes on where it was. Every line is printed too.
set -eu
# Numbers have points, whatever the language.
LC_ALL=C
export LC_ALL
usage="usage: sh measure.sh [--quantile 0|0.5|0.9|0.95|0.99|0.999|1] PERF_TEST [its options]"
what='Average inference time cost'
how=
if [ "${1-}" = --quantile ]; then
    case "${2-}" in
        0) what='Min Latency' ;;
        0.5 | .5) what='P50 Latency' ;;
        0.9 | .9) what='P90 Latency' ;;
        0.95 | .95) what='P95 Latency' ;;
        0.99 | .99) what='P99 Latency' ;;
        0.999 | .999) what='P999 Latency' ;;
        1) what='Max Latency' ;;
        *) echo "$usage" >&2; exit 2 ;;
    esac
    how=", quantile $2"
    shift 2
fi
[ $# -ge 1 ] || { echo "$usage" >&2; exit 2; }
program=$1
shift
folder=$(cd "$(dirname "$0")" && pwd)
times=$folder/times.csv
# A last line without an end was cut off, and so perhaps was its number.
if [ -s "$times" ] && [ -n "$(tail -c 1 "$times")" ]; then
    sed '$d' "$times" >"$times.tmp"
    mv "$times.tmp" "$times"
fi
[ -s "$times" ] || { echo "# device: $(uname -n) ($(uname -m), $program $*$how)"; echo "probe,seconds,spread_seconds"; } >>"$times"
for model in "$folder"/probes/*.onnx; do
    name=$(basename "$model" .onnx)
    grep -q "^$name," "$times" && continue
    printed=$("$program" -m times -r 20 -I "$@" "$model" 2>&1) || { echo "$printed" | tail -n 20 >&2; exit 1; }
    seconds=$(echo "$printed" | sed -n "s/.*$what[^:]*:[ ]*\([0-9.eE+-]*\) *\(m*\)s.*/\1 \2/p" | head -n 1 | awk '{printf "%.9g", $2 == "m" ? $1 / 1000 : $1}')
    [ -n "$seconds" ] || { echo "$program printed no '$what' for $name" >&2; echo "$printed" | tail -n 20 >&2; exit 1; }
    echo "$name,$seconds" | tee -a "$times"
done
