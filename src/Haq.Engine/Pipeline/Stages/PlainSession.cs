using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>How somebody who has only the file runs it.</summary>
internal static class PlainSession
{
    /// <summary>ONNX Runtime's defaults but for the number of threads, which stays the machine's own concern.</summary>
    public static SessionSettings Settings { get; } = new() { Threads = 1 };
}
