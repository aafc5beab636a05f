using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Onnx;

namespace Haq.Engine.Dialects.Rules;

/// <summary>How weights are quantized: the constant second inputs of layers.</summary>
internal sealed record WeightsRule : DialectRule
{
    /// <summary>Operators whose second input is weights, and third a bias.</summary>
    public static readonly ImmutableArray<string> Layers = [OpNames.Conv, OpNames.ConvTranspose, OpNames.Gemm, OpNames.MatMul];

    public static readonly DialectRuleKind Declaration = new(
        "weights", "how weights are quantized", RuleEffect.Fallback, IsUnique: true,
        [
            new("types", DialectKeyType.Words, "element types", QuantizedTypes.Names),
            new("zero-point", DialectKeyType.Word, "zero: none but 0; middle: 0 for signed types, half way for unsigned ones; any (default)", ["any", "zero", "middle"], IsOptional: true),
            new("channel-zero-point", DialectKeyType.Word, "the same where channels have scales of their own (default: as zero-point)", ["any", "zero", "middle"], IsOptional: true),
            new("scale", DialectKeyType.Word, "any (default), or powers of two only", ["any", "power-of-two"], IsOptional: true),
            new("granularity", DialectKeyType.Words, "what shares a scale (default: tensor and channel)", ["tensor", "channel", "block"], IsOptional: true),
            new("axis", DialectKeyType.Integers, "the axis of channels by operator; -1 is the last", IsOptional: true),
            new("stored", DialectKeyType.Word, "integers: weights must lie in the file as integers; any (default): reals behind a pair are taken too", ["any", "integers"], IsOptional: true),
        ],
        document => new WeightsRule(document));

    private WeightsRule(RuleDocument document) : base(document)
    {
        (Types, Axis, PowerOfTwo) = (document.Types("types"), document.Integers("axis"), document.Word("scale", "any") == "power-of-two");
        ZeroPoint = document.Word("zero-point", "any");
        ChannelZeroPoint = document.Word("channel-zero-point", ZeroPoint);
        Granularity = document.Words("granularity") is { IsEmpty: false } given ? given : ["tensor", "channel"];
        StoredAsIntegers = document.Word("stored", "any") == "integers";
        if (ZeroPoint == "zero" && !Types.Any(QuantizedTypes.IsSigned))
            throw document.Impossible("zero-point", $"weights of zero point 0 need a signed type, and 'types' has {QuantizedTypes.Or(Types)} alone. Add int8, or allow any zero point.");
        if (!Axis.IsEmpty && !Granularity.Contains("channel") && !Granularity.Contains("block"))
            throw document.Impossible("axis", "an axis of channels has no meaning where a tensor has one scale: add 'channel' to 'granularity', or remove 'axis'.");
        if (Axis.Keys.FirstOrDefault(k => !Layers.Contains(k)) is { } other)
            throw document.Impossible("axis", $"'{other}' has no weights. Known: {string.Join(", ", Layers)}.");
    }

    public ImmutableArray<DataType> Types { get; }

    public string ZeroPoint { get; }

    public string ChannelZeroPoint { get; }

    public bool PowerOfTwo { get; }

    public bool StoredAsIntegers { get; }

    public ImmutableArray<string> Granularity { get; }

    public ImmutableSortedDictionary<string, int> Axis { get; }

    public override string Describe() =>
        $"weights are {QuantizedTypes.Or(Types)}, a scale a {string.Join(" or ", Granularity)}{(PowerOfTwo ? ", powers of two" : "")}"
        + Zero(ZeroPoint) + (ChannelZeroPoint == ZeroPoint ? "" : $" (a scale a channel{Zero(ChannelZeroPoint)})")
        + (Axis.IsEmpty ? "" : $"; channels along axis {string.Join(", ", Axis.Select(a => $"{a.Value} of {a.Key}"))}")
        + (StoredAsIntegers ? "; stored as integers" : "");

    private static string Zero(string allowed) => allowed switch { "zero" => ", zero point 0", "middle" => ", symmetric", _ => "" };

    /// <summary>The input is weights.</summary>
    public static bool IsWeights(NodeReading node, InputReading input) =>
        input.Kind == InputKind.QuantizedConstant && Layers.Contains(node.Operator) && (input.Index == 1 || (node.Operator == OpNames.MatMul && input.Index == 0));

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        foreach (var input in node.Inputs.Where(i => IsWeights(node, i)))
            foreach (var breach in Check(model, node, input, input.Grid!)) yield return breach;
    }

    private IEnumerable<Breach> Check(QdqModel model, NodeReading node, InputReading input, TensorGrid grid)
    {
        string tensor = input.Tensor;
        if (!Types.Contains(grid.Type))
        {
            yield return Broken($"weights '{tensor}' are {QuantizedTypes.NameOf(grid.Type)}; the target takes {QuantizedTypes.Or(Types)}",
                $"Quantize '{tensor}' to {QuantizedTypes.NameOf(Types[0])}.", tensor);
        }

        string allowed = grid.IsPerTensor ? ZeroPoint : ChannelZeroPoint;
        long middle = allowed == "middle" && !QuantizedTypes.IsSigned(grid.Type) ? 1L << (grid.Bits - 1) : 0;
        if (allowed != "any" && grid.ZeroPointOtherThan(middle) is { } zero)
        {
            yield return Broken(string.Create(CultureInfo.InvariantCulture,
                $"weights '{tensor}' have zero point {zero}; the target takes {middle} only"), $"Quantize '{tensor}' symmetrically.", tensor);
        }

        string granularity = grid.Block > 0 ? "block" : grid.IsPerTensor ? "tensor" : "channel";
        if (!Granularity.Contains(granularity))
        {
            yield return Broken($"weights '{tensor}' have a scale a {granularity}; the target takes one a {string.Join(" or ", Granularity)}",
                $"Quantize '{tensor}' with a scale a {Granularity[0]}.", tensor);
        }

        if (granularity == "channel" && Axis.TryGetValue(node.Operator, out int axis) && grid.Axis is { } found and not QdqModel.UnknownAxis
            && FromFront(found, input) != FromFront(AxisOf(node, axis), input))
        {
            yield return Broken(string.Create(CultureInfo.InvariantCulture, $"weights '{tensor}' have channels along axis {found}; the target takes axis {AxisOf(node, axis)} for {node.Operator}"),
                string.Create(CultureInfo.InvariantCulture, $"Quantize '{tensor}' along axis {AxisOf(node, axis)}."), tensor, "axis");
        }

        if (PowerOfTwo && grid.ScaleNoPowerOfTwo() is { } scale)
        {
            yield return Broken(string.Create(CultureInfo.InvariantCulture, $"weights '{tensor}' have scale {scale:R}, which is no power of two"),
                $"Round the scale of '{tensor}' to a power of two and quantize again.", tensor);
        }

        if (StoredAsIntegers && ElementTypes.IsReal(model.TypeOf(tensor)))
            yield return Broken($"weights '{tensor}' are stored as reals behind a QuantizeLinear", $"Store '{tensor}' as integers, with its DequantizeLinear alone.", tensor);
    }

    // The outputs of Gemm lie along axis 0 of its weights where transB is set, along axis 1 otherwise.
    private static int AxisOf(NodeReading node, int axis) => node.Operator == OpNames.Gemm ? (node.Node.Int("transB", 0) != 0 ? 0 : 1) : axis;

    private static int FromFront(int axis, InputReading input) => axis >= 0 || input.Shape.IsDefaultOrEmpty ? axis : axis + input.Shape.Length;
}
