namespace Haq.Engine.Tests.Fuzz;

/// <summary>Twenty thousand damaged files, the same every time: every reader answers with a diagnostic, within bounds of time and memory.</summary>
public sealed class FuzzTests : IDisposable
{
    private const int Executions = 20_000;
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Readers
    {
        get
        {
            using var folder = new TemporaryFolder();
            return [.. FuzzTargets.All(folder.Path).Select(t => t.Name)];
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_damaged_file_is_read_or_refused(string reader)
    {
        var targets = FuzzTargets.All(_folder.Path);
        var target = targets.Single(t => t.Name == reader);
        var run = new FuzzRun(target, seed: 1);
        run.Add(FuzzCorpus.Of(reader));
        run.Run(Executions / targets.Count + 1);
        Assert.True(run.Answers > 1);
    }
}
