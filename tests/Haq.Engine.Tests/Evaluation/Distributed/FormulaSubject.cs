using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Evaluation.Distributed;

/// <summary>Samples whose scores are made up: skewed noise around what a policy's widths cost, the same for the same policy and sample.</summary>
internal static class FormulaSubject
{
    public const string Digest = "c0ffee";

    public static ScoringSubject Of(int samples, int rows) => new(Digest, [.. Enumerable.Repeat(new SampleScore(true, true, true, 0, 1, 1, 0), samples)], rows, OutputKind.Logits,
        scores => Metrics.Summarize(scores, hasLabels: true, OutputKind.Logits));

    public static SampleScore Score(Policy policy, int sample)
    {
        var random = new SeededRandom((ulong)sample).Fork(policy.ToString());
        double loss = policy.Bits.ToArray().Sum(b => Math.Pow(4, -b.Weights.Bits) + Math.Pow(4, -b.Activations.Bits)) * Math.Exp(0.5 * random.NextNormal());
        return new SampleScore(loss < 0.1, loss < 0.3, loss < 0.2, loss, 1 / (1 + loss), 1, loss);
    }

    public static SampleScore[] Score(ScoringSubject subject, ScoringWork work) =>
        [.. work.Batches.SelectMany(b => Enumerable.Range(b * subject.Rows, Math.Min(subject.Rows, subject.Samples - b * subject.Rows))).Select(sample => Score(work.Policy, sample))];

    /// <summary>What one process answers, by the same rule of races.</summary>
    public static PolicyScore Expected(ScoringSubject subject, Policy policy, Policy? rival = null)
    {
        SampleScore[] All(Policy p) => [.. Enumerable.Range(0, subject.Samples).Select(sample => Score(p, sample))];
        var scores = All(policy);
        int[] order = LossRace.Order(subject.Batches);
        if (rival is not null)
        {
            var race = new LossRace(All(rival), subject.Rows, subject.Kind);
            foreach (int until in LossRace.Comparisons(subject.Batches).Where(n => n < subject.Batches))
            {
                if (!race.IsLost(scores, order.AsSpan(0, until))) continue;
                var seen = order[..until].SelectMany(b => scores.Skip(b * subject.Rows).Take(subject.Rows));
                return subject.Summarize([.. seen]) with { StoppedEarly = true };
            }
        }
        return subject.Summarize(scores);
    }
}
