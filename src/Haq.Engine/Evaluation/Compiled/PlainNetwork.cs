using System.Collections.Immutable;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>A network in one session of its own.</summary>
internal sealed class PlainNetwork(OrtSession session, ImmutableArray<string> outputs) : INetwork
{
    /// <summary>Prepares the network of a policy; <paramref name="graph"/> is its float model's.</summary>
    public static PlainNetwork Of(EvaluationGraph graph, QuantizedModel quantized, ImmutableArray<string> outputs)
    {
        var model = quantized.Model;
        if (!model.IsLarge) return new PlainNetwork(new OrtSession(graph.Build(quantized), model.Name, ExactSessions.Settings, graph.Folder), outputs);
        NativeRoom.Make();
        return Exported(quantized, outputs, ExactSessions.For(model));
    }

    /// <summary>The network from its exported form. As float constants a large network's weights would not fit one message; as integers they take a quarter, and the numbers are the same.</summary>
    public static PlainNetwork Exported(QuantizedModel quantized, ImmutableArray<string> outputs, SessionSettings settings) =>
        new(new OrtSession(QdqExporter.Export(quantized), settings), outputs);

    public OrtTensor[] Run(SampleCache.Slot batch) => session.Run(batch.Inputs, outputs);

    public void Dispose() => session.Dispose();
}
