using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Tensors;

namespace Haq.Tool.Output;

/// <summary>What both forms of an inspection say.</summary>
internal static class InspectionFacts
{
    /// <summary>Bytes of the model and its external data.</summary>
    public static long Bytes(OnnxModel model) => new FileInfo(model.Name).Length + model.Tensors().Where(ExternalData.Holds).Sum(t => TensorData.ByteLength(t) ?? 0);

    /// <summary>A letter for each tensor that several layers read.</summary>
    public static Dictionary<int, string> SharedGroups(LayerSurvey survey)
    {
        var shared = survey.Layers.GroupBy(l => l.Layer.ActivationGroup).Where(g => g.Count() > 1).Select(g => g.Key);
        return shared.Select((group, i) => (group, i)).ToDictionary(g => g.group, g => Letters(g.i));
    }

    /// <summary>Remarks on one layer.</summary>
    public static IEnumerable<string> Notes(FoundLayer layer)
    {
        if (layer.Layer.Shape.IsDepthwise) yield return "depthwise";
        else if (layer.Layer.Shape.Groups > 1) yield return $"{layer.Layer.Shape.Groups} groups";
        if (layer.WeightInput == 0) yield return "weights on the left";
        if (layer.SharesWeightWith.Length > 0) yield return $"shares its weights with {string.Join(", ", layer.SharesWeightWith.Select(n => $"'{n}'"))}";
    }

    /// <summary>The tensors between layers, as hardware that keeps integers alone has them.</summary>
    public static IEnumerable<TensorFact> Tensors(QuantizableModel model)
    {
        var items = model.Items;
        var sources = ItemGraph.SourcesOf(model);
        foreach (var tensor in items.Where(i => i.Shape.IsTensor))
        {
            var own = model.Tensors[tensor.Index - model.Layers.Length];
            string[] notes =
            [
                .. own.Junction.IsOutput ? ["leaves the network"] : Array.Empty<string>(),
                .. own.Softmax is null ? Array.Empty<string>() : ["may hold a mask of attention"],
                .. own.Layer < 0 ? Array.Empty<string>() : [$"read by '{items[own.Layer].Name}', which shares its width"],
                .. tensor.Joined.IsEmpty ? Array.Empty<string>() : [$"joined with {string.Join(", ", tensor.Joined.Select(j => items[j].Name))}"],
            ];
            yield return new TensorFact(tensor.Index, tensor.Name, tensor.Shape.InputElements, tensor.Passes, own.Junction.IsOutput, [.. sources[tensor.Index].Select(s => items[s].Name)], notes);
        }
    }

    /// <summary>A tensor between layers.</summary>
    internal sealed record TensorFact(int Index, string Name, long Elements, int Passes, bool IsOutput, string[] Sources, string[] Notes);

    private static string Letters(int index) => index < 26 ? $"{(char)('a' + index)}" : Letters(index / 26 - 1) + (char)('a' + index % 26);
}
