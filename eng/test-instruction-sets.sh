#!/bin/sh
# Runs the kernel tests with instruction sets turned off, so that the narrower registers do the work. From the repository's root, after a build.
set -e
for off in "" DOTNET_EnableAVX512=0 DOTNET_EnableAVX2=0; do
    echo "== ${off:-all instruction sets}"
    env $off dotnet test tests/Haq.Engine.Tests --no-build --nologo -v q \
        --filter "FullyQualifiedName~Runtime.Kernels|FullyQualifiedName~engines_kernels|FullyQualifiedName~NetworkGradient"
done
