using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Constants that are inputs, too: before version 4 of the file's form all were; since then it means that a caller may replace them, which hinders constant folding.</summary>
internal static class ConstantInputs
{
    /// <summary>Makes them constants alone.</summary>
    public static void Drop(GraphProto graph)
    {
        var constants = graph.Initializer.Select(t => t.Name).Concat(graph.SparseInitializer.Select(t => t.Values?.Name ?? "")).ToHashSet(StringComparer.Ordinal);
        var inputs = graph.Input.Where(i => !constants.Contains(i.Name)).ToArray();
        graph.Input.Clear();
        graph.Input.Add(inputs);
    }
}
