using System.Collections.Immutable;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Preparation;
using Onnx;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>How a model is made ready to be quantized.</summary>
internal sealed record Preparation
{
    /// <summary>Shapes of inputs that the graph leaves open.</summary>
    public required ImmutableSortedDictionary<string, long[]> Shapes { get; init; }

    /// <summary>Batch normalization becomes part of the layer before it.</summary>
    public required bool FoldBatchNorm { get; init; }

    /// <summary>The exact rewritings that are made, by name.</summary>
    public required ImmutableArray<string> Simplify { get; init; }

    /// <summary>Cross-layer equalization.</summary>
    public required bool Equalize { get; init; }

    /// <summary>What is quantized between layers.</summary>
    public required BetweenLayers Between { get; init; }

    /// <summary>What can be computed in integers between layers is to be chosen.</summary>
    public required bool Regions { get; init; }

    /// <summary>Weights will have a scale per block.</summary>
    public required bool Blocks { get; init; }

    /// <summary>The operator set that the result has at least.</summary>
    public required int Opset { get; init; }

    /// <summary>Which layers stay in float; the last rule that names a layer decides.</summary>
    public required ImmutableArray<SkipRule> Skips { get; init; }

    /// <summary>The target that the file is written for.</summary>
    public required TargetDialect Dialect { get; init; }

    /// <summary>One sample, for extents that neither rules nor a run on zeros tell; null where rules tell them all.</summary>
    public Handle<IReadOnlyDictionary<string, TensorProto>?>? Sample { get; init; }

    /// <summary>The same as options; tables are told apart when they are quantized.</summary>
    public PreparationOptions Options() => new()
    {
        InputShapes = Shapes,
        Leave = Leaves,
        FoldBatchNorm = FoldBatchNorm,
        Simplify = Simplify,
        Equalize = Equalize,
        Between = Between,
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
