using System.Collections.Immutable;
using Haq.Engine.Dialects.Qdq;
using Haq.Engine.Dialects.Rules;
using Haq.Engine.Onnx;

namespace Haq.Engine.Pipeline.Converting;

/// <summary>Holds the grids of two models against each other, node by node: what a reader of the files finds, whoever wrote them.</summary>
internal static class GridChanges
{
    /// <summary>Every grid that is not as it was, once, in the order of the graph, and how many are.</summary>
    public static (ImmutableArray<GridChange> Changed, int Kept) Between(OnnxModel before, OnnxModel after)
    {
        var (old, fresh) = (Read(before), Read(after));
        var changed = ImmutableArray.CreateBuilder<GridChange>();
        var seen = new HashSet<(string, GridRole)>();
        int kept = 0;
        foreach (var place in fresh.Keys.Concat(old.Keys.Where(k => !fresh.ContainsKey(k))))
        {
            var (was, now) = (old.GetValueOrDefault(place), fresh.GetValueOrDefault(place));
            var tensor = was ?? now!;
            if (!seen.Add((tensor.Name, tensor.Role))) continue;
            // A tensor is quantized where somebody reads it so.
            now ??= fresh.Values.FirstOrDefault(t => t.Name == tensor.Name && t.Role == GridRole.Activation);
            if (was is not null && now is not null && was.Grid.Type == now.Grid.Type && GridChange.IsSame(tensor.Role, was.Grid, now.Grid)) kept++;
            else changed.Add(new GridChange(tensor.Name, place.Node, tensor.Role, was?.Grid, now?.Grid));
        }
        return (changed.ToImmutable(), kept);
    }

    private static Dictionary<(string Node, int Place), Quantized> Read(OnnxModel model)
    {
        var qdq = new QdqModel(model);
        var found = new Dictionary<(string, int), Quantized>();
        foreach (var node in qdq.Nodes)
        {
            foreach (var input in node.Inputs.Where(i => i.Grid is not null))
                found[(node.Name, input.Index)] = new Quantized(input.Tensor, RoleOf(node, input), input.Grid!);
            for (int i = 0; i < node.Outputs.Length; i++)
                if (node.Outputs[i].Grid is { } grid) found[(node.Name, ~i)] = new Quantized(node.Outputs[i].Tensor, GridRole.Activation, grid);
        }
        return found;
    }

    private static GridRole RoleOf(NodeReading node, InputReading input) => input.Kind == InputKind.Quantized ? GridRole.Activation
        : WeightsRule.IsWeights(node, input) ? GridRole.Weights : WeightsRule.Layers.Contains(node.Operator) && input.Index == 2 ? GridRole.Bias : GridRole.Constant;

    private sealed record Quantized(string Name, GridRole Role, TensorGrid Grid);
}
