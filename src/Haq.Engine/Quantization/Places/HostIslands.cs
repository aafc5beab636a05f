using System.Collections.Immutable;
using Haq.Engine.Dialects;
using Haq.Engine.Dialects.Conformance;
using Haq.Engine.Hardware;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Quantization.Places;

/// <summary>
/// Where a network passes between an accelerator and its host. What is no layer runs where it can be run: on the accelerator, unless the target lacks it. Of a tensor that several parts of a network
/// made (a sum), the part that was made last counts as its maker; several readers on one side are one transfer where they share an activation quantizer.
/// </summary>
public sealed class HostIslands
{
    private readonly GraphView _view;
    private readonly ShapeTable _shapes;
    private readonly ImmutableArray<FoundLayer> _layers;
    private readonly HashSet<NodeProto> _host;
    private readonly Dictionary<NodeProto, int> _layerOf = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, Origin> _origins = new(StringComparer.Ordinal);
    private readonly List<long>[] _moved;
    private readonly long[] _numbers;
    private readonly HashSet<(int Layer, string Tensor)> _seen = [];
    private readonly List<HostBorders.Between> _between = [];

    // Layers that made a tensor, alone or as parts of a sum, and whether the host did.
    private readonly record struct Origin(ImmutableSortedSet<int> Layers, bool IsHost);

    private static readonly Origin s_input = new([], false);

    private HostIslands(GraphView view, ShapeTable shapes, ImmutableArray<FoundLayer> layers, HashSet<NodeProto> host)
    {
        (_view, _shapes, _layers, _host) = (view, shapes, layers, host);
        foreach (var layer in _layers) _layerOf[layer.Node] = layer.Layer.Index;
        (_moved, _numbers) = ([.. _layers.Select(_ => new List<long>())], new long[_layers.Length]);
    }

    /// <summary>The borders of a network.</summary>
    /// <param name="view">Its graph.</param>
    /// <param name="shapes">The types of its tensors.</param>
    /// <param name="layers">Its layers, by index.</param>
    /// <param name="profile">The target; null where it leaves nothing to the host but what is in floating point.</param>
    public static HostBorders Of(GraphView view, ShapeTable shapes, ImmutableArray<FoundLayer> layers, DialectProfile? profile)
    {
        ArgumentNullException.ThrowIfNull(view);
        return new HostIslands(view, shapes, layers, profile is null ? [] : HostNodes.Of(view.Model, profile)).Run();
    }

    private HostBorders Run()
    {
        foreach (var node in _view.Order) Pass(node);
        var own = _layers.Select(l => new HostBorders.Own(_host.Contains(l.Node), _numbers[l.Layer.Index], [.. _moved[l.Layer.Index]]));
        return new HostBorders([.. own], [.. _between], [.. _view.Order.Where(_host.Contains).Select(_view.NameOf)]);
    }

    private void Pass(NodeProto node)
    {
        string[] read = [.. node.Input.Where(IsActivation).Distinct()];
        if (_layerOf.TryGetValue(node, out int layer))
        {
            string tensor = _layers[layer].Input;
            Read(layer, tensor);
            Write(node, new Origin([layer], false));
            return;
        }
        var origin = new Origin([.. read.SelectMany(t => OriginOf(t).Layers)], read.Any(t => OriginOf(t).IsHost));
        if (!_host.Contains(node) || !node.Output.Any(IsActivation))
        {
            Write(node, origin);
            return;
        }
        foreach (string tensor in read.Where(t => OriginOf(t) is { IsHost: false, Layers.IsEmpty: false }))
            if (OriginOf(tensor).Layers.Max is var maker && _seen.Add((maker, tensor))) _moved[maker].Add(Numbers(tensor));
        int charged = origin.Layers.IsEmpty ? 0 : origin.Layers.Max;
        _numbers[charged] += read.Concat(node.Output.Where(IsActivation)).Sum(Numbers);
        // The layers are still known: what reads on charges its own work to them.
        Write(node, origin with { IsHost = true });
    }

    private void Read(int layer, string tensor)
    {
        var origin = OriginOf(tensor);
        if (origin.IsHost)
        {
            if (_seen.Add((-1, tensor))) _moved[layer].Add(Numbers(tensor));
            return;
        }
        int group = _layers[layer].Layer.ActivationGroup;
        foreach (int maker in origin.Layers)
            if (!_between.Any(b => b.From == maker && _layers[b.To].Layer.ActivationGroup == group)) _between.Add(new HostBorders.Between(maker, layer, Numbers(tensor)));
    }

    private void Write(NodeProto node, Origin origin)
    {
        foreach (string output in node.Output) _origins[output] = origin;
    }

    private Origin OriginOf(string tensor) => _origins.GetValueOrDefault(tensor, s_input);

    private bool IsActivation(string tensor) => _view.ConstantOf(tensor) is null && _shapes.TryGet(tensor, out var type) && ElementTypes.IsReal(type.Type);

    private long Numbers(string tensor) => Math.Max(1, _shapes[tensor].Count / Math.Max(1, _shapes.Batch));
}
