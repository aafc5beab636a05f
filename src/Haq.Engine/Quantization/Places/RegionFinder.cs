using System.Collections.Immutable;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Quantization.Weights;
using Onnx;

namespace Haq.Engine.Quantization.Places;

/// <summary>
/// Finds what ONNX Runtime's processor kernels compute in 8-bit integers: layers with the activation behind them, and sums, products, concatenations, averages and what only moves values between them.
/// </summary>
public sealed class RegionFinder
{
    private readonly GraphView _view;
    private readonly ShapeTable _shapes;
    private readonly Dictionary<NodeProto, int> _unitOf = new(ReferenceEqualityComparer.Instance);
    private readonly List<RegionUnit> _units = [];

    private RegionFinder(GraphView view, ShapeTable shapes) => (_view, _shapes) = (view, shapes);

    /// <summary>The units of a network.</summary>
    /// <param name="view">The network.</param>
    /// <param name="shapes">The types of its tensors.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="tables">The tables that may be stored in fewer bits.</param>
    public static RegionMap Find(GraphView view, ShapeTable shapes, IEnumerable<FoundLayer> layers, IEnumerable<FoundTable> tables)
    {
        ArgumentNullException.ThrowIfNull(view);
        return new RegionFinder(view, shapes).Run(layers, tables);
    }

    private RegionMap Run(IEnumerable<FoundLayer> layers, IEnumerable<FoundTable> tables)
    {
        var byNode = layers.ToDictionary(l => l.Node.Name, StringComparer.Ordinal);
        var lookups = tables.ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach (var node in _view.Order)
        {
            if (_unitOf.ContainsKey(node)) continue;
            if (byNode.TryGetValue(node.Name, out var layer)) AddLayer(node, layer);
            else if (lookups.TryGetValue(node.Name, out var table)) AddTable(node, table);
            else if (Joins(node)) AddOperator(node);
        }
        return new RegionMap([.. _units], Tensors());
    }

    private void AddLayer(NodeProto node, FoundLayer layer)
    {
        var nodes = new List<NodeProto> { node };
        if (BiasPlace.Of(_view, layer) is { Added: { } added }) nodes.Add(added);
        bool product = node.Is(OpNames.MatMul) || node.Is(OpNames.Gemm);
        string output = Extend(nodes, nodes[^1].Output[0]);
        Add(nodes, layer, [new RegionInput(layer.Input, node.Name, 1 - layer.WeightInput)], output, product, keeps: false);
        if (!layer.IsLeftInFloat && IsPlainProduct(layer))
            _units[^1] = _units[^1] with { CanBeDynamic = true, Block = layer.Layer.Shape.In % BlockedWeights.Usual == 0 && layer.Layer.Shape.In > BlockedWeights.Usual ? BlockedWeights.Usual : 0 };
    }

    private void AddTable(NodeProto node, FoundTable table)
    {
        _unitOf[node] = _units.Count;
        _units.Add(new RegionUnit(node.Name, null, [node.Name], [], node.Output[0]) { CanBeInteger = false, Table = table });
    }

    // Rows of real numbers times one matrix, and nothing else: what is written as a MatMul and an Add.
    private static bool IsPlainProduct(FoundLayer layer) => layer.WeightInput == 1 && layer.WeightShape.Length == 2
        && (layer.Node.Is(OpNames.MatMul) || (layer.Node.Is(OpNames.Gemm) && layer.Node.Int("transA", 0) == 0 && layer.Node.Float("alpha", 1) == 1 && layer.Node.Float("beta", 1) == 1));

    private void AddOperator(NodeProto node)
    {
        var nodes = new List<NodeProto> { node };
        string output = Extend(nodes, node.Output[0]);
        var inputs = node.Input.Take(ActivationInputs(node)).Select((tensor, i) => new RegionInput(tensor, node.Name, i));
        Add(nodes, null, [.. inputs], output, givesReals: false, OpFacts.KeepsValues(node) && nodes.Count == 1);
    }

    private void Add(List<NodeProto> nodes, FoundLayer? layer, ImmutableArray<RegionInput> inputs, string output, bool givesReals, bool keeps)
    {
        foreach (var node in nodes) _unitOf[node] = _units.Count;
        // What leaves the network, or goes into a body, cannot be read through another name: the kernel behind it would not be fused.
        bool reroutable = !_view.IsOutput(output) && !_view.ConsumersOf(output).Any(c => c.Bodies().Any());
        _units.Add(new RegionUnit(nodes[0].Name, layer, [.. nodes.Select(n => n.Name)], inputs, output)
        {
            Inner = [.. nodes.SkipLast(1).Select(n => n.Output[0])], GivesReals = givesReals, KeepsValues = keeps, CanBeInteger = (reroutable || givesReals) && layer is not { IsLeftInFloat: true },
        });
    }

    // Relu and Clip become part of the kernel's clamping.
    private string Extend(List<NodeProto> nodes, string output)
    {
        while (!_view.IsOutput(output) && _view.ConsumersOf(output) is [var only] && only.InputAt(0) == output && OpFacts.IsClamp(_view, only) && !only.Bodies().Any())
        {
            nodes.Add(only);
            output = only.Output[0];
        }
        return output;
    }

    private bool Joins(NodeProto node)
    {
        if (!OpFacts.HasIntegerForm(_view, node)) return false;
        int inputs = ActivationInputs(node);
        return node.Input.Take(inputs).All(i => i.Length > 0 && _view.ConstantOf(i) is null && IsReal(i)) && IsReal(node.Output[0]);
    }

    private bool IsReal(string tensor) => _shapes.TryGet(tensor, out var type) && type.Type == DataType.Float && type.Rank >= 2;

    private static int ActivationInputs(NodeProto node) => OpFacts.ActivationInputs(node);

    private ImmutableArray<RegionTensor> Tensors()
    {
        var consumers = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var reads = new HashSet<(string, string, int)>();
        var order = new List<string>();
        for (int u = 0; u < _units.Count; u++)
        {
            foreach (var input in _units[u].Inputs)
            {
                var list = ListOf(input.Tensor);
                if (!list.Contains(u)) list.Add(u);
                reads.Add((input.Tensor, input.Node, input.Input));
            }
            ListOf(_units[u].Output);
        }
        var producers = Enumerable.Range(0, _units.Count).ToDictionary(u => _units[u].Output, u => u, StringComparer.Ordinal);
        return [.. order.Select(t => new RegionTensor(t, Elements(t), producers.GetValueOrDefault(t, -1), [.. consumers[t]], Others(t, reads)))];

        List<int> ListOf(string tensor)
        {
            if (consumers.TryGetValue(tensor, out var known)) return known;
            order.Add(tensor);
            return consumers[tensor] = [];
        }
    }

    private ImmutableArray<(string Node, int Input)> Others(string tensor, HashSet<(string, string, int)> reads)
    {
        var others = ImmutableArray.CreateBuilder<(string, int)>();
        foreach (var node in _view.ConsumersOf(tensor))
        {
            for (int i = 0; i < node.Input.Count; i++)
                if (node.Input[i] == tensor && !reads.Contains((tensor, node.Name, i))) others.Add((node.Name, i));
        }

        return others.ToImmutable();
    }

    private long Elements(string tensor) => _shapes.TryGet(tensor, out var type) ? type.Count : 0;
}
