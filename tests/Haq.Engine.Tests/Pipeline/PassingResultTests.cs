using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>A stage may say that what it made is no answer yet: the run that made it has it, the next one makes it again.</summary>
public sealed class PassingResultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_serves_one_run_is_made_again_by_the_next()
    {
        var made = new List<int>();
        foreach (int run in new[] { 1, 2 })
        {
            using var runner = Runner();
            var stage = new CountingStage(made, isPassing: run == 1);
            Assert.Equal(run.ToString(System.Globalization.CultureInfo.InvariantCulture), runner.Add(stage, () => new Nothing(7)).Value);
            // Within the run it is kept.
            Assert.Equal(run.ToString(System.Globalization.CultureInfo.InvariantCulture), runner.Add(stage, () => new Nothing(7)).Value);
        }
        using var last = Runner();
        Assert.Equal("2", last.Add(new CountingStage(made, isPassing: false), () => new Nothing(7)).Value);
        Assert.Equal([1, 2], made);
    }

    private StageRunner Runner() => new(new StageCache(_folder["cache"]), () => { }, null, CancellationToken.None);

    private sealed record Nothing(int Number);

    private sealed class CountingStage(List<int> made, bool isPassing) : CachedStage<Nothing, string>
    {
        public override string Name => "counting";

        public override int Version => 1;

        public override string Run(Nothing inputs, StageScope scope)
        {
            if (isPassing) scope.KeepForThisRun();
            made.Add(made.Count + 1);
            return made.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        public override void Write(string result, string folder) => File.WriteAllText(Path.Combine(folder, "number"), result);

        public override string Read(Nothing inputs, string folder) => File.ReadAllText(Path.Combine(folder, "number"));
    }
}
