using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Haq.Engine.Runtime;

/// <summary>The processor that this process runs on, as far as it decides how fast ONNX Runtime is.</summary>
/// <param name="Name">What it calls itself.</param>
/// <param name="InstructionSets">Those that ONNX Runtime has kernels for, in a fixed order.</param>
/// <param name="Cores">Physical cores: the threads that ONNX Runtime takes unless told otherwise.</param>
public sealed record Processor(string Name, ImmutableArray<string> InstructionSets, int Cores)
{
    private const string CpuInfo = "/proc/cpuinfo";

    /// <summary>This machine's.</summary>
    public static Processor Here { get; } = Find();

    /// <summary>For example <c>AMD EPYC (avx2)</c>.</summary>
    public override string ToString() => InstructionSets.IsEmpty ? Name : $"{Name} ({string.Join(", ", InstructionSets)})";

    private static Processor Find()
    {
        var (name, cores) = (RuntimeInformation.ProcessArchitecture.ToString(), Environment.ProcessorCount);
        var flags = new HashSet<string>(StringComparer.Ordinal);
        if (File.Exists(CpuInfo)) ReadLinux(ref name, ref cores, flags);
        return new Processor(name, Sets(flags), cores);
    }

    private static void ReadLinux(ref string name, ref int cores, HashSet<string> flags)
    {
        string socket = "0";
        var found = new HashSet<(string, string)>();
        foreach (string line in File.ReadLines(CpuInfo))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) continue;
            string value = line[(colon + 1)..].Trim();
            switch (line[..colon].Trim())
            {
                case "model name": name = value; break;
                case "physical id": socket = value; break;
                case "core id": found.Add((socket, value)); break;
                case "flags" or "Features": flags.UnionWith(value.Split(' ')); break;
            }
        }
        // A container may have fewer processors than the machine has cores.
        if (found.Count > 0) cores = Math.Min(cores, found.Count);
    }

    // .NET tells of AVX2 and the dot products of Arm everywhere; VNNI without AVX-512 and AMX only where the system lists flags.
    private static ImmutableArray<string> Sets(HashSet<string> flags)
    {
        var sets = ImmutableArray.CreateBuilder<string>();
        if (Avx2.IsSupported) sets.Add("avx2");
        if (AvxVnni.IsSupported || flags.Contains("avx_vnni")) sets.Add("avx_vnni");
        if (Avx512BW.IsSupported) sets.Add("avx512bw");
        if (flags.Contains("avx512_vnni")) sets.Add("avx512_vnni");
        if (flags.Contains("amx_int8")) sets.Add("amx_int8");
        if (Dp.IsSupported) sets.Add("dotprod");
        if (flags.Contains("i8mm")) sets.Add("i8mm");
        return sets.ToImmutable();
    }
}
