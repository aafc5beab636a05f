using System.Collections.Frozen;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Repairs;

/// <summary>
/// Where a target computes with activations of 16 bits: all of them, then as many of them back as outputs bear. What each hurts by itself at its own width is measured, and by that over the
/// numbers that it holds they go back, in halves where not all at once: as many as leave the outputs as good as 16 bits everywhere make them, and where that leaves too many wide, as many as
/// keep the goal.
/// </summary>
/// <param name="model">The network.</param>
/// <param name="target">The hardware.</param>
/// <param name="goal">What has to be kept.</param>
/// <param name="pinned">Items whose widths are not free.</param>
/// <param name="scope">Progress and cancellation.</param>
internal sealed class SixteenBits(QuantizableModel model, HardwareTarget target, MendGoal goal, FrozenSet<string> pinned, StageScope scope)
{
    // What all at 16 bits give is kept up to this much of the cosine, where this share of the numbers is enough for it.
    private const double AsGood = 0.001, Few = 0.15;

    private const int MostTrials = 64;

    // Less harm than this is as much as few samples tell: of two tensors that do no more, the larger goes back first.
    private const double Unnoticed = 1e-4;

    // Multiply-accumulates that a sample of all tensors measured one by one may take. What is beyond goes back last, the largest first.
    private const double Effort = 2e11;

    /// <summary>The policy with as few activations at 16 bits as were found; null where 16 bits everywhere are not enough, or the target has none.</summary>
    public Policy? Find(Policy policy)
    {
        var groups = Groups(policy);
        if (groups.Length == 0) return null;
        var wide = Widened(policy, groups);
        if (!goal.IsNearlyMet(wide)) return null;
        int[][] back = Ranked(policy, wide, groups);
        double best = goal.Cosine(wide);
        var close = Fewest(candidate => goal.Cosine(candidate) >= best - AsGood && goal.KeepsAccuracy(candidate));
        if (WideTensors.Share(model.Items, close) <= Few) return close;
        bool isMet = goal.IsMet(wide);
        return Fewest(candidate => isMet ? goal.IsMet(candidate) : goal.IsNearlyMet(candidate));

        // What cannot go back together may do so in halves.
        Policy Fewest(Func<Policy, bool> keeps)
        {
            var fewest = wide;
            int tried = 0;
            Return(back);
            return fewest;

            void Return(ReadOnlySpan<int[]> groups)
            {
                if (groups.IsEmpty || tried == MostTrials) return;
                scope.Report($"trying which of {back.Length} tensors can go back from 16 bits", Math.Min(1, ++tried / (double)MostTrials));
                var candidate = Back(fewest, policy, groups.ToArray());
                if (keeps(candidate))
                {
                    fewest = candidate;
                }
                else if (groups.Length > 1)
                {
                    Return(groups[..(groups.Length / 2)]);
                    Return(groups[(groups.Length / 2)..]);
                }
            }
        }
    }

    // What reads one tensor reads it in one width.
    private int[][] Groups(Policy policy) =>
    [
        .. model.Items.Where(i => i.Index < policy.Count).GroupBy(i => i.ActivationGroup).Select(g => g.ToArray())
            .Where(g => g.All(i => !pinned.Contains(i.Name) && policy[i.Index].Activations < Bitwidth.Sixteen
                && (i.Shape.IsTensor ? target.Bits.Activations.Contains(Bitwidth.Sixteen) : target.Bits.Contains(policy[i.Index] with { Activations = Bitwidth.Sixteen }))))
            .Select(g => g.Select(i => i.Index).ToArray()),
    ];

    // The least harm for the most numbers first.
    private int[][] Ranked(Policy policy, Policy wide, int[][] groups)
    {
        double most = Math.Max(16, Effort / Math.Max(1, model.Survey.Macs));
        double at16 = goal.Cosine(wide, quick: true);
        var harms = new List<(int[] Group, double Harm)>();
        foreach (int[] group in groups.OrderByDescending(Numbers))
        {
            double harm = harms.Count >= most ? double.PositiveInfinity : Math.Max(Unnoticed, at16 - goal.Cosine(Back(wide, policy, [group]), quick: true));
            harms.Add((group, harm / Numbers(group)));
            scope.Report($"tried {harms.Count} of {groups.Length} back from 16 bits", (double)harms.Count / groups.Length);
        }
        return [.. harms.OrderBy(h => h.Harm).Select(h => h.Group)];
    }

    private long Numbers(int[] group) => Math.Max(1, group.Max(i => model.Items[i].Shape.InputElements));

    private static Policy Widened(Policy policy, int[][] groups) => groups.SelectMany(g => g).Aggregate(policy, (p, i) => p.With(i, p[i] with { Activations = Bitwidth.Sixteen }));

    private static Policy Back(Policy wide, Policy policy, IEnumerable<int[]> groups) => groups.SelectMany(g => g).Aggregate(wide, (p, i) => p.With(i, policy[i]));
}
