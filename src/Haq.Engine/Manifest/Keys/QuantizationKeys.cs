namespace Haq.Engine.Manifest.Keys;

/// <summary><c>quantization:</c>.</summary>
internal static class QuantizationKeys
{
    private static readonly Key<RangeMethod> s_ranges = new("ranges", Kinds.OneOf<RangeMethod>(), RangeMethod.Mse, "mse", "how activation ranges are chosen");

    private static readonly Key<double> s_percentile = new("percentile", Kinds.Number(50, 100), 99.99, "99.99", "the share of values, in percent, that fits under 'ranges: percentile'");

    private static readonly Key<bool> s_perChannel = new("per-channel", Kinds.Flag, true, "true", "one weight scale per output channel");

    private static readonly Key<bool> s_fold = new("fold-batch-norm", Kinds.Flag, true, "true", "batch normalization becomes part of the layer before it");

    private static readonly Key<bool> s_equalize = new("equalize", Kinds.Flag, false, "false", "cross-layer equalization");

    private static readonly Key<bool> s_bias = new("bias-correction", Kinds.Flag, true, "true", "take the mean error of each layer's output off its bias");

    private static readonly Key<RoundingMethod> s_rounding = new("rounding", Kinds.OneOf<RoundingMethod>(), RoundingMethod.SecondOrder, "second-order", "how weights are rounded");

    private static readonly Key<WeightCoding> s_weights = new("weights", Kinds.OneOf<WeightCoding>(), WeightCoding.Linear, "linear", "integers, or indices into a codebook per layer that k-means places");

    public static readonly KeyGroup Group = new(s_ranges, s_percentile, s_perChannel, s_fold, s_equalize, s_bias, s_rounding, s_weights);

    public static readonly QuantizationSettings Default = new(
        s_ranges.WhenAbsent, s_percentile.WhenAbsent, s_perChannel.WhenAbsent, s_fold.WhenAbsent, s_equalize.WhenAbsent, s_bias.WhenAbsent, s_rounding.WhenAbsent,
        s_weights.WhenAbsent);

    public static readonly ValueKind<QuantizationSettings> Kind = Kinds.Mapping(Group, section => new QuantizationSettings(
        section.Get(s_ranges), section.Get(s_percentile), section.Get(s_perChannel), section.Get(s_fold), section.Get(s_equalize), section.Get(s_bias),
        section.Get(s_rounding), section.Get(s_weights)));
}
