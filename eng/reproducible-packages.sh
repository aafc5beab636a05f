#!/usr/bin/env bash
# Packs the MSBuild package and the tools from two clones of HEAD in two folders, and compares them byte for byte. Exit status 1 where they differ.
#   eng/reproducible-packages.sh [FOLDER]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=${1:-$(mktemp -d)}
commit=$(git -C "$root" rev-parse HEAD)
export CI=true DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
for name in one another/folder; do
  git clone -q --no-hardlinks "$root" "$work/$name"
  # Whoever commits meanwhile changes nothing.
  git -C "$work/$name" checkout -q "$commit"
  for project in Haq.Build.Tasks Haq.Tool Haq.Dashboard; do
    dotnet pack "$work/$name/src/$project" -c Release -tl:off -v q -nologo -p:PackNativesFor=host -o "$work/$name/packages"
  done
done
status=0
for package in "$work"/one/packages/*.nupkg; do
  if cmp "$package" "$work/another/folder/packages/$(basename "$package")"; then sha256sum "$package"; else status=1; fi
done
exit $status
