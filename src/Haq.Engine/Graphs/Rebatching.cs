using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Graphs;

/// <summary>Changes how many samples go through a network at once, also where the exporter wrote the number down.</summary>
internal static class Rebatching
{
    /// <summary>The batch that the model's first input fixes, or null when it is free.</summary>
    public static int? FixedBatch(OnnxModel model) =>
        new GraphView(model).Inputs is [var first, ..] && Extents(first) is [{ ValueCase: TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue } rows, ..] ? (int)rows.DimValue : null;

    /// <summary>A copy of the model whose inputs have full shapes with <paramref name="batch"/> rows.</summary>
    /// <exception cref="HaqException">The extent of an input is not known (HAQ0701).</exception>
    public static OnnxModel To(OnnxModel model, int batch, IReadOnlyDictionary<string, long[]>? shapes)
    {
        var changed = model.Clone();
        var view = new GraphView(changed);
        int? before = FixedBatch(model);
        foreach (var input in view.Inputs) Resolve(changed, input, batch, shapes);
        foreach (var output in changed.Graph.Output) if (output.Type?.TensorType is { } tensor) tensor.Shape = null;
        changed.Graph.ValueInfo.Clear();
        if (before is { } rows && rows != batch) FreeReshapes(changed, view, rows);
        return changed;
    }

    private static void Resolve(OnnxModel model, ValueInfoProto input, int batch, IReadOnlyDictionary<string, long[]>? shapes)
    {
        if (Extents(input) is not { Count: > 0 } extents) return;
        long[]? given = shapes?.GetValueOrDefault(input.Name);
        int skipped = given is null ? 0 : extents.Count - given.Length;
        for (int i = 0; i < extents.Count; i++)
        {
            var extent = extents[i];
            long known = extent.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue ? extent.DimValue : 0;
            bool isGiven = known <= 0 && given is not null && i >= skipped;
            if (isGiven) known = given![i - skipped];
            if (i == 0) known = batch;
            if (known < 0 || (known == 0 && !isGiven))
            {
                throw DiagnosticCatalog.UnknownInputExtent.Error(model.Name, string.Create(CultureInfo.InvariantCulture,
                    $"extent {i} of the input '{input.Name}' is not known. Give its shape under 'inputs:' in the manifest."));
            }
            extents[i] = new TensorShapeProto.Types.Dimension { DimValue = known };
        }
    }

    // An exporter that traced a batch of one writes shapes like [1, 256]: the first extent follows the data from now on.
    private static void FreeReshapes(OnnxModel model, GraphView view, int rows)
    {
        foreach (var node in view.Order.Where(n => n.Is(OpNames.Reshape)))
        {
            if (view.ConstantOf(node.InputAt(1)) is not { } constant || view.ConstantOf(node.InputAt(0)) is not null) continue;
            long[] shape = TensorData.ToLongs(constant, model.External);
            if (shape.Length == 0 || shape[0] != rows) continue;
            shape[0] = shape.Contains(-1) ? 0 : -1;
            string name = node.Output[0] + "/haq/shape";
            model.Graph.Initializer.Add(TensorData.Of(name, [shape.Length], shape));
            node.Input[1] = name;
        }
    }

    private static Google.Protobuf.Collections.RepeatedField<TensorShapeProto.Types.Dimension>? Extents(ValueInfoProto input) => input.Type?.TensorType?.Shape?.Dim;
}
