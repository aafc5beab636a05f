using Haq.Engine.Dialects;
using Haq.Engine.Dialects.Rules;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// Writes an exported model in a target's forms. Nothing that it computes changes: integers are shifted together with their zero points, biases are
/// stored as the reals that they stand for, defaults are written out.
/// </summary>
internal static class DialectShaping
{
    /// <summary>Shapes the model, in place.</summary>
    /// <param name="model">The exported model.</param>
    /// <param name="profile">The target.</param>
    /// <param name="inputShapes">Sizes of the inputs that it was quantized for, where the target fixes them.</param>
    public static void Apply(OnnxModel model, DialectProfile profile, IReadOnlyDictionary<string, long[]> inputShapes)
    {
        if (profile.Find<ActivationsRule>() is { Types: [var preferred, ..] } activations && QuantizedTypes.IsSigned(preferred) && !activations.Types.Contains(DataType.Uint8))
            SignedActivations.Write(model);
        if (profile.Find<BiasesRule>() is { } biases && !biases.Forms.Contains("int32")) RealBiases.Write(model);
        foreach (var rule in profile.Rules.OfType<AttributesRule>()) WrittenAttributes.Write(model, rule, inputShapes);
    }
}
