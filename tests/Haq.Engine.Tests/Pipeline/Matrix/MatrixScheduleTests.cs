using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Matrix;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Tests.Pipeline.Matrix;

public sealed class MatrixScheduleTests
{
    [Fact]
    public void Cells_of_one_model_wait_until_the_first_has_made_what_they_share()
    {
        var cells = Cells("a", "a", "b", "b");
        var schedule = new MatrixSchedule(cells);
        var (a, b) = (schedule.Take(), schedule.Take());
        Assert.Equal([0, 2], [a!.Index, b!.Index]);

        var waiting = Later(schedule);
        Assert.False(waiting.IsCompleted);
        schedule.Prepared(b);
        Assert.Equal(3, Awaited(waiting));
        // Whose model is prepared already has nobody to wait for.
        schedule.Prepared(cells[3]);
        schedule.Finished(a);
        Assert.Equal(1, schedule.Take()!.Index);
        Assert.Null(schedule.Take());
    }

    [Fact]
    public void A_cell_that_fails_before_anything_is_shared_makes_way_for_the_next()
    {
        var schedule = new MatrixSchedule(Cells("a", "a"));
        var first = schedule.Take()!;
        var waiting = Later(schedule);
        schedule.Finished(first);
        Assert.Equal(1, Awaited(waiting));
    }

    [Fact]
    public void Cells_that_measure_come_last_and_each_by_itself()
    {
        var cells = Cells("a", "b", "c", "d").Select(c => c with { IsAlone = c.Index is 0 or 2 }).ToArray();
        var schedule = new MatrixSchedule(cells);
        var (b, d) = (schedule.Take()!, schedule.Take()!);
        Assert.Equal([1, 3], [b.Index, d.Index]);
        var waiting = Later(schedule);
        schedule.Finished(b);
        Assert.False(waiting.IsCompleted);
        schedule.Finished(d);
        Assert.Equal(0, Awaited(waiting));
        var last = Later(schedule);
        Assert.False(last.IsCompleted);
        schedule.Finished(cells[0]);
        Assert.Equal(2, Awaited(last));
    }

    [Fact]
    public void Once_stopped_it_starts_nothing_and_lets_nobody_wait()
    {
        var schedule = new MatrixSchedule(Cells("a", "a", "b"));
        schedule.Take();
        schedule.Take();
        var waiting = Later(schedule);
        schedule.Stop();
        Assert.Equal(-1, Awaited(waiting));
        Assert.Null(schedule.Take());
    }

    private static MatrixCell[] Cells(params string[] models) =>
        [.. models.Select((model, i) => new MatrixCell(i, "/m/haq.yaml", "t", new PipelineOptions("/m/haq.yaml", new StageCache(Path.GetTempPath()))) { Model = model })];

    private static Task<MatrixCell?> Later(MatrixSchedule schedule) => Task.Factory.StartNew(schedule.Take, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static int Awaited(Task<MatrixCell?> taken)
    {
        Assert.True(taken.Wait(TimeSpan.FromMinutes(1)), "nobody was woken");
        return taken.Result?.Index ?? -1;
    }
}
