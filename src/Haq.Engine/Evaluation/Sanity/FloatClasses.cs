using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Sanity;

/// <summary>What the float model says about some samples of a data set, and what they are.</summary>
/// <param name="Predicted">The class of the greatest output.</param>
/// <param name="Labels">The samples' labels.</param>
internal sealed record FloatClasses(int[] Predicted, int[] Labels)
{
    /// <summary>Runs the model on up to <paramref name="most"/> samples, evenly spread over the set.</summary>
    /// <exception cref="HaqException">A sample cannot be read, or the model fails on it.</exception>
    public static FloatClasses Of(OrtSession session, string output, IDataset data, int most, CancellationToken cancellation)
    {
        int count = Math.Min(most, data.Count);
        int[] samples = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * data.Count / count))];
        int[] predicted = new int[count];
        int done = 0;
        foreach (var batch in Batches.InOrder(data, samples, 8, cancellation))
        {
            using var result = session.Run(batch.ByName, [output])[0];
            float[] values = result.ToFloats();
            int rows = Math.Min(batch.Count, count - done), width = values.Length / Math.Max(1, batch.Rows);
            for (int r = 0; r < rows; r++) predicted[done + r] = Greatest(values.AsSpan(r * width, width));
            done += rows;
        }
        return new FloatClasses(predicted, [.. samples.Select(data.LabelOf)]);
    }

    private static int Greatest(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
            if (values[i] > values[best]) best = i;
        return best;
    }
}
