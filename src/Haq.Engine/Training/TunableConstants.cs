using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Onnx;

namespace Haq.Engine.Training;

/// <summary>
/// Finds what is trained besides layers: scales and biases of normalizations, slopes of PRelu, and vectors that are added to or multiplied with a tensor, such as the
/// scale of a normalization that is written out, and the weights and biases of layers that stay in floating point. Only what comes after a quantized layer: there it can make up for what
/// rounding does; the preprocessing in front stays as it is.
/// </summary>
internal static class TunableConstants
{
    /// <summary>The constants, each once, in the order of the graph, but for those in <paramref name="biases"/>, which are layers'.</summary>
    public static IReadOnlyList<TensorProto> Find(QuantizedModel start, IReadOnlySet<string> biases)
    {
        var view = new GraphView(start.Model);
        var layers = start.Layers.Where(l => l.Weights is not null).ToDictionary(l => l.Found.Output, l => l.Found, StringComparer.Ordinal);
        var real = start.Layers.Where(l => l.Weights is null).ToLookup(l => l.Found.Output, l => l.Found, StringComparer.Ordinal);
        var taken = start.Layers.Where(l => l.Weights is not null).SelectMany(l => new[] { l.Found.Weight, l.Found.Bias ?? "" }).Concat(biases).ToHashSet(StringComparer.Ordinal);
        var after = new HashSet<string>(StringComparer.Ordinal);
        var found = new List<TensorProto>();
        foreach (var node in view.Order)
        {
            bool follows = node.Input.Any(after.Contains);
            if (follows || layers.ContainsKey(node.Output[0])) after.UnionWith(node.Output.Where(o => o.Length > 0));
            if (!follows) continue;
            foreach (var layer in real[node.Output[0]])
            {
                foreach (string name in (string[])[layer.Weight, layer.Bias ?? ""])
                    if (view.IsInitializer(name) && TensorData.TypeOf(view.ConstantOf(name)!) == DataType.Float && taken.Add(name)) found.Add(view.ConstantOf(name)!);
            }

            foreach (string name in CandidatesOf(node))
                if (view.IsInitializer(name) && IsVector(view.ConstantOf(name)!) && taken.Add(name)) found.Add(view.ConstantOf(name)!);
        }
        return found;
    }

    private static IEnumerable<string> CandidatesOf(NodeProto node) => node.OpType switch
    {
        OpNames.BatchNormalization or OpNames.LayerNormalization or OpNames.InstanceNormalization or OpNames.GroupNormalization => node.Input.Skip(1).Take(2),
        OpNames.PRelu => node.Input.Skip(1),
        OpNames.Add or OpNames.Mul => node.Input,
        _ => [],
    };

    // One extent alone is more than one: [C], [C,1,1], [1,1,C]. Single numbers are formula (a half, a root of the width), matrices are tables.
    private static bool IsVector(TensorProto tensor) => TensorData.TypeOf(tensor) == DataType.Float && tensor.Dims.Count(d => d != 1) == 1 && TensorData.Count(tensor) > 1;
}
