using Haq.Engine.Autodiff;
using Haq.Engine.Runtime;

namespace Haq.Engine.Training;

/// <summary>The float network, whose output the quantized one should have.</summary>
internal sealed class Teacher : IDisposable
{
    private readonly TrainingGraph _graph;
    private readonly OrtSession _session;
    private readonly OrtBinding _binding;
    private readonly OrtTensor _output;

    public Teacher(TrainingGraph graph, TrainingRun run, FineTuneOptions options)
    {
        _graph = graph;
        _session = new OrtSession(graph.Forward.Model, new SessionSettings { Threads = options.Threads });
        _output = OrtTensor.Zeros(graph.Logits.Type, [.. graph.Graph[graph.Output].Shape.Select(d => (long)d)]);
        _binding = _session.Bind().Output(graph.Output, _output);
        foreach (var input in graph.Forward.Inputs) _binding.Input(input.Name, run.Input(input.Name));
    }

    /// <summary>Runs on the batch that the training is about to use and writes the target: a distribution per row, or the plain output.</summary>
    public void Write(Span<float> target, CancellationToken cancellation)
    {
        _binding.Run(cancellation);
        _output.Values<float>().CopyTo(target);
        if (!_graph.IsDivergence || _graph.AfterSoftmax) return;
        int classes = _graph.Logits.Shape[1];
        for (int row = 0; row < target.Length; row += classes) Softmax(target.Slice(row, classes));
    }

    public void Dispose()
    {
        _binding.Dispose();
        _session.Dispose();
        _output.Dispose();
    }

    private static void Softmax(Span<float> row)
    {
        float max = float.NegativeInfinity;
        foreach (float v in row) max = Math.Max(max, v);
        double sum = 0;
        foreach (ref float v in row)
        {
            v = MathF.Exp(v - max);
            sum += v;
        }
        foreach (ref float v in row) v = (float)(v / sum);
    }
}
