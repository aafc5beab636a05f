using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Places;

/// <summary>Tensors that are added up to the input of a softmax, as scores and masks of attention are.</summary>
internal static class SoftmaxSums
{
    /// <summary>The input of the softmax that each tensor is added up to, for those that are.</summary>
    public static Dictionary<string, string> Of(GraphView view, IReadOnlyCollection<string> tensors)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var wanted = tensors.ToHashSet(StringComparer.Ordinal);
        foreach (var softmax in view.Order.Where(n => n.Is(OpNames.Softmax)))
        {
            var open = new Stack<string>([softmax.Input[0]]);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (open.TryPop(out string? at))
            {
                if (!seen.Add(at)) continue;
                if (wanted.Contains(at)) found.TryAdd(at, softmax.Input[0]);
                if (view.ProducerOf(at) is not { } producer) continue;
                if (producer.Is(OpNames.Add) || OpFamilies.IsMove(producer)) foreach (string input in producer.Input.Take(producer.Is(OpNames.Add) ? 2 : 1)) open.Push(input);
                else if (producer.Is(OpNames.Where)) foreach (string input in producer.Input.Skip(1)) open.Push(input);
            }
        }
        return found;
    }
}
