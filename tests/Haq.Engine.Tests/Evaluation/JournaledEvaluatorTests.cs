using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Evaluation;

public sealed class JournaledEvaluatorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("haq-journal-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "journal.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Scores_come_back_to_the_last_bit_infinities_included()
    {
        var inner = new CountingEvaluator();
        var policies = Enumerable.Range(2, 7).Select(b => Policy.Uniform(3, new LayerBits(b, 8))).ToArray();
        PolicyScore[] first;
        using (var journal = new JournaledEvaluator(inner, Path, "subject")) first = [.. policies.Select(p => journal.Evaluate(p, CancellationToken.None))];
        using var again = new JournaledEvaluator(inner, Path, "subject");
        Assert.Equal(policies.Length, again.Known);
        Assert.Equal(first, policies.Select(p => again.Evaluate(p, CancellationToken.None)));
        Assert.Equal(policies.Length, inner.Asked);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(200)]
    public void A_torn_end_loses_only_what_was_torn(int bytes)
    {
        var inner = new CountingEvaluator();
        var policies = Enumerable.Range(2, 7).Select(b => Policy.Uniform(3, new LayerBits(b, 8))).ToArray();
        using (var journal = new JournaledEvaluator(inner, Path, "subject")) foreach (var p in policies) journal.Evaluate(p, CancellationToken.None);
        using (var file = File.OpenWrite(Path)) file.SetLength(file.Length - bytes);
        int whole = File.ReadAllText(Path).Count(c => c == '\n') - 1;
        using (var again = new JournaledEvaluator(inner, Path, "subject"))
        {
            Assert.Equal(whole, again.Known);
            foreach (var p in policies) again.Evaluate(p, CancellationToken.None);
        }
        using var third = new JournaledEvaluator(inner, Path, "subject");
        Assert.Equal(policies.Length, third.Known);
    }

    [Fact]
    public void A_journal_about_something_else_is_started_anew()
    {
        using (var journal = new JournaledEvaluator(new CountingEvaluator(), Path, "one model")) journal.Evaluate(Policy.Uniform(3, new LayerBits(4, 4)), CancellationToken.None);
        using (var other = new JournaledEvaluator(new CountingEvaluator(), Path, "another model")) Assert.Equal(0, other.Known);
        Assert.Single(File.ReadAllLines(Path), line => line.Contains("another model", StringComparison.Ordinal));
    }

    [Fact]
    public void Lines_that_are_held_back_come_together_and_in_order_or_not_at_all()
    {
        var policies = Enumerable.Range(2, 7).Select(b => Policy.Uniform(3, new LayerBits(b, 8))).ToArray();
        string[] Kept(Func<bool, bool>? mayWrite)
        {
            File.Delete(Path);
            using (var journal = new JournaledEvaluator(new CountingEvaluator(), Path, "subject", mayWrite)) foreach (var p in policies) journal.Evaluate(p, CancellationToken.None);
            return File.ReadAllLines(Path);
        }

        string[] all = Kept(null);
        Assert.Equal(1 + policies.Length, all.Length);
        int asked = 0;
        Assert.Equal(all, Kept(atLast => atLast || ++asked % 3 == 0));
        asked = 0;
        Assert.Equal(all[..7], Kept(atLast => !atLast && ++asked % 3 == 0));
        Assert.Single(Kept(_ => false));
        Assert.Single(Kept(atLast => atLast ? throw DiagnosticCatalog.InputChanged.Error("images", "changed") : false));
    }

    [Fact]
    public void Two_searches_cannot_write_one_journal()
    {
        using var first = new JournaledEvaluator(new CountingEvaluator(), Path, "subject");
        Assert.Throws<IOException>(() => new JournaledEvaluator(new CountingEvaluator(), Path, "subject"));
    }

    private sealed class CountingEvaluator : IPolicyEvaluator
    {
        public int Asked { get; private set; }

        public PolicyScore Float => new(93.35, 99.9, 100, 0, 1, double.PositiveInfinity, 1000);

        public PolicyScore Evaluate(Policy policy, CancellationToken cancellation)
        {
            Asked++;
            double loss = 1.0 / 3 / policy[0].Weights;
            return new PolicyScore(100 - loss, null, 100 * (1 - loss), loss, 1 - loss * 1e-17, policy[0].Weights == 8 ? double.PositiveInfinity : 20.1, 1000);
        }
    }
}
