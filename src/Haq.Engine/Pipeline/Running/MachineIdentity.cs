using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Running;

/// <summary>
/// What of this machine the last bits of a computation depend on: the system, whose ONNX Runtime another compiler built, ONNX Runtime and .NET with their versions, and the
/// instructions that the kernels of both choose between. A cache that several machines
/// share holds a result for each kind of them.
/// </summary>
internal static class MachineIdentity
{
    /// <summary>For people.</summary>
    public static string Description { get; } = string.Join("; ",
        OperatingSystem.IsWindows() ? "Windows" : OperatingSystem.IsMacOS() ? "macOS" : "Linux",
        $"ONNX Runtime {OrtVersion.Text}", $".NET {Environment.Version}", RuntimeInformation.ProcessArchitecture.ToString(), string.Join(' ', Instructions()));

    /// <summary>SHA-256 of it.</summary>
    public static string Digest { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Description)));

    // .NET's own switches (DOTNET_EnableAVX2=0) change what is supported to it; ONNX Runtime asks the processor.
    private static IEnumerable<string> Instructions()
    {
        yield return $"vector{Vector<byte>.Count}";
        if (Vector512.IsHardwareAccelerated) yield return "v512";
        if (Avx2.IsSupported) yield return "avx2";
        if (Fma.IsSupported) yield return "fma";
        if (Avx512F.IsSupported) yield return "avx512f";
        if (AvxVnni.IsSupported) yield return "avxvnni";
        if (AdvSimd.IsSupported) yield return "neon";
        if (Dp.IsSupported) yield return "dot";
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7) yield break;
        var (most, b, c, d) = X86Base.CpuId(7, 0);
        yield return $"cpuid{b:x8}.{c:x8}.{d:x8}{(most > 0 ? $".{X86Base.CpuId(7, 1).Eax:x8}" : "")}";
    }
}
