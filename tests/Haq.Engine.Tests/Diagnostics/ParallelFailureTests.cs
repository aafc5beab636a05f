using Haq.Engine.Diagnostics;

namespace Haq.Engine.Tests.Diagnostics;

public sealed class ParallelFailureTests
{
    [Fact]
    public void An_error_for_the_user_comes_out_of_a_loop_side_by_side_as_itself_and_as_the_same_every_time()
    {
        var wrapped = Assert.ThrowsAny<AggregateException>(() => Parallel.Invoke([.. Enumerable.Range(0, 8).Select(i => (Action)(() =>
            throw (i == 3 ? new InvalidOperationException("odd") : DiagnosticCatalog.UnknownKey.Error("haq.yaml", $"key {9 - i}."))))]));
        Assert.Equal("key 2.", Assert.IsType<HaqException>(ParallelFailure.Of(wrapped)).Message);
    }

    [Fact]
    public void Cancelling_is_cancelling_and_a_defect_stays_what_it_was()
    {
        Assert.IsType<OperationCanceledException>(ParallelFailure.Of(new AggregateException(new AggregateException(new OperationCanceledException()))));
        var defect = new AggregateException(new InvalidOperationException());
        Assert.Same(defect, ParallelFailure.Of(defect));
        var other = new InvalidOperationException();
        Assert.Same(other, ParallelFailure.Of(other));
    }
}
