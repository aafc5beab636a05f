using System.Collections.Concurrent;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Evaluation.Distributed;

/// <summary>Samples whose scores are made up: skewed noise around what a policy costs, the same for the same policy and sample. Answers what one process answers, by the same rule of races.</summary>
internal sealed class FormulaSubject : IRacingEvaluator
{
    public const string Digest = "c0ffee";

    private readonly ConcurrentDictionary<Policy, SampleScore[]> _scores = new();
    private readonly Func<Policy, double> _damage;

    public FormulaSubject(int samples, int rows, Func<Policy, double>? damage = null)
    {
        _damage = damage ?? (policy => policy.Bits.ToArray().Sum(b => Math.Pow(4, -b.Weights.Bits) + Math.Pow(4, -b.Activations.Bits)));
        Subject = new ScoringSubject(Digest, [.. Enumerable.Repeat(new SampleScore(true, true, true, 0, 1, 1, 0), samples)], rows, OutputKind.Logits,
            scores => Metrics.Summarize(scores, hasLabels: true, OutputKind.Logits));
    }

    public ScoringSubject Subject { get; }

    public PolicyScore Float => Subject.Float;

    public SampleScore[] Score(ScoringWork work) =>
        [.. work.Batches.SelectMany(b => Scores(work.Policy).Skip(b * Subject.Rows).Take(Subject.Rows))];

    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation) => Subject.Summarize(Scores(policy));

    public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation)
    {
        var scores = Scores(policy);
        int[] order = LossRace.Order(Subject.Batches);
        var race = new LossRace(Scores(rival), Subject.Rows, Subject.Kind);
        foreach (int until in LossRace.Comparisons(Subject.Batches).Where(n => n < Subject.Batches))
        {
            if (!race.IsLost(scores, order.AsSpan(0, until))) continue;
            return Subject.Summarize([.. order[..until].SelectMany(b => scores.Skip(b * Subject.Rows).Take(Subject.Rows))]) with { StoppedEarly = true };
        }
        return Subject.Summarize(scores) with { RaceError = race.ErrorAtEnd(scores) };
    }

    private SampleScore[] Scores(Policy policy) => _scores.GetOrAdd(policy, p =>
    {
        var random = new SeededRandom(7).Fork(p.ToString());
        double damage = _damage(p);
        return [.. Enumerable.Range(0, Subject.Samples).Select(_ =>
        {
            double loss = damage * Math.Exp(0.5 * random.NextNormal());
            return new SampleScore(loss < 0.1, loss < 0.3, loss < 0.2, loss, 1 / (1 + loss), 1, loss);
        })];
    });
}
