using Haq.Engine.Tests.Fuzz;

namespace Haq.Build.Tests.Protocol;

/// <summary>Damaged messages between task and engine, the same every time.</summary>
public sealed class ProtocolFuzzTests
{
    private const int Executions = 1_500;

    public static TheoryData<string> Messages => [.. ProtocolTargets.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_damaged_message_is_read_or_refused(string message)
    {
        var run = new FuzzRun(ProtocolTargets.All.Single(t => t.Name == message), seed: 1);
        run.Add(FuzzCorpus.Of(message));
        run.Run(Executions);
        Assert.True(run.Answers > 1);
    }
}
