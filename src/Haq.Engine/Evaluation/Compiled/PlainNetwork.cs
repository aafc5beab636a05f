using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>A network in one session of its own.</summary>
internal sealed class PlainNetwork(OrtSession session, string output) : INetwork
{
    /// <summary>Prepares the network of a policy; <paramref name="graph"/> is its float model's.</summary>
    public static PlainNetwork Of(EvaluationGraph graph, QuantizedModel quantized, string output)
    {
        var model = quantized.Model;
        if (!model.IsLarge) return new PlainNetwork(new OrtSession(graph.Build(quantized), model.Name, ExactSessions.Settings, graph.Folder), output);
        NativeRoom.Make();
        return Exported(quantized, output, ExactSessions.For(model));
    }

    /// <summary>The network from its exported form. As float constants a large network's weights would not fit one message; as integers they take a quarter, and the numbers are the same.</summary>
    public static PlainNetwork Exported(QuantizedModel quantized, string output, SessionSettings settings) => new(new OrtSession(QdqExporter.Export(quantized), settings), output);

    public OrtTensor Run(SampleCache.Slot batch) => session.Run(batch.Inputs, [output])[0];

    public void Dispose() => session.Dispose();
}
