using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>
/// Tensors that jump: somewhere on their way a computed real number is compared, ranked or cut to an integer, so that a difference in its last bit may pick another row. All others follow their inputs
/// steadily: a small difference in stays a small one out.
/// </summary>
internal static class DecidedTensors
{
    private static readonly HashSet<string> s_deciding = new(StringComparer.Ordinal)
    {
        OpNames.ArgMax, OpNames.ArgMin, OpNames.TopK, OpNames.Equal, OpNames.Greater, OpNames.Less, "GreaterOrEqual", "LessOrEqual", OpNames.Floor,
            OpNames.Ceil, OpNames.Round, OpNames.Sign, OpNames.Mod,
        OpNames.Hardmax, "NonMaxSuppression", "NonZero", "Unique", "IsInf", "IsNaN", "Bernoulli", "Multinomial", "RandomNormalLike", "RandomUniformLike", "RoiAlign", "MaxRoiPool", "MaxUnpool",
        OpNames.If, OpNames.Loop, OpNames.Scan, OpNames.ThresholdedRelu, "Shrink",
    };

    // Random numbers are another decision every time, whatever is read.
    private static readonly HashSet<string> s_random = new(StringComparer.Ordinal) { "RandomNormal", "RandomUniform" };

    private static readonly HashSet<string> s_microsoft = new(StringComparer.Ordinal) { "BeamSearch", "GreedySearch", "Sampling", "WhisperBeamSearch", "MoE", "QMoE" };

    /// <summary>Those of the main graph.</summary>
    public static IReadOnlySet<string> Of(OnnxModel model)
    {
        var view = new GraphView(model);
        var types = ShapeInference.Infer(view, null);
        var decided = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in view.Order)
        {
            var inputs = GraphView.InputsOf(node).ToArray();
            if (inputs.Any(decided.Contains) || IsRandom(node) || (IsDeciding(node) && inputs.Any(IsComputedReal))) decided.UnionWith(node.Output);
        }
        return decided;

        bool IsReal(string tensor) => !types.TryGet(tensor, out var type) || ElementTypes.IsReal(type.Type);

        bool IsComputedReal(string tensor) => view.ProducerOf(tensor) is not null && view.ConstantOf(tensor) is null && IsReal(tensor);

        bool IsRandom(NodeProto node) => OpNames.IsStandard(node.Domain) && s_random.Contains(node.OpType);

        bool IsDeciding(NodeProto node) => node.Domain switch
        {
            OpNames.MicrosoftDomain => s_microsoft.Contains(node.OpType),
            _ when !OpNames.IsStandard(node.Domain) => true,
            _ when node.OpType is OpNames.Cast or "CastLike" => !IsReal(node.Output[0]),
            _ when node.OpType == OpNames.MaxPool => node.Output.Count > 1,
            _ => s_deciding.Contains(node.OpType),
        };
    }
}
