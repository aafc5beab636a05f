using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Evaluation.Distributed;

public sealed class DistributedEvaluatorTests
{
    private static readonly FormulaSubject s_formula = new(samples: 505, rows: 8);
    private static readonly ScoringSubject s_subject = s_formula.Subject;
    private static readonly Policy s_good = Uniform(6), s_bad = Uniform(2), s_near = Uniform(5);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task On_the_sample_its_answers_are_the_measured_ones_to_the_bit(int threads)
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(330);
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        Policy[] policies = [.. Enumerable.Range(0, 6).Select(i => MeasuredEvaluatorTests.Mixed(quantizer, $"policy {i}", 3, 4, 5, 8))];
        var widest = Policy.Uniform(28, new LayerBits(8, 8));
        var measured = new MeasuredEvaluator(quantizer, set, integers: true);
        PolicyScore[] expected = [.. policies.Select(p => measured.Evaluate(p, CancellationToken.None)), .. policies.Select(p => measured.Evaluate(p, widest, CancellationToken.None))];
        Assert.Contains(expected, e => e.StoppedEarly);
        var pool = new LocalPool("digest", quantizer, set, threads);
        using (var evaluator = new DistributedEvaluator(pool, ScoringSubject.Of("digest", set)))
        {
            Assert.Equal(set.Float, evaluator.Float);
            evaluator.Announce([.. policies.Select(p => new EvaluationRequest(p)), new EvaluationRequest(policies[0], widest)]);
            PolicyScore[] computed = [.. policies.Select(p => evaluator.Evaluate(p, CancellationToken.None)), .. policies.Select(p => evaluator.Evaluate(p, widest, CancellationToken.None))];
            Assert.Equal(expected, computed);
        }
        await pool.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    public void Whatever_goes_wrong_on_the_way_the_answers_are_the_same(int workers)
    {
        for (ulong seed = 0; seed < 5; seed++)
        {
            var pool = new AdversaryPool((work, _) => Task.FromResult(s_formula.Score(work)), workers, seed);
            using var evaluator = new DistributedEvaluator(pool, s_subject);
            evaluator.Announce([new(s_good), new(s_bad, s_good), new(s_near, s_good), new(Uniform(3))]);
            Assert.Equal(s_formula.Evaluate(s_good, CancellationToken.None), evaluator.Evaluate(s_good, CancellationToken.None));
            foreach (var policy in (Policy[])[s_bad, s_near, Uniform(4), Uniform(8)])
                Assert.Equal(s_formula.Evaluate(policy, s_good, CancellationToken.None), evaluator.Evaluate(policy, s_good, CancellationToken.None));
            Assert.Equal(s_formula.Evaluate(s_bad, s_near, CancellationToken.None), evaluator.Evaluate(s_bad, s_near, CancellationToken.None));
        }
    }

    [Fact]
    public void A_lone_policy_is_shared_out_and_every_batch_scored_once()
    {
        var pool = Answering(4);
        using var evaluator = new DistributedEvaluator(pool, s_subject);
        evaluator.Evaluate(s_good, CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 64), pool.Given.SelectMany(w => w.Batches).Order());
        Assert.All(pool.Given, w => Assert.InRange(w.Batches.Length, 1, 16));
    }

    [Fact]
    public void Where_more_wait_than_can_run_policies_stay_whole_in_the_order_announced()
    {
        var gate = new TaskCompletionSource();
        var pool = new HandPool(2, async (work, _, _) =>
        {
            await gate.Task;
            return s_formula.Score(work);
        });
        using var evaluator = new DistributedEvaluator(pool, s_subject);
        Policy[] policies = [.. Enumerable.Range(1, 8).Select(Uniform)];
        evaluator.Announce([.. policies.Select(p => new EvaluationRequest(p))]);
        Assert.True(SpinWait.SpinUntil(() => pool.Given.Count == 2, TimeSpan.FromMinutes(1)));
        Assert.All(pool.Given, w => Assert.Equal(64, w.Batches.Length));
        // What has not begun is dropped.
        evaluator.Announce([new(policies[0]), new(policies[1]), new(policies[7])]);
        gate.SetResult();
        foreach (var policy in (Policy[])[policies[0], policies[1], policies[7]]) Assert.Equal(s_formula.Evaluate(policy, CancellationToken.None), evaluator.Evaluate(policy, CancellationToken.None));
        Assert.Equal([policies[0], policies[1], policies[7]], pool.Given.Select(w => w.Policy).Distinct().OrderBy(p => p[0].Weights.Bits));
    }

    [Fact]
    public async Task A_lost_race_ends_what_is_still_under_way_of_it()
    {
        var ended = new TaskCompletionSource();
        // Of the hopeless policy only the batches before the first comparison come back.
        int[] first = LossRace.Order(64)[..4];
        var pool = new HandPool(8, async (work, _, cancellation) =>
        {
            if (!work.Policy.Equals(s_bad) || work.Batches.All(first.Contains)) return s_formula.Score(work);
            using var registration = cancellation.Register(() => ended.TrySetResult());
            await Task.Delay(Timeout.Infinite, cancellation);
            return [];
        });
        using var evaluator = new DistributedEvaluator(pool, s_subject);
        evaluator.Evaluate(s_good, CancellationToken.None);
        var lost = evaluator.Evaluate(s_bad, s_good, CancellationToken.None);
        Assert.Equal(s_formula.Evaluate(s_bad, s_good, CancellationToken.None), lost);
        Assert.True(lost.StoppedEarly && lost.Samples <= 64);
        // Workers that the first comparison leaves idle are given what a longer race would need, before anything can come back.
        await ended.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Work_that_is_lost_again_and_again_ends_the_search_with_the_reason()
    {
        var pool = new HandPool(2, (_, _, _) => Task.FromException<SampleScore[]>(new WorkLostException("node 7 is gone")));
        using var evaluator = new DistributedEvaluator(pool, s_subject, new DistributionOptions { MostLosses = 3 });
        var error = Assert.Throws<HaqException>(() => evaluator.Evaluate(s_good, CancellationToken.None));
        Assert.Equal(DiagnosticCatalog.WorkLost, error.Diagnostic.Descriptor);
        Assert.Contains("4 times; the last time: node 7 is gone", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_waited_for_beyond_the_deadline()
    {
        var pool = new HandPool(1, (_, _, _) => new TaskCompletionSource<SampleScore[]>().Task);
        using var evaluator = new DistributedEvaluator(pool, s_subject, new DistributionOptions { MostLosses = 1, Deadline = TimeSpan.FromMilliseconds(1) });
        var error = Assert.Throws<HaqException>(() => evaluator.Evaluate(s_good, CancellationToken.None));
        Assert.Contains("no answer in", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_of_the_work_itself_is_passed_on_and_harms_only_who_asks_for_it()
    {
        var failure = DiagnosticCatalog.OutputNotPerSample.Error("model.onnx", "made up");
        var pool = new HandPool(2, (work, _, _) => work.Policy.Equals(s_bad) ? Task.FromException<SampleScore[]>(failure) : Task.FromResult(s_formula.Score(work)));
        using var evaluator = new DistributedEvaluator(pool, s_subject);
        evaluator.Announce([new(s_bad), new(s_good)]);
        Assert.Equal(s_formula.Evaluate(s_good, CancellationToken.None), evaluator.Evaluate(s_good, CancellationToken.None));
        Assert.Same(failure, Assert.Throws<HaqException>(() => evaluator.Evaluate(s_bad, CancellationToken.None)));
        Assert.Equal(s_formula.Evaluate(s_near, CancellationToken.None), evaluator.Evaluate(s_near, CancellationToken.None));
    }

    [Theory]
    [InlineData("other samples")]
    [InlineData("too few")]
    [InlineData("impossible")]
    public void Answers_that_cannot_be_right_are_refused(string wrong)
    {
        var pool = new HandPool(1, (work, number, _) =>
        {
            var scores = s_formula.Score(work);
            if (number > 0) return Task.FromResult(scores);
            if (wrong == "too few") return Task.FromResult(scores[1..]);
            scores[3] = wrong == "impossible" ? scores[3] with { Divergence = -1 } : scores[3] with { Signal = 2 };
            return Task.FromResult(scores);
        });
        using var evaluator = new DistributedEvaluator(pool, s_subject);
        Assert.Equal(s_formula.Evaluate(s_good, CancellationToken.None), evaluator.Evaluate(s_good, CancellationToken.None));
        Assert.Equal(2, pool.Given.Count);
        Assert.Equal(pool.Given[0].Batches, pool.Given[1].Batches);
    }

    [Fact]
    public void Without_a_worker_it_waits_and_says_so_and_then_gives_up()
    {
        var nobody = Answering(0);
        var said = new List<string>();
        using var alone = new DistributedEvaluator(nobody, s_subject, new DistributionOptions { WorkerWait = TimeSpan.Zero, Messages = new Said(said) });
        Assert.Equal(DiagnosticCatalog.NoWorker, Assert.Throws<HaqException>(() => alone.Evaluate(s_good, CancellationToken.None)).Diagnostic.Descriptor);
        Assert.StartsWith("no worker is there", Assert.Single(said), StringComparison.Ordinal);
        Assert.Empty(nobody.Given);
    }

    [Fact]
    public void Workers_that_come_while_it_waits_are_used()
    {
        var pool = Answering(0);
        using var evaluator = new DistributedEvaluator(pool, s_subject, new DistributionOptions { Messages = new Said([], () => pool.Capacity = 3) });
        Assert.Equal(s_formula.Evaluate(s_good, CancellationToken.None), evaluator.Evaluate(s_good, CancellationToken.None));
    }

    [Fact]
    public void A_worker_that_is_late_is_not_waited_for()
    {
        var pool = new HandPool(2, (work, number, _) => number == 1 ? new TaskCompletionSource<SampleScore[]>().Task : Task.FromResult(s_formula.Score(work)));
        using var evaluator = new DistributedEvaluator(pool, s_subject, new DistributionOptions { Late = 0, NeverLate = TimeSpan.FromMilliseconds(1) });
        Assert.Equal(s_formula.Evaluate(s_good, CancellationToken.None), evaluator.Evaluate(s_good, CancellationToken.None));
    }

    [Fact]
    public async Task Cancelled_it_ends_at_once_and_ends_the_work()
    {
        var ended = new TaskCompletionSource();
        using var source = new CancellationTokenSource();
        var pool = new HandPool(1, (_, _, cancellation) =>
        {
            cancellation.Register(() => ended.TrySetResult());
            source.Cancel();
            return new TaskCompletionSource<SampleScore[]>().Task;
        });
        using var evaluator = new DistributedEvaluator(pool, s_subject);
        Assert.Throws<OperationCanceledException>(() => evaluator.Evaluate(s_good, source.Token));
        await ended.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    private static Policy Uniform(int bits) => Policy.Uniform(6, new LayerBits(bits, bits));

    private static HandPool Answering(int capacity) => new(capacity, (work, _, _) => Task.FromResult(s_formula.Score(work)));

    private sealed class Said(List<string> messages, Action? then = null) : IProgress<string>
    {
        public void Report(string value)
        {
            messages.Add(value);
            then?.Invoke();
        }
    }
}
