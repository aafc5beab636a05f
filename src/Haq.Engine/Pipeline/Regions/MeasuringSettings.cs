using System.Collections.Immutable;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Regions;

/// <summary>How files are timed: as their users run them.</summary>
internal static class MeasuringSettings
{
    /// <summary>Threads of a session: what is asked for, or as many as the machine has physical cores, which is what ONNX Runtime takes by itself.</summary>
    public static int Threads(int? asked) => asked ?? Processor.Here.Cores;

    /// <summary>ONNX Runtime's defaults, but that idle threads end their spinning with the run: otherwise those of one file would take the time of the next.</summary>
    public static SessionSettings Session(int threads) => new()
    {
        Threads = threads,
        Spinning = true,
        Entries = ImmutableDictionary<string, string>.Empty.Add("session.force_spinning_stop", "1"),
    };
}
