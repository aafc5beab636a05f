using System.Collections.Immutable;
using Haq.Engine.Graphs;
using Haq.Engine.Onnx;

namespace Haq.Engine.Training;

/// <summary>Consecutive nodes of a network that are in memory together.</summary>
/// <param name="First">The position of the first node.</param>
/// <param name="Last">The position behind the last node.</param>
/// <param name="Passed">What nodes before <paramref name="Last"/> make and nodes from there on read.</param>
internal sealed record Stretch(int First, int Last, ImmutableArray<string> Passed)
{
    // No tensor, so that it cannot be handed over.
    private const long Impassable = 1L << 50;

    /// <summary>Cuts a network where little is passed on, so that each stretch has at most <paramref name="most"/> bytes of constants and of what its nodes make, or is a single node.</summary>
    public static ImmutableArray<Stretch> Of(ForwardGraph forward, long most)
    {
        var order = forward.Order;
        var (made, lastRead, seen) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        long[] held = new long[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            foreach (string read in GraphView.InputsOf(order[i]))
            {
                if (made.ContainsKey(read)) lastRead[read] = i;
                else if (seen.Add(read)) held[i] += forward.ConstantBytes(read);
            }
            foreach (string output in order[i].Output.Where(o => o.Length > 0))
            {
                made[output] = i;
                if (BytesOf(forward, output) is < Impassable and var bytes) held[i] += bytes;
            }
        }
        long[] passed = new long[order.Length + 1];
        foreach (var (tensor, last) in lastRead)
            for (int at = made[tensor] + 1; at <= last; at++) passed[at] += BytesOf(forward, tensor);
        var stretches = ImmutableArray.CreateBuilder<Stretch>();
        for (int first = 0; first < order.Length;)
        {
            int end = first + 1;
            long sum = held[first];
            while (end < order.Length && sum + held[end] <= most) sum += held[end++];
            int last = end == order.Length ? end : Enumerable.Range(Half(held, first, end, sum), end + 1 - Half(held, first, end, sum)).Reverse().MinBy(at => passed[at]);
            var crossing = lastRead.Where(r => made[r.Key] < last && r.Value >= last).Select(r => r.Key);
            stretches.Add(new Stretch(first, last, [.. crossing.OrderBy(tensor => made[tensor]).ThenBy(tensor => tensor, StringComparer.Ordinal)]));
            first = last;
        }
        return stretches.ToImmutable();
    }

    /// <summary>Bytes of what a node makes.</summary>
    public static long BytesOf(ForwardGraph forward, string tensor) =>
        forward.Find(tensor) is { } info && ElementTypes.BitsOf(info.Type) is > 0 and var bits ? (info.Shape.Aggregate(1L, (product, extent) => product * extent) * bits + 7) / 8 : Impassable;

    // A stretch is at least half as long as it may be: what is passed on is bought with memory, but each stretch costs a session.
    private static int Half(long[] held, int first, int end, long sum)
    {
        int at = first + 1;
        for (long left = held[first]; at < end && 2 * left < sum; at++) left += held[at];
        return at;
    }
}
