using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Haq.Engine.Quantization.Weights;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Evaluation;

/// <summary>
/// Makes the model that computes a policy number for number as the exported one does when ONNX Runtime folds constants, in milliseconds: the graph is the same for every policy, so it is
/// serialized once, and a policy's constants are appended. (Serialized protobuf messages merge when they are joined.) Weights are float constants that were quantized before,
/// because integer ones would be dequantized on every run. Safe for concurrent use.
/// </summary>
internal sealed class EvaluationGraph
{
    private const int MostSkeletons = 4;

    private readonly OnnxModel _model;
    private readonly ConcurrentDictionary<string, Lazy<Skeleton>> _skeletons = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<QuantizedWeights, ReferringMessage> _pieces = [];
    private PieceRoom? _room;

    private readonly bool _mayUseFiles;

    public EvaluationGraph(OnnxModel model) => (_model, _mayUseFiles) = (model, !MappedConstants.HasOtherFiles(model));

    /// <summary>The serialized model for <paramref name="quantized"/>, whose float model is this one's.</summary>
    public ReferringMessage Build(QuantizedModel quantized)
    {
        // Each holds every weight that stays real; policies that leave other layers or tensors in floating point each have their own.
        string kinds = KindsOf(quantized);
        if (_skeletons.Count >= MostSkeletons && !_skeletons.ContainsKey(kinds)) _skeletons.Clear();
        var skeleton = _skeletons.GetOrAdd(kinds, _ => new Lazy<Skeleton>(() => Skeleton.Of(quantized))).Value;
        var room = _room ??= PieceRoom.For(quantized.Layers.Sum(l => l.Found.Layer.Shape.Weights), _mayUseFiles);
        var weighted = quantized.Layers.Where(l => l.Weights is not null)
            .Select(l => room.Get(_pieces, l.Weights!, weights => room.Piece(DequantizedTensor.Of(Skeleton.WeightName(l.Found), l.Found.WeightShape.AsSpan(), weights))));
        var biases = quantized.Layers.Where(l => l.Bias is not null)
            .Select(l => TensorData.Of(BiasTensor.NameFor(l.Found), skeleton.BiasShapes[l.Found.Name], l.Bias!.Values.AsSpan()));
        return ReferringMessage.Join(
            [skeleton.Message, .. weighted, room.Piece([.. skeleton.Sites.SelectMany(s => s.Constants(quantized)), .. biases, .. quantized.ConstantTensors()])]);
    }

    /// <summary>External data of the model, for the session.</summary>
    public string? Folder => _model.External.Folder;

    /// <summary>
    /// What decides the shape of the graph: which weights, biases, activations and other constants are replaced, and which tensors between layers.
    /// The integers' width does not: it comes with the zero points.
    /// </summary>
    public static string KindsOf(QuantizedModel quantized)
    {
        string kinds = string.Create(quantized.Layers.Length, quantized, static (kinds, q) =>
        {
            for (int i = 0; i < kinds.Length; i++)
            {
                var layer = q.Layers[i];
                kinds[i] = (char)('a' + (layer.Activation is null ? 0 : 1) + (layer.Weights is null ? 0 : 2) + (layer.Bias is null ? 0 : 4));
            }
        });
        return kinds + KindsBetween(quantized);
    }

    /// <summary>The part of that which is no layer's.</summary>
    public static string KindsBetween(QuantizedModel quantized) =>
        // Whether a tensor between layers is read through the very quantizer that a layer has decides who reads through it.
        string.Concat(quantized.Junctions.Select(j =>
            $"|{j.Junction.Tensor} {(quantized.SharesWithLayer(j) ? "shared" : "own")}")) + string.Concat(quantized.Constants.Keys.Select(name => "|" + name));

    private sealed record Skeleton(ReferringMessage Message, IReadOnlyList<PlacedSite> Sites, IReadOnlyDictionary<string, long[]> BiasShapes)
    {
        public static string WeightName(FoundLayer found) => $"{found.Name}.quantized_weight";

        public static Skeleton Of(QuantizedModel quantized)
        {
            var graph = QuantizedGraph.Build(quantized, alwaysClip: true);
            var patch = new GraphPatch(graph.Model, "leave weights and biases open");
            var biases = new Dictionary<string, long[]>(StringComparer.Ordinal);
            foreach (var layer in quantized.Layers)
            {
                var node = graph.NodeOf(layer.Found.Name);
                if (layer.Weights is not null) patch.Read(node, layer.Found.WeightInput, WeightName(layer.Found)).Placeholder(WeightName(layer.Found));
                if (layer.Bias is null) continue;
                BiasTensor.Attach(graph.Source, patch, graph.NodeOf, layer.Found);
                patch.Placeholder(BiasTensor.NameFor(layer.Found));
                biases.Add(layer.Found.Name, BiasTensor.ShapeFor(graph.Source, layer.Found));
            }
            foreach (var table in quantized.Tables)
            {
                string name = $"{table.Found.Name}.quantized_table";
                patch.Read(graph.NodeOf(table.Found.Name), 0, name).Put(TableWriter.Values(name, table));
            }
            patch.Apply();
            OpenConstants.Drop(graph.Model.Graph, [.. graph.Sites.SelectMany(s => s.Constants(quantized)).Select(t => t.Name), .. quantized.Constants.Keys]);
            var model = ReadableOutputs.Of(MappedConstants.Keep(graph.Model));
            return new Skeleton(MappedConstants.Refer(model) ?? new ReferringMessage(model.ToBytes()), graph.Sites, biases);
        }
    }
}
