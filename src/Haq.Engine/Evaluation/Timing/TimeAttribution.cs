using System.Text.RegularExpressions;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Evaluation.Timing;

/// <summary>
/// Maps the nodes that ONNX Runtime ran back to those of the network. Kernels of several nodes keep the name of the tensor that the last of them makes or of the node that they were made from; what
/// ONNX Runtime put in, and pairs of the exporter, belong to the tensor that they carry.
/// </summary>
internal sealed partial class TimeAttribution
{
    private readonly GraphView _view;
    private readonly Dictionary<string, NodeProto> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeProto> _made = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<NodeProto>> _read = new(StringComparer.Ordinal);

    private TimeAttribution(GraphView view, GraphProto optimized)
    {
        _view = view;
        foreach (var node in view.Order) _byName[node.Name] = node;
        foreach (var node in optimized.Node)
        {
            foreach (string output in node.Output) _made[output] = node;
            foreach (string input in node.Input)
            {
                if (!_read.TryGetValue(input, out var readers)) _read[input] = readers = [];
                readers.Add(node);
            }
        }
    }

    /// <summary>The times of a profile of <paramref name="view"/>'s network, or of a quantized form of it.</summary>
    public static GraphTimes Of(GraphView view, NodeProfile profile)
    {
        var attribution = new TimeAttribution(view, profile.Graph);
        var (nodes, quantizing, dequantizing, dynamic, moving) = (New(), New(), New(), New(), New());
        double other = 0;
        var times = profile.Nodes.ToDictionary(n => n.Name, n => n.Seconds, StringComparer.Ordinal);
        foreach (var node in profile.Graph.Node)
        {
            if (!times.TryGetValue(node.Name, out double seconds)) continue;
            if (attribution.KindOf(node) is { } border)
            {
                var table = border switch { Border.Quantize => quantizing, Border.Dequantize => dequantizing, Border.Dynamic => dynamic, _ => moving };
                if (attribution.Carried(node) is { } tensor) Add(table, tensor, seconds);
                else if (attribution.ReaderOf(node) is { } reader) Add(nodes, reader.Name, seconds);
                else other += seconds;
            }
            else if (attribution.OriginOf(node) is { } origin)
            {
                Add(nodes, origin.Name, seconds);
            }
            else
            {
                other += seconds;
            }
        }
        return new GraphTimes(nodes, quantizing, dequantizing, dynamic, moving, other);

        static Dictionary<string, double> New() => new(StringComparer.Ordinal);
        static void Add(Dictionary<string, double> table, string key, double seconds) => table[key] = table.GetValueOrDefault(key) + seconds;
    }

    private enum Border
    {
        Quantize,
        Dequantize,
        Dynamic,
        Move,
    }

    private Border? KindOf(NodeProto node) => node.OpType switch
    {
        OpNames.QuantizeLinear => Border.Quantize,
        OpNames.DequantizeLinear => Border.Dequantize,
        OpNames.DynamicQuantizeLinear => Border.Dynamic,
        "ReorderInput" or "ReorderOutput" => Border.Move,
        OpNames.Transpose when !_byName.ContainsKey(node.Name) => Border.Move,
        _ => null,
    };

    private NodeProto? OriginOf(NodeProto node)
    {
        foreach (string output in node.Output)
            if (Known(output) is { } tensor && _view.ProducerOf(tensor) is { } producer) return producer;
        if (_byName.TryGetValue(node.Name, out var same)) return same;
        if (Known(node.Name) is { } named && _view.ProducerOf(named) is { } maker) return maker;
        return _byName.Keys.Where(n => n.Length > 3 && node.Name.Contains(n, StringComparison.Ordinal)).MaxBy(n => n.Length) is { } part ? _byName[part] : null;
    }

    // The nearest tensor of the network, upwards through what only carries it, then downwards.
    private string? Carried(NodeProto node)
    {
        for (var (at, steps) = (node, 0); steps < 8; steps++)
        {
            if (Known(at.InputAt(0)) is { } tensor) return tensor;
            if (!_made.TryGetValue(at.InputAt(0), out var before)) break;
            if (KindOf(before) is null)
            {
                if (OriginOf(before) is { } origin) return origin.Output[0];
                break;
            }
            at = before;
        }
        for (var (at, steps) = (node, 0); steps < 8; steps++)
        {
            if (Known(at.OutputAt(0)) is { } tensor) return tensor;
            if (!_read.TryGetValue(at.OutputAt(0), out var readers)) return null;
            at = readers[0];
            if (KindOf(at) is null) return null;
        }
        return null;
    }

    // A weight that is dequantized in every run belongs to the layer that multiplies with it.
    private NodeProto? ReaderOf(NodeProto node)
    {
        for (var (at, steps) = (node, 0); steps < 8; steps++)
        {
            if (!_read.TryGetValue(at.OutputAt(0), out var readers)) return null;
            at = readers[0];
            if (KindOf(at) is null) return OriginOf(at);
        }
        return null;
    }

    private string? Known(string name)
    {
        if (name.Length == 0) return null;
        if (IsOfNetwork(name)) return name;
        int site = name.LastIndexOf("_quantization", StringComparison.Ordinal);
        if (site > 0 && IsOfNetwork(name[..site])) return name[..site];
        string bare = Suffix().Replace(name, "");
        return bare != name ? Known(bare) : null;
    }

    private bool IsOfNetwork(string tensor) => _view.ProducerOf(tensor) is not null || _view.Inputs.Any(i => i.Name == tensor);

    // What ONNX Runtime appends to the names of tensors that it puts in.
    [GeneratedRegex(@"(_nchwc|_reorder|_transposed?|/duplicated|_token_\d+|_\d+)$")]
    private static partial Regex Suffix();
}
