using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Stages.Opening;

/// <summary>Whether a network that leaves its batch free takes one: exporters declare extents free that a Reshape inside has fixed to what was traced.</summary>
internal static class SeveralSamples
{
    /// <summary>Two samples at once give two rows of <paramref name="output"/>, or even one alone does not run, so that the batch is not at fault.</summary>
    public static bool Go(OrtSession session, IDataset data, string output)
    {
        if (data.Count < 2 || session.Outputs.All(o => o.Name != output)) return true;
        if (Run(session, data, output, 2) is [2, ..]) return true;
        return Run(session, data, output, 1) is null;
    }

    /// <summary>The input with one sample at a time.</summary>
    public static TensorInfo One(TensorInfo input) => input.Shape is [-1, ..] ? input with { Shape = input.Shape.SetItem(0, 1) } : input;

    private static long[]? Run(OrtSession session, IDataset data, string output, int samples)
    {
        using var batch = new Batch(data, samples);
        batch.Fill(data, [.. Enumerable.Range(0, samples)]);
        try
        {
            using var result = session.Run(batch.ByName, [output])[0];
            return [.. result.Shape];
        }
        catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.RuntimeFailed)
        {
            // It is the answer that was asked for.
            return null;
        }
    }
}
