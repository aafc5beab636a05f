using System.Collections.Immutable;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Preparation;
using Onnx;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>How a model is made ready to be quantized.</summary>
/// <param name="Shapes">Shapes of inputs that the graph leaves open.</param>
/// <param name="Fold">Batch normalization becomes part of the layer before it.</param>
/// <param name="Simplify">Operators that were spelled out are written as one.</param>
/// <param name="Equalize">Cross-layer equalization.</param>
/// <param name="Junctions">Sums, concatenations and averages between layers are quantized too.</param>
/// <param name="Tensors">Every tensor that the hardware keeps has a width of its own.</param>
/// <param name="Regions">What can be computed in integers between layers is to be chosen.</param>
/// <param name="Blocks">Weights will have a scale per block.</param>
/// <param name="Opset">The operator set that the result has at least.</param>
/// <param name="Skips">Which layers stay in float; the last rule that names a layer decides.</param>
/// <param name="Dialect">The target that the file is written for.</param>
/// <param name="Sample">One sample, for extents that neither rules nor a run on zeros tell; null where rules tell them all.</param>
internal sealed record Preparation(
    ImmutableSortedDictionary<string, long[]> Shapes, bool Fold, bool Simplify, bool Equalize, bool Junctions, bool Tensors, bool Residuals,
        bool Regions, bool Blocks, int Opset, ImmutableArray<SkipRule> Skips, Handle<IReadOnlyDictionary<string, TensorProto>?>? Sample, TargetDialect Dialect)
{
    /// <summary>The same as options; tables are told apart when they are quantized.</summary>
    public PreparationOptions Options() => new()
    {
        InputShapes = Shapes,
        Leave = Leaves,
        FoldBatchNorm = Fold,
        Simplify = Simplify,
        Equalize = Equalize,
        Junctions = Junctions,
        Tensors = Tensors,
        FusesResiduals = Residuals,
        Regions = Regions,
        Blocks = Blocks,
        Form = Dialect.Form,
        Opset = Opset,
        Sample = () => Sample?.Value,
    };

    /// <summary>The layer stays in float.</summary>
    public bool Leaves(string layer) => Skips.LastOrDefault(rule => Glob.Matches(rule.Pattern, layer)) is { Skip: true };
}

/// <summary>The target that the file is written for.</summary>
/// <param name="Digest">SHA-256 of its file; null for ONNX Runtime on a processor.</param>
/// <param name="Form">What it asks of the numbers.</param>
internal sealed record TargetDialect(string? Digest, [property: NoInfluence("its digest tells")] DialectForm? Form);

/// <summary>Layers that stay in float, or that do not after all.</summary>
internal sealed record SkipRule(string Pattern, bool Skip);
