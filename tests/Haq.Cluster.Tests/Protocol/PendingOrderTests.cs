using Haq.Cluster.Clients;
using Haq.Cluster.Protocol;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;

namespace Haq.Cluster.Tests.Protocol;

/// <summary>An answer counts only where it is about what was asked.</summary>
public sealed class PendingOrderTests
{
    private static readonly Policy s_policy = Policy.Uniform(3, new LayerBits(4, 8));
    private static readonly ScoringWork s_work = new(new string('a', 64), s_policy, [2, 0]);
    private static readonly WorkOrder s_order = new(Guid.NewGuid(), s_work.Subject, ScoreCodec.Write(s_policy), s_work.Batches);
    private static readonly SampleScore[] s_scores = [new(true, true, true, 0, 1, 1, 0)];
    private static readonly WorkAnswer s_answer = new(s_order.Id, s_work.Subject, s_policy.Digest, s_work.Batches, WorkOutcome.Done, ScoreCodec.Write(s_scores), null, null);

    [Fact]
    public async Task The_right_answer_is_taken_once_and_its_duplicates_change_nothing()
    {
        var pending = new PendingOrder(s_order, s_work);
        Assert.Null(pending.Take(s_answer));
        Assert.Null(pending.Take(s_answer with { Scores = ScoreCodec.Write([SampleScore.Empty]) }));
        Assert.Equal(s_scores, await pending.Answer);
    }

    public static TheoryData<string> Poisons => ["subject", "policy", "batches", "scores"];

    [Theory]
    [MemberData(nameof(Poisons))]
    public async Task An_answer_about_something_else_is_refused_and_the_work_done_again(string part)
    {
        var pending = new PendingOrder(s_order, s_work);
        Assert.NotNull(pending.Take(part switch
        {
            "subject" => s_answer with { Subject = new string('b', 64) },
            "policy" => s_answer with { Policy = Policy.Uniform(3, new LayerBits(8, 8)).Digest },
            "batches" => s_answer with { Batches = [0, 2] },
            _ => s_answer with { Scores = [1, 2, 3] },
        }));
        await Assert.ThrowsAsync<WorkLostException>(() => pending.Answer);
    }

    [Fact]
    public async Task Scores_that_cannot_be_those_of_the_samples_are_refused()
    {
        var pending = new PendingOrder(s_order, s_work with { Problem = _ => "the power of sample 3 is another one" });
        Assert.Equal("the power of sample 3 is another one", pending.Take(s_answer));
        await Assert.ThrowsAsync<WorkLostException>(() => pending.Answer);
    }

    [Fact]
    public async Task What_fails_everywhere_fails_with_the_workers_error()
    {
        var pending = new PendingOrder(s_order, s_work);
        pending.Take(s_answer with { Outcome = WorkOutcome.Failed, Code = "HAQ0311", Message = "it fails" });
        var thrown = await Assert.ThrowsAsync<HaqException>(() => pending.Answer);
        Assert.Equal(DiagnosticCatalog.RuntimeFailed, thrown.Diagnostic.Descriptor);
    }
}
