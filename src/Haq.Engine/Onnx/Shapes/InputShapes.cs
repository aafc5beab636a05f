using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Onnx;

namespace Haq.Engine.Onnx.Shapes;

/// <summary>Makes the shapes of inputs definite: declared extents, extents given by the caller, and names of extents that several inputs share.</summary>
internal static class InputShapes
{
    private const long Unknown = -1;

    public static void Declare(GraphView view, ShapeTable table, IReadOnlyDictionary<string, long[]>? given)
    {
        foreach (string name in given?.Keys ?? [])
        {
            if (view.Inputs.Any(i => i.Name == name)) continue;
            string known = string.Join(", ", view.Inputs.Select(i => $"'{i.Name}'"));
            string hint = Suggestion.For(name, view.Inputs.Select(i => i.Name)) is { } similar ? $"Did you mean '{similar}'?" : $"The inputs are {known}.";
            throw DiagnosticCatalog.UnknownShape.Error(view.Model.Name, $"a shape is given for '{name}', which is no input. {hint}");
        }
        var symbols = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var input in view.Inputs)
            if (given is not null && given.TryGetValue(input.Name, out long[]? shape)) Bind(view, input, shape, symbols);
        foreach (var input in view.Inputs) Declare(view, table, input, given?.GetValueOrDefault(input.Name), symbols);
    }

    /// <summary>The declared type of an inner tensor, where every extent is a number.</summary>
    public static TensorType? TryResolve(ValueInfoProto info, ShapeTable table)
    {
        if (info.Type?.TensorType is not { Shape: not null, ElemType: > 0 } tensor) return null;
        var dims = tensor.Shape.Dim;
        if (dims.Any(d => d.ValueCase != TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue || d.DimValue < 0)) return null;
        return new TensorType((DataType)tensor.ElemType, [.. dims.Select(d => d.DimValue)]);
    }

    /// <summary>How an input is declared, for messages: <c>[batch,3,?,?]</c>.</summary>
    public static string Describe(ValueInfoProto input)
    {
        if (input.Type?.TensorType?.Shape is not { } shape) return "of any rank";
        return $"[{string.Join(',', shape.Dim.Select(d => d.DimValue > 0 ? $"{d.DimValue}" : d.DimParam.Length > 0 ? d.DimParam : "?"))}]";
    }

    private static void Bind(GraphView view, ValueInfoProto input, long[] given, Dictionary<string, long> symbols)
    {
        if (input.Type?.TensorType?.Shape is not { } declared) return;
        if (declared.Dim.Count != given.Length) throw Contradiction(view, input, given);
        for (int i = 0; i < given.Length; i++)
        {
            var dim = declared.Dim[i];
            if (given[i] < 0) continue;
            if (dim.DimValue > 0 && dim.DimValue != given[i]) throw Contradiction(view, input, given);
            if (dim.DimParam.Length > 0 && !symbols.TryAdd(dim.DimParam, given[i]) && symbols[dim.DimParam] != given[i])
            {
                throw DiagnosticCatalog.UnknownShape.Error(view.Model.Name,
                    $"the extent '{dim.DimParam}' is given as {symbols[dim.DimParam]} and, for '{input.Name}', as {given[i]}. Give it one value.");
            }
        }
    }

    private static void Declare(GraphView view, ShapeTable table, ValueInfoProto input, long[]? given, Dictionary<string, long> symbols)
    {
        if (input.Type?.TensorType is not { ElemType: > 0 } tensor)
        {
            table.SetUnknown(input.Name, $"input '{input.Name}' is not a tensor");
            return;
        }
        var type = (DataType)tensor.ElemType;
        if (tensor.Shape is null)
        {
            if (given is null || given.Any(extent => extent < 0))
            {
                table.SetUnknown(input.Name, $"input '{input.Name}' may have any shape. Give it with 'inputs:' in the manifest or --shape {input.Name}=1,…");
                return;
            }
            table.Set(input.Name, new TensorType(type, [.. given]));
            return;
        }
        var dims = tensor.Shape.Dim;
        long[] shape = new long[dims.Count];
        for (int i = 0; i < shape.Length; i++)
        {
            long explicitly = given is not null ? given[i] : Unknown;
            shape[i] = explicitly >= 0 ? explicitly
                : dims[i].DimValue > 0 ? dims[i].DimValue
                : dims[i].DimParam.Length > 0 && symbols.TryGetValue(dims[i].DimParam, out long bound) ? bound
                : i == 0 || IsBatch(dims[i].DimParam) ? 1 : Unknown;
        }
        if (shape.Contains(Unknown))
        {
            string example = string.Join(',', shape.Select(s => s >= 0 ? $"{s}" : "…"));
            table.SetUnknown(input.Name, $"input '{input.Name}' is declared as {Describe(input)}. Give its shape with 'inputs:' in the manifest or --shape {input.Name}={example}");
            return;
        }
        table.Set(input.Name, TensorType.Of(type, shape));
    }

    // Recurrent state is often [layers, batch, features]: its batch is not the first extent.
    private static bool IsBatch(string symbol) => symbol.Equals("batch", StringComparison.OrdinalIgnoreCase) || symbol.Equals("batch_size", StringComparison.OrdinalIgnoreCase);

    private static HaqException Contradiction(GraphView view, ValueInfoProto input, long[] given) =>
        DiagnosticCatalog.UnknownShape.Error(view.Model.Name, $"input '{input.Name}' is {Describe(input)}, but the shape given is [{string.Join(',', given)}]. Give one that fits.");
}
