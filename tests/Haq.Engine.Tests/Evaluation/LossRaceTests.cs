using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Tests.Search;

namespace Haq.Engine.Tests.Evaluation;

public sealed class LossRaceTests
{
    private const int Batch = 16, Batches = 64;

    [Fact]
    public void Comparisons_double_in_two_steps_and_end_with_everything()
    {
        Assert.Equal([4, 6, 8, 12, 16, 24, 32, 48, 64], LossRace.Comparisons(64));
        Assert.Equal([4, 6, 8, 12, 16, 24, 32, 63], LossRace.Comparisons(63));
        Assert.Equal([4, 6, 10], LossRace.Comparisons(10));
        Assert.Equal([5], LossRace.Comparisons(5));
        Assert.Equal(Enumerable.Range(0, 64), LossRace.Order(64).Order());
        Assert.Equal(LossRace.Order(64), LossRace.Order(64));
        Assert.NotEqual(Enumerable.Range(0, 64), LossRace.Order(64));
    }

    [Theory]
    [InlineData(3, 1.638)]
    [InlineData(7, 1.415)]
    [InlineData(15, 1.341)]
    [InlineData(31, 1.309)]
    [InlineData(120, 1.289)]
    public void Doubt_is_the_quantile_of_Student_s_t(int freedom, double table) => Assert.Equal(table, LossRace.Doubt(freedom), 0.02);

    [Fact]
    public void Better_policies_are_hardly_ever_given_up_equal_ones_often_and_hopeless_ones_at_once()
    {
        int lostBetter = 0, lostEqual = 0, lostWorse = 0;
        const int Races = 2000;
        for (int trial = 0; trial < Races; trial++)
        {
            var random = new SeededRandom((ulong)trial);
            // Losses are skewed: most samples hardly differ, a few a lot.
            SampleScore[] Scores(double factor) => [.. Enumerable.Range(0, Batch * Batches).Select(_ => new SampleScore(false, false, false, factor * Math.Exp(random.NextNormal()), 1, 1, 0))];
            var rival = Scores(1);
            var race = new LossRace(rival, Batch, OutputKind.Logits);
            int[] order = LossRace.Order(Batches);
            if (Lost(Scores(0.8))) lostBetter++;
            if (Lost(Scores(1))) lostEqual++;
            if (Lost(Scores(3))) lostWorse++;

            bool Lost(SampleScore[] scores) => LossRace.Comparisons(Batches).Any(n => n < Batches && race.IsLost(scores, order.AsSpan(0, n)));
        }
        Assert.InRange(lostBetter, 0, Races / 50);
        Assert.InRange(lostEqual, Races / 10, Races / 2);
        Assert.InRange(lostWorse, Races * 99 / 100, Races);
    }

    [Fact]
    public void An_output_that_is_no_number_is_lost_and_noise_counts_where_there_are_no_classes()
    {
        SampleScore[] Noise(double noise) => [.. Enumerable.Range(0, 128).Select(i => new SampleScore(false, false, false, 0, 1, 2, noise * (1 + 0.01 * (i / Batch))))];
        var race = new LossRace(Noise(1), Batch, OutputKind.Values);
        int[] all = [.. Enumerable.Range(0, 8)];
        Assert.True(race.IsLost(Noise(2), all));
        Assert.False(race.IsLost(Noise(0.5), all));
        Assert.True(race.IsLost(Noise(double.NaN), all));
    }

    [Fact]
    public void A_measured_race_ends_early_where_it_is_lost_and_repeats_number_for_number()
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(512);
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        var six = Policy.Uniform(28, new LayerBits(6, 6));
        var (hopeless, better) = (Policy.Uniform(28, new LayerBits(2, 3)), Policy.Uniform(28, new LayerBits(8, 8)));
        var evaluator = new MeasuredEvaluator(quantizer, set);
        var lost = evaluator.Evaluate(hopeless, six, CancellationToken.None);
        Assert.True(lost.StoppedEarly && lost.Samples == 64 && lost.Loss > evaluator.Evaluate(six, CancellationToken.None).Loss);
        var won = evaluator.Evaluate(better, six, CancellationToken.None);
        Assert.Equal(evaluator.Evaluate(better, CancellationToken.None) with { RaceError = won.RaceError }, won);
        Assert.Equal(ErrorOfMeans(MeanLosses(better), MeanLosses(six)), won.RaceError!.Value, 1e-9);
        // After another rival and in a new evaluator it is the same.
        Assert.Equal(lost, evaluator.Evaluate(hopeless, six, CancellationToken.None));
        using var one = new EvaluationSet(quantizer.Model.Float, images, new EvaluationOptions { Workers = 1 });
        Assert.Equal(lost, new MeasuredEvaluator(quantizer, one).Evaluate(hopeless, six, CancellationToken.None));

        double[] MeanLosses(Policy policy) =>
            [.. evaluator.Samples(quantizer.Quantize(policy), CancellationToken.None).Chunk(Batch).Select(samples => samples.Average(s => s.Divergence))];
    }

    private static double ErrorOfMeans(double[] first, double[] second)
    {
        double[] differences = [.. first.Zip(second, (a, b) => a - b)];
        double mean = differences.Average();
        return Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (differences.Length - 1) / differences.Length);
    }

    [Fact]
    public void Journals_keep_races_apart_from_full_scores_and_find_both_again()
    {
        string folder = Directory.CreateTempSubdirectory("haq-race-").FullName;
        try
        {
            string path = Path.Combine(folder, "journal.jsonl");
            var network = new SyntheticNetwork(4, seed: 1);
            var (rival, policy) = (Policy.Uniform(4, new LayerBits(6, 6)), Policy.Uniform(4, new LayerBits(3, 3)));
            PolicyScore early, full;
            using (var journal = new JournaledEvaluator(new Stopping(network), path, "subject"))
            {
                early = journal.Evaluate(policy, rival, CancellationToken.None);
                full = journal.Evaluate(policy, CancellationToken.None);
                Assert.True(early.StoppedEarly && !full.StoppedEarly);
            }
            int before = network.Evaluations;
            using var again = new JournaledEvaluator(new Stopping(network), path, "subject");
            Assert.Equal(early, again.Evaluate(policy, rival, CancellationToken.None));
            Assert.Equal(full, again.Evaluate(policy, CancellationToken.None));
            Assert.Equal(before, network.Evaluations);
            // Against another rival it is another race.
            again.Evaluate(policy, Policy.Uniform(4, new LayerBits(5, 5)), CancellationToken.None);
            Assert.Equal(before + 1, network.Evaluations);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Stopping(SyntheticNetwork inner) : IRacingEvaluator
    {
        public PolicyScore Float => inner.Float;

        public PolicyScore Evaluate(Policy policy, CancellationToken cancellation) => inner.Evaluate(policy, cancellation);

        public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation) => inner.Evaluate(policy, cancellation) with { StoppedEarly = true, Samples = 128 };
    }
}
