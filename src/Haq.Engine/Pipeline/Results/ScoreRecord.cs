using System.Collections.Immutable;
using Haq.Engine.Evaluation.Sensitivity;

namespace Haq.Engine.Pipeline.Results;

/// <summary>A table of sensitivity scores in the form that the cache keeps.</summary>
/// <param name="Method">The scorer's name in the manifest.</param>
/// <param name="Weights">Of all layers in turn, NaN where not scored.</param>
/// <param name="Activations">Likewise.</param>
public sealed record ScoreRecord(string Method, ImmutableArray<double> Weights, ImmutableArray<double> Activations)
{
    /// <summary>The record of a table.</summary>
    public static ScoreRecord Of(SensitivityTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var layers = Enumerable.Range(0, table.Layers);
        return new ScoreRecord(table.Method, [.. layers.SelectMany(l => table.WeightsOf(l).ToArray())], [.. layers.SelectMany(l => table.ActivationsOf(l).ToArray())]);
    }

    /// <summary>The table.</summary>
    public SensitivityTable ToTable() => new(Weights.AsSpan(), Activations.AsSpan()) { Method = Method };
}
