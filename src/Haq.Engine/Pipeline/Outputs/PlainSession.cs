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
}
