using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Onnx;

namespace Haq.Engine.Dialects.Rules;

/// <summary>What form the biases of layers have.</summary>
internal sealed record BiasesRule : DialectRule
{
    // A scale written in another tool is the product rounded in another order.
    private const double Tolerance = 1e-5;

    public static readonly DialectRuleKind Declaration = new(
        "biases", "what form biases have", RuleEffect.Fallback, IsUnique: true,
        [
            new("form", DialectKeyType.Words, "int32: integers behind a DequantizeLinear; real: constants as they are", ["int32", "real"]),
            new("granularity", DialectKeyType.Word, "tensor: one scale for all channels; any (default)", ["any", "tensor"], IsOptional: true),
            new("scale", DialectKeyType.Word, "product: the input's scale times the weights' scale; any (default)", ["any", "product"], IsOptional: true),
        ],
        document => new BiasesRule(document));

    private BiasesRule(RuleDocument document) : base(document)
    {
        (Forms, IsProduct, IsPerTensor) = (document.Words("form"), document.Word("scale", "any") == "product", document.Word("granularity", "any") == "tensor");
        if (IsProduct && !Forms.Contains("int32")) throw document.Impossible("scale", "real biases have no scale: add int32 to 'form', or remove 'scale'.");
    }

    public ImmutableArray<string> Forms { get; }

    public bool IsProduct { get; }

    /// <summary>One scale for all channels.</summary>
    public bool IsPerTensor { get; }

    public override string Describe() =>
        $"biases are {string.Join(" or ", Forms)}{(IsPerTensor ? ", one scale a tensor" : "")}{(IsProduct ? ", at the input's scale times the weights'" : "")}";

    internal override IEnumerable<Breach> Check(QdqModel model, NodeReading node)
    {
        if (node.Operator is not (OpNames.Conv or OpNames.ConvTranspose or OpNames.Gemm) || node.Inputs.Length < 3 || !node.ReadsIntegers) yield break;
        var bias = node.Inputs[2];
        if (bias.Kind == InputKind.RealConstant && !Forms.Contains("real"))
        {
            yield return Broken($"bias '{bias.Tensor}' is stored as reals; the target takes int32",
                $"Store '{bias.Tensor}' as int32 at the input's scale times the weights', behind a DequantizeLinear.", bias.Tensor);
        }

        if (bias is not { Kind: InputKind.QuantizedConstant, Grid: { } grid }) yield break;
        if (!Forms.Contains("int32"))
        {
            yield return Broken($"bias '{bias.Tensor}' is quantized; the target takes reals", $"Store '{bias.Tensor}' as reals, without a pair.", bias.Tensor);
        }
        else if (grid.Type != DataType.Int32)
        {
            yield return Broken($"bias '{bias.Tensor}' is {QuantizedTypes.NameOf(grid.Type)}; the target takes int32", $"Store '{bias.Tensor}' as int32.", bias.Tensor);
        }
        else if (grid.ZeroPointOtherThan(0) is { } zero)
        {
            yield return Broken(string.Create(CultureInfo.InvariantCulture, $"bias '{bias.Tensor}' has zero point {zero}; the target takes 0"),
                $"Store '{bias.Tensor}' with zero point 0.", bias.Tensor);
        }
        else if (IsPerTensor && !grid.IsPerTensor)
        {
            yield return Broken($"bias '{bias.Tensor}' has a scale a channel; the target takes one a tensor", $"Quantize '{bias.Tensor}' with one scale.", bias.Tensor);
        }
        else if (IsProduct && Differs(grid, node.Inputs[0].Grid, node.Inputs[1].Grid) is { } channel)
        {
            yield return Broken(string.Create(CultureInfo.InvariantCulture, $"bias '{bias.Tensor}' has another scale than the input's times the weights' (channel {channel})"),
                $"Quantize '{bias.Tensor}' at the product of both scales.", bias.Tensor);
        }
    }

    private static int? Differs(TensorGrid bias, TensorGrid? input, TensorGrid? weights)
    {
        if (input is not { Scales.Length: 1 } || weights is not { Scales.Length: > 0 } || bias.Scales.IsEmpty) return null;
        int count = Math.Max(weights.Scales.Length, bias.Scales.Length);
        for (int i = 0; i < count; i++)
        {
            double wanted = (double)input.Scales[0] * weights.Scales[Math.Min(i, weights.Scales.Length - 1)], found = bias.Scales[Math.Min(i, bias.Scales.Length - 1)];
            if (Math.Abs(found - wanted) > Tolerance * wanted) return i;
        }
        return null;
    }
}
