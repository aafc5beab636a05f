using Haq.Cluster.Protocol;

namespace Haq.Cluster.Tests.Protocol;

public sealed class WorkerIdentityTests
{
    private static readonly WorkerIdentity s_here = WorkerIdentity.Here;

    [Fact]
    public void Equals_work_together() => Assert.Null(WorkerIdentity.Disagreement(s_here, s_here with { }));

    [Fact]
    public void Another_version_is_refused_with_both_named()
    {
        string said = WorkerIdentity.Disagreement(s_here with { Version = "9.8.7" }, s_here)!;
        Assert.Contains("worker is haq 9.8.7", said, StringComparison.Ordinal);
        Assert.Contains($"client haq {s_here.Version}", said, StringComparison.Ordinal);
        Assert.NotNull(WorkerIdentity.Disagreement(s_here with { Engine = new string('0', 64) }, s_here));
        Assert.NotNull(WorkerIdentity.Disagreement(s_here, s_here with { Protocol = 99 }));
    }

    [Fact]
    public void Another_class_of_machine_is_refused_with_both_named()
    {
        string said = WorkerIdentity.Disagreement(s_here with { Machine = new string('0', 64), Class = "Linux; avx512f" }, s_here)!;
        Assert.Contains("Linux; avx512f", said, StringComparison.Ordinal);
        Assert.Contains(s_here.Class, said, StringComparison.Ordinal);
    }
}
