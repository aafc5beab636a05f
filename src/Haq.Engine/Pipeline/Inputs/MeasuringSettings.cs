using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>How files are timed: as their users run them.</summary>
internal static class MeasuringSettings
{
    // What a stock session takes for products with blocks of weights: activations in 8 bits.
    private const int StockAccuracy = 4;

    /// <summary>The same where a plan was chosen; other files are held against what they say.</summary>
    public static SessionSettings Scoring(OnnxModel original, bool hasPlan) => hasPlan ? Scoring(original) : PlainSession.For(original);

    /// <summary>Sessions that outputs are compared in: ONNX Runtime's defaults on one thread.</summary>
    public static SessionSettings Scoring(OnnxModel original) => PlainSession.For(original) with { MatMulNBitsAccuracy = StockAccuracy };

    /// <summary>Threads of a session: what is asked for, or as many as the machine has physical cores, which is what ONNX Runtime takes by itself.</summary>
    public static int Threads(int? asked) => asked ?? Processor.Here.Cores;

    /// <summary>ONNX Runtime's defaults, but that idle threads end their spinning with the run: otherwise those of one file would take the time of the next.</summary>
    public static SessionSettings Session(int threads) => new()
    {
        Threads = threads,
        Spinning = true,
        MatMulNBitsAccuracy = StockAccuracy,
        Entries = ImmutableDictionary<string, string>.Empty.Add("session.force_spinning_stop", "1"),
    };
}
