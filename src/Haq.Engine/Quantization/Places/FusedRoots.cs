using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Places;

/// <summary>
/// Which tensors are functions of a single stored one, so that hardware computes them in one go: activations however they are spelt (x · sigmoid(x), GELU by Erf), normalizations of means and
/// deviations, scalings by constants. Nothing in between is kept in memory, and nothing of it has a width.
/// </summary>
internal sealed class FusedRoots
{
    private readonly GraphView _view;
    private readonly HashSet<string> _layerNodes;
    private readonly Func<string, bool> _isReal;
    private readonly Dictionary<string, string> _roots = new(StringComparer.Ordinal);

    /// <summary>Looks through a graph.</summary>
    /// <param name="view">The graph.</param>
    /// <param name="layerNodes">Names of the nodes that are layers.</param>
    /// <param name="isReal">The tensor is computed, of floating point.</param>
    public FusedRoots(GraphView view, HashSet<string> layerNodes, Func<string, bool> isReal)
    {
        (_view, _layerNodes, _isReal) = (view, layerNodes, isReal);
        foreach (var node in view.Order)
        {
            if (layerNodes.Contains(node.Name) || !(OpFamilies.IsFunction(node) || OpFamilies.IsJoin(node) || OpFamilies.IsReduction(node))) continue;
            string[] inputs = [.. node.Input.Where(isReal)];
            string[] roots = [.. inputs.Select(Of).Distinct(StringComparer.Ordinal)];
            if (roots.Length == 1) _roots[node.Output[0]] = roots[0];
        }
    }

    /// <summary>The tensor that a tensor is a function of; itself where it is the result of a layer, of several tensors or of what only moves numbers.</summary>
    public string Of(string tensor) => _roots.GetValueOrDefault(tensor, tensor);

    /// <summary>The node computes a part of a function of one tensor.</summary>
    public bool IsInside(NodeProto node) =>
        !_layerNodes.Contains(node.Name) && _roots.ContainsKey(node.Output[0]) && (!OpFamilies.IsReduction(node) || LeadsBack(node.Output[0], _roots[node.Output[0]]));

    /// <summary>A mean belongs to a normalization where what it gives meets the tensor that it was taken of again.</summary>
    private bool LeadsBack(string tensor, string root)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([tensor]);
        while (open.TryPop(out string? at))
        {
            foreach (var reader in _view.ConsumersOf(at))
            {
                if (reader.Output.Count == 0 || !_roots.TryGetValue(reader.Output[0], out string? own) || own != root) continue;
                if (OpFamilies.IsJoin(reader) && reader.Input.Count(_isReal) > 1) return true;
                if (seen.Add(reader.Output[0])) open.Push(reader.Output[0]);
            }
        }
        return false;
    }
}
