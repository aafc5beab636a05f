using System.Collections.Immutable;
using Google.Protobuf;
using Haq.Engine.Autodiff;
using Haq.Engine.Diagnostics;
using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>
/// A network as ONNX Runtime rewrote it, once for all policies: sessions are made without optimizing again, only the constants that a policy brings are filled in. As nothing is
/// rewritten any more, the network may be taken apart between any two nodes and computes the same numbers. Safe for concurrent use.
/// </summary>
internal sealed class CompiledGraph
{
    private readonly OnnxModel _model;
    private readonly GraphView _real;
    private readonly ImmutableArray<NodeProto> _order;
    private readonly List<IRefill> _refills;
    private readonly int[] _integers;
    private readonly Dictionary<Placeholder, int> _firstUse = [];
    private readonly Dictionary<string, DataType> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<(int, int), ReferringMessage> _segments = [];
    private readonly string _name;
    private readonly ImmutableArray<string> _outputs;

    private CompiledGraph(OnnxModel model, GraphView real, List<IRefill> refills, int[] integers, ImmutableArray<string> outputs)
    {
        (_model, _real, _refills, _integers, _name, _outputs) = (model, real, refills, integers, model.Name, outputs);
        var view = new GraphView(model);
        _order = Needed(view, outputs);
        End = _order.Length;
        var placeholders = refills.ToDictionary(r => r.Name, r => r.Placeholder, StringComparer.Ordinal);
        for (int i = 0; i < End; i++)
        {
            foreach (string tensor in GraphView.InputsOf(_order[i]))
                if (placeholders.TryGetValue(tensor, out var placeholder)) _firstUse.TryAdd(placeholder, i);
        }

        Cuts = [.. FindCuts()];
    }

    /// <summary>Where the network can be taken apart, in order: before each quantizer, or what has one in it.</summary>
    public ImmutableArray<GraphCut> Cuts { get; }

    /// <summary>The position after the last node.</summary>
    public int End { get; }

    /// <summary>Compiles the network for policies like <paramref name="quantized"/>; null where ONNX Runtime computes with a policy's constants while it optimizes.</summary>
    /// <param name="quantized">One of them.</param>
    /// <param name="outputs">What is computed.</param>
    /// <param name="integers">Convolutions add integers where they can; null where none can.</param>
    public static CompiledGraph? Of(QuantizedModel quantized, ImmutableArray<string> outputs, bool integers = false)
    {
        try
        {
            var graph = PlaceholderGraph.Of(quantized);
            if (new LayoutProbe(graph).Run() is not { } optimized) return null;
            var model = new OnnxModel(optimized.Model, quantized.Model.Name, quantized.Model.External.Folder);
            BlockedLayout.Keep(MappedConstants.KeepPacked(model));
            List<IRefill> refills = [.. optimized.Refills];
            int[] inIntegers = integers ? IntegerConvolutions.Put(model, refills) : [];
            if (integers && inIntegers.Length == 0) return null;
            // What no node makes was computed while optimizing.
            return outputs.All(o => model.Graph.Node.Any(n => n.Output.Contains(o))) ? new CompiledGraph(model, new GraphView(quantized.Model), refills, inIntegers, outputs) : null;
        }
        catch (Exception e) when (e is HaqException or IOException or UnauthorizedAccessException or InvalidProtocolBufferException)
        {
            // The network is computed in its plain form then, and what is wrong with it is said there.
            return null;
        }
    }

    /// <summary>The policy's numbers suit the graph: those of layers in integers are narrow enough for exact sums.</summary>
    public bool Fits(QuantizedModel quantized) => IntegerConvolutions.Fit(quantized, _integers);

    /// <summary>How many nodes from the first on compute the same under both policies.</summary>
    public int SharedNodes(QuantizedModel one, QuantizedModel other)
    {
        int shared = End;
        foreach (var (placeholder, first) in _firstUse)
            if (first < shared && !placeholder.IsSame(one, other)) shared = first;
        return shared;
    }

    /// <summary>A session of the nodes from one cut to another; null stands for the network's beginning and end. It makes what crosses the second cut but not the first.</summary>
    public OrtSession Open(QuantizedModel quantized, GraphCut? from, GraphCut? to)
    {
        var session = new OrtSession(Write(quantized, from, to), _name, Settings, quantized.Model.External.Folder);
        lock (_segments)
            foreach (var output in session.Outputs) _types[output.Name] = output.Type;
        return session;
    }

    /// <summary>The serialized model of such a session, which is made with <see cref="Settings"/>.</summary>
    public ReferringMessage Write(QuantizedModel quantized, GraphCut? from, GraphCut? to)
    {
        var (first, last) = (from?.Position ?? 0, to?.Position ?? End);
        ReferringMessage segment;
        lock (_segments) segment = SegmentOf(from, to);
        var read = Read(first, last);
        return ReferringMessage.Join([segment, .. _refills.Where(r => read.Contains(r.Name)).Select(r => r.Piece(quantized, _real))]);
    }

    /// <summary>How sessions are made: nothing is rewritten.</summary>
    public static SessionSettings Settings { get; } = ExactSessions.Settings with
    {
        Configure = CustomOperators.Register, Optimization = Microsoft.ML.OnnxRuntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
    };

    private HashSet<string> Read(int first, int last) => _order[first..last].SelectMany(GraphView.InputsOf).ToHashSet(StringComparer.Ordinal);

    private ReferringMessage SegmentOf(GraphCut? from, GraphCut? to)
    {
        var key = (from?.Position ?? 0, to?.Position ?? End);
        if (_segments.TryGetValue(key, out var known)) return known;
        var (first, last) = key;
        var read = Read(first, last);
        var made = _order[first..last].SelectMany(n => n.Output).ToHashSet(StringComparer.Ordinal);
        var part = ModelBuilder.PartOf(_model, _order[first..last]);
        foreach (var input in _model.Graph.Input.Where(i => read.Contains(i.Name))) part.Input(input);
        foreach (string tensor in from?.Tensors.Where(read.Contains) ?? []) part.Input(tensor, _types[tensor], null);
        if (to is not null) part.Show(to.Tensors.Where(t => from is null || !from.Tensors.Contains(t)));
        else foreach (var output in _model.Graph.Output.Where(o => _outputs.Contains(o.Name) && made.Contains(o.Name))) part.Output(output);
        var segment = part.Build();
        OpenConstants.Drop(segment.Graph, _refills.Select(r => r.Name).ToHashSet(StringComparer.Ordinal));
        return _segments[key] = MappedConstants.Refer(segment) ?? new ReferringMessage(segment.ToBytes());
    }

    // What the outputs are made from: others are not computed.
    private static ImmutableArray<NodeProto> Needed(GraphView view, ImmutableArray<string> outputs)
    {
        var needed = new HashSet<string>(outputs, StringComparer.Ordinal);
        var nodes = new List<NodeProto>();
        foreach (var node in view.Order.Reverse())
        {
            if (!node.Output.Any(needed.Contains)) continue;
            needed.UnionWith(GraphView.InputsOf(node));
            nodes.Add(node);
        }
        nodes.Reverse();
        return [.. nodes];
    }

    private IEnumerable<GraphCut> FindCuts()
    {
        var (made, lastRead) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        for (int i = 0; i < End; i++)
        {
            foreach (string tensor in GraphView.InputsOf(_order[i])) lastRead[tensor] = i;
            foreach (string tensor in _order[i].Output) made[tensor] = i;
        }
        foreach (string output in _outputs) lastRead[output] = End;
        for (int at = 1; at < End; at++)
        {
            var node = _order[at];
            if (node.Domain != GraphBuilder.CustomDomain) continue;
            string[] crossing = [.. made.Where(m => m.Value < at && lastRead.GetValueOrDefault(m.Key, -1) >= at).OrderBy(m => m.Value).Select(m => m.Key)];
            if (crossing.Length > 0) yield return new GraphCut(at, [.. crossing]);
        }
    }
}
