using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Preparation;

/// <summary>Fixes the extents of a network's inputs, for targets that compile one size: the batch to 1, others to what is given for them.</summary>
internal static class FixedShapes
{
    public const string Label = "fix the shapes of inputs";

    /// <summary>Fixes what is free, in place, and returns the names of the inputs that it was free in.</summary>
    public static IReadOnlyList<string> Apply(OnnxModel model, IReadOnlyDictionary<string, long[]>? given)
    {
        var symbols = new Dictionary<string, long>(StringComparer.Ordinal);
        var changed = new List<string>();
        foreach (var input in new GraphView(model).Inputs)
        {
            if (input.Type?.TensorType?.Shape is not { } shape) continue;
            long[]? extents = given?.GetValueOrDefault(input.Name);
            for (int i = 0; i < shape.Dim.Count; i++)
            {
                if (!IsFree(shape.Dim[i])) continue;
                long extent = extents is not null && i < extents.Length && extents[i] > 0 ? extents[i] : symbols.TryGetValue(shape.Dim[i].DimParam, out long known) ? known : i == 0 ? 1 : 0;
                if (extent == 0) continue;
                if (shape.Dim[i].DimParam.Length > 0) symbols[shape.Dim[i].DimParam] = extent;
                shape.Dim[i] = new TensorShapeProto.Types.Dimension { DimValue = extent };
                if (changed.LastOrDefault() != input.Name) changed.Add(input.Name);
            }
        }
        if (changed.Count == 0) return changed;
        model.Graph.ValueInfo.Clear();
        foreach (var output in model.Graph.Output)
        {
            if (output.Type?.TensorType?.Shape is not { } shape) continue;
            for (int i = 0; i < shape.Dim.Count; i++)
                if (symbols.TryGetValue(shape.Dim[i].DimParam, out long extent) && shape.Dim[i].DimParam.Length > 0) shape.Dim[i] = new TensorShapeProto.Types.Dimension { DimValue = extent };
        }
        return changed;
    }

    private static bool IsFree(TensorShapeProto.Types.Dimension extent) => extent.ValueCase != TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue || extent.DimValue <= 0;
}
