using Google.Protobuf;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>
/// Lets ONNX Runtime show where it puts each number: the placeholders are filled with numbers that all differ, the graph is optimized and read back. Twice, with other numbers: what
/// differs between the two and is not one of the numbers was computed from a placeholder, and such a graph cannot be filled again.
/// </summary>
internal sealed class LayoutProbe
{
    // From 1 upwards in steps of the last bit: ordinary numbers, so that any arithmetic with them shows.
    private const int One = 0x3F800000;
    private const int Most = 1 << 28;

    private readonly PlaceholderGraph _graph;
    private readonly PieceRoom _room;
    private readonly Dictionary<string, int> _first = new(StringComparer.Ordinal);
    private readonly int _total;

    public LayoutProbe(PlaceholderGraph graph)
    {
        _graph = graph;
        long total = 0;
        foreach (var placeholder in graph.Placeholders)
        {
            _first[placeholder.Name] = (int)Math.Min(total, Most);
            total += placeholder.Count;
        }
        _total = (int)Math.Min(total, Most + 1L);
        _room = PieceRoom.For(total, !MappedConstants.HasOtherFiles(graph.Model));
    }

    /// <summary>The optimized graph, and the initializers to fill, which are empty; null where it cannot be filled.</summary>
    public (ModelProto Model, List<Refill> Refills)? Run()
    {
        if (_total > Most) return null;
        var (one, other) = (Optimize(0), Optimize(_total));
        if (!HaveEqualNodes(one.Graph, other.Graph) || one.Graph.Initializer.Count != other.Graph.Initializer.Count) return null;
        var second = other.Graph.Initializer.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var refills = new List<Refill>();
        foreach (var tensor in one.Graph.Initializer)
        {
            if (!second.TryGetValue(tensor.Name, out var twin) || !tensor.Dims.Equals(twin.Dims)) return null;
            if (tensor.Equals(twin)) continue;
            if (TensorData.TypeOf(tensor) != DataType.Float || Read(tensor, twin) is not { } refill) return null;
            refills.Add(refill);
            // Where the numbers went is known now.
            tensor.RawData = twin.RawData = ByteString.Empty;
            tensor.FloatData.Clear();
            twin.FloatData.Clear();
        }
        // A placeholder that is found nowhere went into something else than an initializer.
        return refills.Select(r => r.Placeholder).Distinct().Count() == _graph.Placeholders.Count ? (one, refills) : null;
    }

    // The order and the names of nodes are ONNX Runtime's whim; tensors keep theirs.
    private static bool HaveEqualNodes(GraphProto one, GraphProto other) => Nodes(one).SetEquals(Nodes(other));

    private static HashSet<NodeProto> Nodes(GraphProto graph) => graph.Node.Select(n =>
    {
        var nameless = n.Clone();
        nameless.Name = "";
        return nameless;
    }).ToHashSet();

    private ModelProto Optimize(int shift)
    {
        var filled = ModelBuilder.From(_graph.Model);
        foreach (var placeholder in _graph.Placeholders)
        {
            float[] numbers = new float[placeholder.Count];
            for (int i = 0; i < numbers.Length; i++) numbers[i] = BitConverter.Int32BitsToSingle(One + shift + _first[placeholder.Name] + i + 1);
            filled.Constant(TensorData.Of(placeholder.Name, placeholder.Dims.AsSpan(), numbers));
        }
        var model = filled.Build();
        string folder = Directory.CreateTempSubdirectory("haq-").FullName;
        try
        {
            string path = Path.Combine(folder, "optimized.onnx");
            using (new OrtSession(model, ExactSessions.Settings with { Configure = CustomOperators.Register, OptimizedModelPath = path })) { }
            using var file = File.OpenRead(path);
            return ModelProto.Parser.ParseFrom(file);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private Refill? Read(TensorProto tensor, TensorProto twin)
    {
        float[] one = TensorData.ToFloats(tensor), other = TensorData.ToFloats(twin);
        int[] source = new int[one.Length];
        Placeholder? placeholder = null;
        for (int i = 0; i < one.Length; i++)
        {
            int number = NumberOf(one[i], 0);
            if (number != NumberOf(other[i], _total)) return null;
            if (number < 0)
            {
                if (one[i] != 0 || other[i] != 0) return null;
                source[i] = -1;
                continue;
            }
            placeholder ??= _graph.Placeholders.Last(h => _first[h.Name] <= number);
            source[i] = number - _first[placeholder.Name];
            if (source[i] < 0 || source[i] >= placeholder.Count) return null;
        }
        if (placeholder is null) return null;
        bool inPlace = source.Length == placeholder.Count && IsInPlace(source);
        return new Refill(placeholder, tensor.Name, [.. tensor.Dims], inPlace ? null : source, _room);
    }

    private static bool IsInPlace(int[] source)
    {
        for (int i = 0; i < source.Length; i++)
            if (source[i] != i) return false;
        return true;
    }

    // Which of all placeholders' numbers it is; −1 for none.
    private int NumberOf(float value, int shift)
    {
        int number = BitConverter.SingleToInt32Bits(value) - One - shift - 1;
        return number >= 0 && number < _total ? number : -1;
    }
}
