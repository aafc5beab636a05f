using System.Collections.Immutable;
using Haq.Engine.Dialects.Conformance;
using Haq.Engine.Onnx;

namespace Haq.Engine.Pipeline.Converting;

/// <summary>A model in another dialect, and what became of its numbers.</summary>
/// <param name="Exported">The model to save.</param>
/// <param name="Grids">Every grid that is not as it was, in the order of the graph.</param>
/// <param name="Kept">Grids that are as they were.</param>
/// <param name="Outputs">How far the outputs are from those of the model as it was read, both in stock sessions.</param>
/// <param name="Widened">The same with <c>session.x64quantprecision</c> set, where that is something else: int8 weights saturate in default sessions on this processor. Otherwise null.</param>
/// <param name="Samples">Samples that this was measured on.</param>
/// <param name="Data">What the samples are.</param>
/// <param name="GuessedRanges">Tensors that had no grid and got one by what random inputs made of them.</param>
/// <param name="Conformance">The result held against the target.</param>
public sealed record ConversionResult(
    OnnxModel Exported, ImmutableArray<GridChange> Grids, int Kept, ImmutableArray<OutputAgreement> Outputs, ImmutableArray<OutputAgreement>? Widened,
    int Samples, string Data, ImmutableArray<string> GuessedRanges, ConformanceReport Conformance)
{
    /// <summary>Grids of an effect.</summary>
    public int Count(GridEffect effect) => Grids.Count(g => g.Effect == effect);
}
