#!/bin/sh
# Times the probes of this folder with onnxruntime_perf_test, on devices that have a shell and no Python, and writes times.csv.
#
#     sh measure.sh ./onnxruntime_perf_test -e xnnpack -x 4
#
# What has a time already is left out: a run that was cut off goes on where it was. Every line is printed too.
set -eu
# Numbers have points, whatever the language.
LC_ALL=C
export LC_ALL
[ $# -ge 1 ] || { echo "usage: sh measure.sh PERF_TEST [its options]" >&2; exit 2; }
program=$1
shift
folder=$(cd "$(dirname "$0")" && pwd)
times=$folder/times.csv
# A last line without an end was cut off, and so perhaps was its number.
if [ -s "$times" ] && [ -n "$(tail -c 1 "$times")" ]; then
    sed '$d' "$times" >"$times.tmp"
    mv "$times.tmp" "$times"
fi
[ -s "$times" ] || { echo "# device: $(uname -n) ($(uname -m), $program $*)"; echo "probe,seconds,spread_seconds"; } >>"$times"
for model in "$folder"/probes/*.onnx; do
    name=$(basename "$model" .onnx)
    grep -q "^$name," "$times" && continue
    printed=$("$program" -m times -r 20 -I "$@" "$model" 2>&1) || { echo "$printed" | tail -n 20 >&2; exit 1; }
    seconds=$(echo "$printed" | sed -n 's/.*Average inference time cost[^:]*:[ ]*\([0-9.eE+-]*\) ms.*/\1/p' | head -n 1 | awk '{printf "%.9g", $1 / 1000}')
    [ -n "$seconds" ] || { echo "$program printed no average time for $name" >&2; echo "$printed" | tail -n 20 >&2; exit 1; }
    echo "$name,$seconds" | tee -a "$times"
done
