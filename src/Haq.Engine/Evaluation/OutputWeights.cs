using System.Collections.Immutable;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation;

/// <summary>
/// Joins the scores of a network's outputs to one. Each output counts by its noise relative to the mean power of the float network's, so that a head of small numbers counts as much as one of
/// great ones, and together by the root of their mean square: limits look at the worst output, and what adds to a noise that is great already matters most. The first output alone decides
/// about classes.
/// </summary>
internal sealed class OutputWeights
{
    private readonly ImmutableArray<double> _scales;

    /// <summary>Weights of outputs.</summary>
    /// <param name="powers">By output: the mean sum of squares of the float network's values for a sample.</param>
    public OutputWeights(ReadOnlySpan<double> powers) => _scales = [.. powers.ToArray().Select(p => p > 0 ? 1 / p : 1)];

    /// <summary>One sample's score by those of its outputs, the first output's first. One output has its own score, unchanged.</summary>
    /// <param name="outputs">The scores.</param>
    /// <param name="kind">What the first output means.</param>
    /// <param name="by">What the loss is made of.</param>
    public SampleScore Join(ReadOnlySpan<SampleScore> outputs, OutputKind kind, JoinedLoss by)
    {
        if (outputs.Length == 1) return outputs[0];
        double[] cosines = new double[outputs.Length];
        double worst = double.NaN, signal = 0, noise = 0, others = 0;
        int compared = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            ref readonly var score = ref outputs[i];
            cosines[i] = double.NaN;
            if (!score.IsCompared) continue;
            compared++;
            // What is not a number is as far from the float network as anything can be.
            cosines[i] = double.IsNaN(score.Cosine) ? 0 : score.Cosine;
            if (!(cosines[i] >= worst)) worst = cosines[i];
            signal += by == JoinedLoss.Cosine ? 1 : score.Signal * _scales[i];
            double relative = by == JoinedLoss.Cosine ? 2 * Math.Max(0, 1 - cosines[i]) : score.Noise * _scales[i];
            noise += relative * relative;
            if (i > 0) others += relative * relative;
        }
        if (compared == 0) return outputs[0];
        (signal, noise) = (signal / compared, Math.Sqrt(noise / compared));
        double divergence = kind == OutputKind.Values ? 0 : by != JoinedLoss.Classes ? noise : outputs[0].Divergence + Math.Sqrt(others / (outputs.Length - 1));
        return outputs[0] with { Divergence = divergence, Cosine = worst, Signal = signal, Noise = noise, IsCompared = true, Cosines = cosines };
    }

    /// <summary>The outputs other than the first that can be compared sample by sample: real numbers, the samples in their first extent.</summary>
    public static IEnumerable<string> Comparable(OrtSession session, SampleCache.Slot batch, string first)
    {
        string[] others = [.. session.Outputs.Where(o => Onnx.ElementTypes.IsReal(o.Type) && o.Name != first).Select(o => o.Name)];
        if (others.Length == 0) return [];
        var values = session.Run(batch.Inputs, others);
        bool[] fits = [.. values.Select(v => batch.Rows == 1 || (v.Shape.Length > 0 && v.Shape[0] == batch.Rows))];
        foreach (var value in values) value.Dispose();
        return others.Where((_, i) => fits[i]);
    }
}
