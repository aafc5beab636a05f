using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Haq.Engine.Onnx.Simplification;
using Haq.Engine.Quantization.Calibration;

namespace Haq.Engine.Manifest.Keys;

/// <summary><c>quantization:</c>.</summary>
internal static class QuantizationKeys
{
    private static readonly Key<RangeMethod?> s_ranges = new("ranges", Kinds.OneOfOr<RangeMethod>("auto"), RangeMethod.Mse, "mse", "how activation ranges are chosen");

    private static readonly Key<double> s_percentile = new("percentile", Kinds.Number(50, 100), 99.99, "99.99", "the share of values, in percent, that fits under 'ranges: percentile'");

    private static readonly Key<bool> s_perChannel = new("per-channel", Kinds.Flag, true, "true", "one weight scale per output channel");

    private static readonly Key<bool> s_fold = new("fold-batch-norm", Kinds.Flag, true, "true", "batch normalization becomes part of the layer before it");

    private static readonly Key<bool> s_equalize = new("equalize", Kinds.Flag, false, "false", "cross-layer equalization");

    private static readonly Key<bool> s_smooth = new("smooth", Kinds.Flag, true, "true", "even out the channels of activations before they are quantized; needs 'per-channel'");

    private static readonly Key<ImmutableArray<string>?> s_simplify = new("simplify", Rewritings, null, "true",
        "rewrite, exactly, what ONNX Runtime computes slower than it has to: all of it, nothing, or what is named; by default on where whole files are measured");

    private static readonly Key<bool> s_bias = new("bias-correction", Kinds.Flag, true, "true", "take the mean error of each layer's output off its bias");

    private static readonly Key<RoundingMethod> s_rounding = new("rounding", Kinds.OneOf<RoundingMethod>(), RoundingMethod.SecondOrder, "second-order", "how weights are rounded");

    private static readonly Key<WeightCoding> s_weights = new("weights", Kinds.OneOf<WeightCoding>(), WeightCoding.Linear, "linear",
        "integers, or indices into a codebook per layer that k-means places");

    private static readonly Key<JunctionMode> s_junctions = new("junctions", Kinds.OneOf<JunctionMode>(), JunctionMode.Auto, "auto",
        "sums, concatenations and averages between layers: in 8 bits too, or in float; auto does what the hardware needs");

    private static readonly Key<bool> s_embeddings = new("embeddings", Kinds.Flag, true, "true", "tables that rows are looked up in are stored in 8 bits");

    private static readonly Key<int> s_block = new("block", BlockSize, 0, "32", "matrix products of up to 4 bits: weights that share a scale; absent, all of an output channel");

    public static readonly KeyGroup Group = new(s_ranges, s_percentile, s_perChannel, s_fold, s_equalize, s_smooth, s_simplify, s_bias, s_rounding, s_weights, s_junctions, s_embeddings, s_block);

    public static readonly QuantizationSettings Default = new()
    {
        Ranges = s_ranges.WhenAbsent,
        Percentile = s_percentile.WhenAbsent,
        PerChannel = s_perChannel.WhenAbsent,
        FoldBatchNorm = s_fold.WhenAbsent,
        Equalize = s_equalize.WhenAbsent,
        BiasCorrection = s_bias.WhenAbsent,
        Rounding = s_rounding.WhenAbsent,
        Weights = s_weights.WhenAbsent,
    };

    public static readonly ValueKind<QuantizationSettings> Kind = Kinds.Mapping(Group, section => new QuantizationSettings
    {
        Ranges = section.Get(s_ranges),
        Percentile = section.Get(s_percentile),
        PerChannel = section.Get(s_perChannel),
        FoldBatchNorm = section.Get(s_fold),
        Equalize = section.Get(s_equalize),
        BiasCorrection = section.Get(s_bias),
        Rounding = section.Get(s_rounding),
        Weights = section.Get(s_weights),
        Smooth = section.Get(s_smooth),
        Simplify = section.Get(s_simplify),
        Junctions = section.Get(s_junctions),
        Embeddings = section.Get(s_embeddings),
        Block = section.Get(s_block),
    });

    private static ValueKind<ImmutableArray<string>?> Rewritings
    {
        get
        {
            var named = Kinds.ListOf(new ValueKind<string>(v => v.AsOneOf(Simplification.Names), () => new JsonObject { ["enum"] = new JsonArray([.. Simplification.Names.Select(n => (JsonNode)n)]) },
                string.Join(" | ", Simplification.Names)), single: false);
            return new(
                v => v.IsSequence ? named.Read(v) : Kinds.Flag.Read(v) ? Simplification.Names : [],
                () => Kinds.AnyOf(Kinds.Flag.Schema(), named.Schema()),
                $"{Kinds.Flag.Form}, or {named.Form}");
        }
    }

    // The blocks that ONNX Runtime's kernels know.
    private static ValueKind<int> BlockSize => new(
        v => v.AsInteger(16, 128) is var size && size is 16 or 32 or 64 or 128 ? size : throw v.Invalid("expected 16, 32, 64 or 128"),
        () => new JsonObject { ["enum"] = new JsonArray(16, 32, 64, 128) },
        "16 | 32 | 64 | 128");
}
