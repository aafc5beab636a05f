using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>Writes activations in signed types: every integer and every zero point half the type's span lower, so that the reals stay the same.</summary>
internal static class SignedActivations
{
    /// <summary>Rewrites the zero points of all pairs on activations, and constants stored with them, in place.</summary>
    public static void Write(OnnxModel model)
    {
        var view = new GraphView(model);
        var patch = new GraphPatch(model, "signed activations");
        var shifted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pair in view.Order.Where(ExistingQuantization.IsQuantizeDequantize))
        {
            Shift(pair.InputAt(2));
            if (view.ConstantOf(pair.InputAt(2)) is not null && view.IsInitializer(pair.InputAt(0))) Shift(pair.InputAt(0));
        }
        if (shifted.Count > 0) patch.Apply();

        void Shift(string name)
        {
            if (name.Length == 0 || view.ConstantOf(name) is not { } tensor || shifted.Contains(name)) return;
            DataType? signed = TensorData.TypeOf(tensor) switch { DataType.Uint8 => DataType.Int8, DataType.Uint16 => DataType.Int16, DataType.Uint4 => DataType.Int4, _ => null };
            if (signed is not { } type) return;
            long by = ElementTypes.IntegerRange(type).Min;
            patch.Put(TensorData.Of(name, type, [.. tensor.Dims], [.. view.Longs(name)!.Select(v => v + by)]));
            shifted.Add(name);
        }
    }
}
