using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx.Shapes;

namespace Haq.Engine.Onnx;

/// <summary>A graph's types for two sizes of its free extents.</summary>
/// <param name="First">For the first; null where the inputs cannot have these sizes.</param>
/// <param name="Second">For the second.</param>
/// <param name="Sizes">The sizes.</param>
/// <param name="Missing">Tensors that are not known in both.</param>
internal sealed record InferredTwice(ShapeTable? First, ShapeTable? Second, FreeExtents Sizes, int Missing)
{
    public static InferredTwice Of(GraphView view, FreeExtents sizes)
    {
        var first = Infer(view, sizes.First);
        var second = sizes.Any ? Infer(view, sizes.Second) : first;
        int missing = view.Order.SelectMany(n => n.Output).Count(o => o.Length > 0 && !(first?.TryGet(o, out _) == true && second?.TryGet(o, out _) == true));
        return new InferredTwice(first, second, sizes, missing);
    }

    private static ShapeTable? Infer(GraphView view, IReadOnlyDictionary<string, long[]> shapes)
    {
        try
        {
            return ShapeInference.Infer(view, shapes);
        }
        catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.UnknownShape)
        {
            return null;
        }
    }
}
