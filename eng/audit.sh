#!/usr/bin/env bash
# Packages that the projects under src/ use, direct and transitive: exit status 1 where one has a published advisory, and a list of all of them (CycloneDX). Where no source knows of advisories, it says so and goes on.
#   eng/audit.sh [FOLDER]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$root/artifacts/sbom}
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
mkdir -p "$out"
status=0
for project in Haq.Build.Tasks Haq.Engine Haq.Tool Haq.Dashboard; do
  if ! dotnet list "$root/src/$project/$project.csproj" package --vulnerable --include-transitive --format json >"$out/$project.advisories.json" 2>&1; then
    echo "$project: advisories could not be read"
  elif grep -q '"advisoryurl"' "$out/$project.advisories.json"; then
    grep -E '"(id|resolvedVersion|severity|advisoryurl)"' "$out/$project.advisories.json"
    status=1
  else
    echo "$project: no advisories"
  fi
done
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
dotnet tool install CycloneDX --version 6.3.1 --tool-path "$tools" >/dev/null
for project in Haq.Build.Tasks Haq.Tool Haq.Dashboard; do
  "$tools/dotnet-CycloneDX" "$root/src/$project/$project.csproj" --output "$out" --filename "$project.cdx.json" --output-format Json --disable-package-restore >/dev/null
  test -s "$out/$project.cdx.json"
  echo "$out/$project.cdx.json: $(grep -c '"purl"' "$out/$project.cdx.json") packages"
done
exit $status
