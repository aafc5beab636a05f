#!/usr/bin/env bash
# Builds one manifest with a Debug and with a Release engine, from copies of its folder whose files were made in opposite orders, each with a cache of
# its own, and compares model, policy and lock file byte for byte. Exit status 1 where they differ.
#   eng/same-bytes.sh FOLDER          FOLDER holds a haq.yaml and all that it names
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
source=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
for configuration in Debug Release; do
  dotnet build "$root/src/Haq.Tool" -c $configuration -tl:off -v q -nologo -p:RunAnalyzers=false -o "$work/engine-$configuration"
done
copy() { # order, to
  (cd "$source" && find . -type f | sort $1) | while read -r file; do
    mkdir -p "$2/$(dirname "$file")"
    cp "$source/$file" "$2/$file"
  done
}
copy "" "$work/Debug"
copy -r "$work/Release"
for configuration in Debug Release; do
  rm -f "$work/$configuration/haq.lock.json"
  HAQ_CACHE="$work/cache-$configuration" dotnet "$work/engine-$configuration/haq.dll" quantize "$work/$configuration/haq.yaml" --output "$work/out-$configuration" >/dev/null
  cp "$work/$configuration/haq.lock.json" "$work/out-$configuration/" 2>/dev/null || true
done
status=0
for file in "$work"/out-Debug/*.onnx "$work"/out-Debug/*.policy.json "$work"/out-Debug/haq.lock.json; do
  if cmp "$file" "$work/out-Release/$(basename "$file")"; then sha256sum "$file" | sed "s|$work/out-Debug/||"; else status=1; fi
done
exit $status
