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
        // As float constants a large network's weights would not fit one message; as integers they take a quarter, and the exported form computes the same numbers.
        return new PlainNetwork(
            model.IsLarge ? new OrtSession(QdqExporter.Export(quantized), EvaluationSet.ExactFor(model)) : new OrtSession(graph.Build(quantized), model.Name, EvaluationSet.Exact, graph.Folder), output);
    }

    public OrtTensor Run(SampleCache.Slot batch) => session.Run(batch.Inputs, [output])[0];

    public void Dispose() => session.Dispose();
}
