using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Outputs;

/// <summary>How somebody who has only the file runs it.</summary>
internal static class PlainSession
{
    /// <summary>ONNX Runtime's defaults but for the number of threads, which stays the machine's own concern.</summary>
    public static SessionSettings Settings { get; } = new() { Threads = 1 };

    /// <summary>The same for <paramref name="original"/> and what is made of it. A large network's intermediate weights are not kept from run to run: they would be gigabytes.</summary>
    public static SessionSettings For(OnnxModel original) => Settings with { Arena = !original.IsHuge };

    /// <summary>
    /// The same for a file that is <paramref name="elsewhere"/> to run, on another toolchain's hardware: sums of products of int8 weights do not saturate at 16 bits,
    /// as they do by default on x64 processors without VNNI.
    /// </summary>
    public static SessionSettings For(OnnxModel original, bool elsewhere) =>
        elsewhere ? For(original) with { Entries = Settings.Entries.Add("session.x64quantprecision", "1") } : For(original);
}
