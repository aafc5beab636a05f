using Haq.Benchmarks.Scale.Simulation;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Benchmarks;

/// <summary>The simulator of clusters against schedules that can be worked out by hand: list scheduling, where whoever is idle takes the next piece.</summary>
public sealed class SimulatedClusterTests
{
    // Four batches are the least that is worth a worker: a policy is one piece.
    private static readonly ScoringSubject s_whole = Subject("whole", batches: 4);

    [Theory]
    [InlineData(1, 21, 1)]
    // 7 | 5, then 4, then 3 and 2: 7+3, 5+4+2.
    [InlineData(2, 11, 21.0 / 22)]
    // 7 | 5+2 | 4+3.
    [InlineData(3, 7, 1)]
    [InlineData(5, 7, 21.0 / 35)]
    [InlineData(9, 7, 21.0 / 63)]
    public void Announced_work_is_scheduled_as_a_list(int workers, double seconds, double busy)
    {
        double[] lengths = [7, 5, 4, 3, 2];
        var replay = Run(workers, lengths, [Announce(0, 1, 2, 3, 4), .. Enumerable.Range(0, 5).Select(i => Ask(i))]);
        Assert.Equal(seconds, replay.Seconds, 9);
        Assert.Equal(busy, replay.Busy, 9);
        Assert.Equal(5, replay.Orders);
    }

    // What is not announced is not known: one policy after the other, whoever is idle.
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void What_was_not_announced_is_one_after_the_other(int workers)
    {
        var replay = Run(workers, [3, 2, 1], [Ask(0), Ask(1), Ask(2)]);
        Assert.Equal(6, replay.Seconds, 9);
        Assert.Equal(1.0 / workers, replay.Busy, 9);
    }

    // Two seconds of thought before each of three questions: one worker works through them.
    [Fact]
    public void Workers_go_on_while_the_search_thinks()
    {
        TracedCall[] calls = [Announce(0, 1, 2), Ask(0) with { Thought = 2 }, Ask(1) with { Thought = 2 }, Ask(2) with { Thought = 2 }];
        var replay = Run(1, [1, 4, 3], calls);
        Assert.Equal(8, replay.Seconds, 9);
        Assert.Equal(6, replay.Thought, 9);
        Assert.Equal(1, replay.Busy, 9);
    }

    // Orders leave half a second apart, and need a quarter of a second there and back again: 0.5 + 0.25 + 4 + 0.25, the second one half a second later.
    [Fact]
    public void Orders_take_their_time()
    {
        var replay = Run(2, [4, 4], [Announce(0, 1), Ask(0), Ask(1)], new ClusterShape(2, OrderSeconds: 0.5, TravelSeconds: 0.5));
        Assert.Equal(5.5, replay.Seconds, 9);
        Assert.Equal(8 / 11.0, replay.Busy, 9);
    }

    // Sixteen batches of a second each and three seconds to make the network ready: on four workers 3 + 4.
    [Fact]
    public void A_lone_policy_is_shared_out_and_made_ready_on_each()
    {
        var subject = Subject("shared", batches: 16);
        var trace = new SearchTrace([subject], [new TracedCall("shared", [new EvaluationRequest(Of(0))], IsAsked: true)]);
        var replay = SimulatedCluster.Run(trace, new Times(subject, [16], opening: 3), new ClusterShape(4, 0, 0));
        Assert.Equal(7, replay.Seconds, 9);
        Assert.Equal(4, replay.Orders);
        Assert.Equal(1, replay.Busy, 9);
    }

    // The third announcement drops policy 1, of which the worker finishes the batch that it is at: a quarter of 4 seconds, from the first to the second.
    [Fact]
    public void What_nobody_wants_any_more_ends_after_its_batch()
    {
        TracedCall[] calls = [Announce(0, 1), Ask(0), Announce(2) with { Thought = 0.5 }, Ask(2)];
        var replay = Run(2, [1, 4, 4], calls);
        // Policy 2 begins at once on the other worker.
        Assert.Equal(5.5, replay.Seconds, 9);
        Assert.Equal((1 + 2 + 4) / 11.0, replay.Busy, 9);
        Assert.Equal(5 / 7.0, replay.Asked, 9);
    }

    [Fact]
    public void A_race_that_is_lost_takes_the_batches_before_the_comparison_that_it_loses()
    {
        var subject = Subject("raced", batches: 64);
        var lost = new Times(subject, [64, 64], opening: 0) { Losses = [0.001, 1] };
        var trace = new SearchTrace([subject], [new TracedCall("raced", [new EvaluationRequest(Of(0))], IsAsked: true), new TracedCall("raced", [new EvaluationRequest(Of(1), Of(0))], IsAsked: true)]);
        var alone = SimulatedCluster.Run(trace, lost, new ClusterShape(1, 0, 0));
        Assert.Equal(64 + 4, alone.Seconds, 9);
        Assert.Equal(1, alone.Asked, 9);
    }

    [Fact]
    public void Time_is_told_phase_by_phase()
    {
        TracedCall[] calls =
            [Announce(0, 1), Ask(0) with { Phase = "first" }, Ask(1) with { Phase = "first" }, Ask(2) with { Phase = "second", Thought = 1 }, Ask(0) with { Phase = "first" }];
        var replay = Run(2, [4, 2, 2], calls);
        Assert.Equal([new PhaseShare("", 0, 1), new PhaseShare("first", 4, 0.75), new PhaseShare("second", 3, 2 / 6.0)], replay.Phases);
        Assert.Equal(new PhaseShare("all", 7, 8 / 14.0), replay.Together("all", _ => true));
    }

    [Fact]
    public void Runs_of_one_search_are_joined_by_their_shortest_thoughts_and_other_searches_are_refused()
    {
        SearchTrace first = new([s_whole], [Ask(0) with { Thought = 3 }, Ask(1) with { Thought = 1 }]), second = new([s_whole], [Ask(0) with { Thought = 1 }, Ask(1) with { Thought = 2 }]);
        Assert.Equal([1, 1], SearchTrace.Least([first, second]).Calls.Select(c => c.Thought));
        Assert.Throws<ArgumentException>(() => SearchTrace.Least([first, new([s_whole], [Ask(1), Ask(0)])]));
    }

    private static Replay Run(int workers, double[] lengths, TracedCall[] calls, ClusterShape? shape = null) =>
        SimulatedCluster.Run(new SearchTrace([s_whole], [.. calls]), new Times(s_whole, lengths, opening: 0), shape ?? new ClusterShape(workers, 0, 0));

    private static TracedCall Announce(params int[] policies) => new("whole", [.. policies.Select(p => new EvaluationRequest(Of(p)))], IsAsked: false);

    private static TracedCall Ask(int policy) => new("whole", [new EvaluationRequest(Of(policy))], IsAsked: true);

    private static Policy Of(int number) => Policy.Uniform(1, new LayerBits(number + 1, 8));

    private static ScoringSubject Subject(string digest, int batches) =>
        new(digest, [.. Enumerable.Repeat(new SampleScore(true, true, true, 0, 1, 1, 0), 2 * batches)], 2, OutputKind.Logits, scores => Metrics.Summarize(scores, hasLabels: true, OutputKind.Logits));

    /// <summary>Policies that take so many seconds in equal batches.</summary>
    private sealed class Times(ScoringSubject subject, double[] lengths, double opening) : IWorkTimes
    {
        public double[] Losses { get; init; } = [];

        public SampleScore[] Scores(string digest, Policy policy) =>
            [.. Enumerable.Range(0, subject.Samples).Select(i => new SampleScore(true, true, true, Losses.ElementAtOrDefault(NumberOf(policy)) * (1 + i % 4 * 0.1), 1, 1, 0))];

        public double Opening(string digest, Policy policy) => opening;

        public double Scoring(string digest, Policy policy, int batch) => lengths[NumberOf(policy)] / subject.Batches;

        private static int NumberOf(Policy policy) => policy[0].Weights - 1;
    }
}
