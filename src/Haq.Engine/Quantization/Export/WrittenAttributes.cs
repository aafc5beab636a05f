using Haq.Engine.Dialects.Rules;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>Writes attributes of convolutions and pooling out that the standard has defaults for.</summary>
internal static class WrittenAttributes
{
    /// <summary>Adds what a rule asks for, in place; an automatic padding becomes the numbers that it means.</summary>
    public static void Write(OnnxModel model, AttributesRule rule, IReadOnlyDictionary<string, long[]> inputShapes)
    {
        var view = new GraphView(model);
        var shapes = new Lazy<ShapeTable>(() => ShapeInference.Infer(view, inputShapes));
        foreach (var node in view.Order.Where(n => OpNames.IsStandard(n.Domain) && rule.Operators.Contains(n.OpType)))
        {
            foreach (string name in rule.Written.Where(w => node.Attribute(w) is null))
                Add(view, node, name, shapes);
        }
    }

    private static void Add(GraphView view, NodeProto node, string name, Lazy<ShapeTable> shapes)
    {
        if (name == "group")
        {
            node.With(name, 1L);
            return;
        }
        if (KernelOf(node, shapes.Value) is not { } kernel) return;
        switch (name)
        {
            case "kernel_shape":
                node.With(name, (ReadOnlySpan<long>)kernel);
                break;
            case "strides" or "dilations":
                node.With(name, (ReadOnlySpan<long>)Ones(kernel.Length));
                break;
            case "pads" when PadsOf(node, kernel, shapes.Value) is { } pads:
                node.With(name, (ReadOnlySpan<long>)pads).Without("auto_pad");
                break;
        }
    }

    private static long[]? KernelOf(NodeProto node, ShapeTable shapes) => node.Ints("kernel_shape")
        ?? (node.Is(OpNames.Conv) || node.Is(OpNames.ConvTranspose) ? shapes.TryGet(node.InputAt(1), out var weights) ? [.. weights.Shape.Skip(2)] : null : null);

    private static long[]? PadsOf(NodeProto node, long[] kernel, ShapeTable shapes)
    {
        string mode = node.Text("auto_pad", "NOTSET");
        long[] pads = new long[2 * kernel.Length];
        if (mode is "NOTSET" or "VALID") return pads;
        if (!shapes.TryGet(node.InputAt(0), out var input)) return null;
        long[] strides = node.Ints("strides") ?? Ones(kernel.Length), dilations = node.Ints("dilations") ?? Ones(kernel.Length);
        for (int i = 0; i < kernel.Length; i++)
        {
            long extent = input.Shape[i + 2], result = (extent + strides[i] - 1) / strides[i];
            long missing = Math.Max(0, (result - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1 - extent);
            (pads[i], pads[i + kernel.Length]) = mode == "SAME_LOWER" ? (missing - missing / 2, missing / 2) : (missing / 2, missing - missing / 2);
        }
        return pads;
    }

    private static long[] Ones(int count)
    {
        long[] ones = new long[count];
        Array.Fill(ones, 1);
        return ones;
    }
}
