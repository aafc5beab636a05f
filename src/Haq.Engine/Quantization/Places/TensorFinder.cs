using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Quantization.Places;

/// <summary>
/// Finds the tensors that hardware of integers alone keeps between its operators: what sums, products, concatenations, softmax, normalizations, averages and products of activations read, what they
/// make where a function of it is taken (a residual stream, of its normalization), and the network's outputs. A layer with its bias and activation is one unit, and so is a function of one tensor.
/// </summary>
internal sealed class TensorFinder
{
    private readonly GraphView _view;
    private readonly ShapeTable _shapes;
    private readonly ImmutableArray<FoundLayer> _layers;
    private readonly HashSet<string> _layerNodes;
    private readonly FusedRoots _roots;
    private readonly FusedResiduals? _residuals;
    private readonly List<string> _order = [];
    private readonly Dictionary<string, List<(string Node, int Input)>> _readers = new(StringComparer.Ordinal);

    private TensorFinder(GraphView view, ShapeTable shapes, ImmutableArray<FoundLayer> layers, bool fuses)
    {
        (_view, _shapes, _layers) = (view, shapes, layers);
        _layerNodes = layers.Select(l => l.Node.Name).ToHashSet(StringComparer.Ordinal);
        _roots = new FusedRoots(view, _layerNodes, IsReal);
        if (fuses) _residuals = FusedResiduals.Of(view, _roots, _layerNodes, IsReal);
    }

    /// <summary>The tensors, in the order in which they are first needed; with <paramref name="fuses"/>, sums of a layer's result are part of the layer.</summary>
    public static ImmutableArray<TensorItem> Find(GraphView view, ShapeTable shapes, ImmutableArray<FoundLayer> layers, bool fuses) => new TensorFinder(view, shapes, layers, fuses).Run();

    private ImmutableArray<TensorItem> Run()
    {
        var results = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in _view.Order.Where(IsAnchor))
        {
            for (int i = 0; i < node.Input.Count; i++)
                if (IsReal(node.Input[i])) Read(node.Input[i], node, i);
            string result = ResultOf(node.Output[0]);
            if (!IsReal(result)) continue;
            results[node.Name] = result;
            foreach (var reader in _view.ConsumersOf(result).Where(r => !_layerNodes.Contains(r.Name) && !IsAnchor(r) && _roots.IsInside(r)))
            {
                for (int i = 0; i < reader.Input.Count; i++)
                    if (reader.Input[i] == result) Read(result, reader, i);
            }
        }
        foreach (var output in _view.Outputs)
            if (IsReal(output.Name) && _view.ProducerOf(output.Name) is not null) Known(output.Name);
        var softmax = SoftmaxSums.Of(_view, _order);
        var taken = _layers.Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        var joined = Joined(results);
        return [.. _order.Select(t => Describe(t, taken, softmax.GetValueOrDefault(t), joined.GetValueOrDefault(t, [])))];
    }

    private TensorItem Describe(string tensor, HashSet<string> taken, string? softmax, List<string> joined)
    {
        string name = tensor;
        for (int n = 1; !taken.Add(name); n++) name = n == 1 ? $"{tensor} (tensor)" : $"{tensor} (tensor {n})";
        var type = _shapes[tensor];
        var junction = new Junction(tensor, [.. _readers[tensor]]) { IsOutput = _view.IsOutput(tensor) };
        int layer = _layers.FirstOrDefault(l => l.Input == tensor && !l.IsLeftInFloat)?.Layer.ActivationGroup ?? -1;
        // The parts of a function of one tensor read it once.
        int reads = junction.Readers.Select(r => _view.ConsumersOf(tensor).First(c => c.Name == r.Node)).Select(n => _roots.IsInside(n) ? _roots.Of(n.Output[0]) : n.Name).Distinct().Count();
        return new TensorItem(junction, name, Math.Max(1, type.Count / Math.Max(1, _shapes.Batch)), layer, reads + (IsWrittenByLayer(tensor) ? 0 : 1)) { Softmax = softmax, Joined = [.. joined] };
    }

    private static Dictionary<string, List<string>> Empty => new(StringComparer.Ordinal);

    // Of a sum or a concatenation: its result's tensor (or the first that it reads) and the others.
    private Dictionary<string, List<string>> Joined(Dictionary<string, string> results)
    {
        var joined = Empty;
        foreach (var node in _view.Order.Where(n => IsAnchor(n) && (OpFamilies.IsJoin(n) || n.Is(OpNames.Concat))))
        {
            string[] inputs = [.. node.Input.Where(IsReal).Distinct()];
            string to = results.TryGetValue(node.Name, out string? result) && _readers.ContainsKey(result) ? result : inputs[0];
            if (!joined.TryGetValue(to, out var list)) joined[to] = list = [];
            list.AddRange(inputs.Where(i => i != to && !list.Contains(i)));
        }
        return joined;
    }

    private bool IsAnchor(NodeProto node) => !_layerNodes.Contains(node.Name) && node.Output.Count > 0 && node.Input.Any(IsReal) && IsReal(node.Output[0])
        && (OpFamilies.IsKernel(node) || node.Is(OpNames.Concat) || ((OpFamilies.IsJoin(node) || OpFamilies.IsReduction(node)) && !_roots.IsInside(node)));

    /// <summary>The tensor behind a result's activation and behind what only moves numbers, where each of them has a single reader.</summary>
    private string ResultOf(string tensor)
    {
        while (!_view.IsOutput(tensor) && _view.ConsumersOf(tensor) is [var only] && only.Output.Count == 1 && !_layerNodes.Contains(only.Name)
            && ((OpFamilies.IsMove(only) && only.InputAt(0) == tensor) || (_roots.IsInside(only) && !OpFamilies.IsReduction(only) && only.Input.Count(IsReal) == 1)))
        {
            tensor = only.Output[0];
        }

        return tensor;
    }

    private bool IsWrittenByLayer(string tensor)
    {
        string root = _roots.Of(tensor);
        while (_view.ProducerOf(root) is { } producer && OpFamilies.IsMove(producer)) root = _roots.Of(producer.Input[0]);
        return _view.ProducerOf(root) is not { } maker || _layerNodes.Contains(maker.Name) || _residuals?.Sums.Contains(maker.Name) == true;
    }

    private void Read(string tensor, NodeProto node, int input)
    {
        if (_residuals?.Results.Contains(tensor) == true) return;
        var readers = Known(tensor);
        if (!readers.Contains((node.Name, input))) readers.Add((node.Name, input));
    }

    private List<(string Node, int Input)> Known(string tensor)
    {
        if (_readers.TryGetValue(tensor, out var known)) return known;
        _order.Add(tensor);
        return _readers[tensor] = [];
    }

    private bool IsReal(string tensor) =>
        tensor.Length > 0 && _view.ConstantOf(tensor) is null && _shapes.TryGet(tensor, out var type) && type.Type == DataType.Float && type.Rank >= 1 && type.Count > 1;
}
