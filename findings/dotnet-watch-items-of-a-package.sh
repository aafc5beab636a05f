#!/usr/bin/env bash
# 'dotnet watch' of SDK 10.0.401 runs a target that a project names in CustomCollectWatchItems, and one that a package names in its .props; one that a package names in its .targets is
# never run, without a word.
#
# Guess: the property is read when the list of files is asked for, so that a package may add to it wherever packages add to such lists, which is their .targets, imported last.
# Seen:  the watcher brings its own targets in through CustomAfterMicrosoftCommonTargets, and they copy the property into the dependencies of their target as they are evaluated. The
#        .targets of packages are imported after that. The same target, the same item:
#          named by the project: watched
#          named by a package's .props: watched
#          named by a package's .targets: not watched
# Ends with 0 while that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 NUGET_PACKAGES="$folder/packages"
echo '{"sdk": {"version": "10.0.401", "rollForward": "disable"}}' > global.json
echo "SDK $(dotnet --version)"

name='<PropertyGroup><CustomCollectWatchItems>$(CustomCollectWatchItems);CollectMore</CustomCollectWatchItems></PropertyGroup>'
target='<Target Name="CollectMore"><ItemGroup><Watch Include="$(MSBuildProjectDirectory)/collected.txt" /></ItemGroup></Target>'

# A package with these two files and nothing else.
pack() { # id, .props, .targets
  mkdir -p "pack/$1/build"
  echo "<Project>$2</Project>" > "pack/$1/build/$1.props"
  echo "<Project>$3</Project>" > "pack/$1/build/$1.targets"
  cat > "pack/$1/$1.csproj" <<P
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework><PackageId>$1</PackageId><Version>1.0.0</Version>
    <IncludeBuildOutput>false</IncludeBuildOutput><SuppressDependenciesWhenPacking>true</SuppressDependenciesWhenPacking><NoWarn>NU5128</NoWarn>
  </PropertyGroup>
  <ItemGroup><None Include="build/**" Pack="true" PackagePath="build" /></ItemGroup>
</Project>
P
  dotnet pack "pack/$1" -o feed -tl:off -v q > pack.log || { cat pack.log; exit 2; }
}

# An application that references a package or says it all itself: whether collected.txt is watched.
watched() { # folder, what the project holds
  mkdir "$1"
  echo "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><RestoreAdditionalProjectSources>$folder/feed</RestoreAdditionalProjectSources></PropertyGroup>$2</Project>" > "$1/$1.csproj"
  echo 'System.Console.WriteLine();' > "$1/Program.cs"
  echo text > "$1/collected.txt"
  dotnet restore "$1" -v q > restore.log || { cat restore.log; exit 2; }
  if dotnet watch --project "$1" --list 2>&1 | grep -q 'collected\.txt$'; then echo watched; else echo "not watched"; fi
}

pack Probe.Early "$name" "$target"
pack Probe.Late "" "$name$target"
project=$(watched itself "$name$target")
early=$(watched early '<ItemGroup><PackageReference Include="Probe.Early" Version="1.0.0" /></ItemGroup>')
late=$(watched late '<ItemGroup><PackageReference Include="Probe.Late" Version="1.0.0" /></ItemGroup>')
echo "named by the project: $project"
echo "named by a package's .props: $early"
echo "named by a package's .targets: $late"
[ "$project" = watched ] && [ "$early" = watched ] && [ "$late" = "not watched" ]
