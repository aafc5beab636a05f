using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Search.Regions;
using Onnx;

namespace Haq.Engine.Tests.Search.Regions;

public sealed class RegionSearchTests
{
    private const double Unlimited = 1e9;

    [Fact]
    public void Costs_are_learned_from_few_files_and_the_best_plan_is_found()
    {
        var random = new SeededRandom(21);
        int best = 0;
        for (int trial = 0; trial < 40; trial++)
        {
            var map = Maps.Random(random, 10);
            var costs = Maps.Costs(random, map);
            var bench = new SimulatedBench(map, costs, new double[10], Unlimited);
            var result = Search(map, bench, new RegionGoal());
            double least = RegionCut.Price(map, costs, RegionCut.Solve(map, costs));
            Assert.True(bench.Profiled.Count <= 10);
            Assert.True(result.Timing.Seconds <= bench.Float && result.Timing.Seconds <= 1.02 * result.Uniform.Seconds);
            if (result.Timing.Seconds <= 1.03 * least) best++;
        }
        // Borders that no file showed are estimated: once in a while one stays that way.
        Assert.InRange(best, 34, 40);
    }

    [Fact]
    public void Where_integers_gain_nothing_the_network_stays_in_float()
    {
        var map = Maps.Chain(4);
        var costs = Maps.Costs([.. Enumerable.Repeat(10e-6, 4)], [.. Enumerable.Repeat(9.99e-6, 4)], [.. Enumerable.Repeat(3e-6, 5)], [.. Enumerable.Repeat(3e-6, 5)], 1e-6);
        var result = Search(map, new SimulatedBench(map, costs, new double[4], Unlimited), new RegionGoal());
        Assert.Equal(RegionVerdict.NothingFaster, result.Verdict);
        Assert.Equal(map.AllFloat, result.Plan);
        Assert.Equal(41e-6, result.PredictedSeconds, 1e-12);
    }

    [Theory]
    [InlineData(30e-6, "---", 1)]
    [InlineData(10e-6, "B--", 1)]
    public void Tables_have_8_bits_where_that_is_no_slower_though_the_network_stays_in_float(double rows, string plan, double ratio)
    {
        var chain = Maps.Chain(3);
        var map = chain with { Units = [.. chain.Units.Select((u, i) => i == 0 ? u with { Table = new FoundTable("t", new NodeProto(), "t", 3, 2) } : u)] };
        var costs = Maps.Costs([10e-6, 10e-6, 10e-6], [20e-6, 20e-6, 20e-6], new double[4], new double[4], 0);
        costs.Units[(int)UnitForm.Rows8] = [rows, double.PositiveInfinity, double.PositiveInfinity];
        var result = new RegionSearch(map, new SimulatedBench(map, costs, new double[3], Unlimited), new RegionGoal(), (_, _) => true, (_, _) => { },
            TestContext.Current.CancellationToken).Run();
        Assert.Equal(RegionVerdict.NothingFaster, result.Verdict);
        Assert.Equal(ratio, result.Timing.Ratio, 1e-9);
        Assert.Equal(plan, result.Plan.ToString());
    }

    [Fact]
    public void Too_wide_an_interval_keeps_float()
    {
        var map = Maps.Chain(4);
        var costs = Maps.Costs([.. Enumerable.Repeat(10e-6, 4)], [.. Enumerable.Repeat(8e-6, 4)], new double[5], new double[5], 1e-6);
        var result = Search(map, new SimulatedBench(map, costs, new double[4], Unlimited) { Spread = 0.4 }, new RegionGoal());
        Assert.Equal(RegionVerdict.TooNoisy, result.Verdict);
        Assert.Equal(map.AllFloat, result.Plan);
    }

    [Fact]
    public void A_unit_that_ruins_the_outputs_stays_in_float()
    {
        var map = Maps.Chain(6);
        var costs = Maps.Costs([.. Enumerable.Repeat(20e-6, 6)], [.. Enumerable.Repeat(5e-6, 6)], [.. Enumerable.Repeat(1e-6, 7)], [.. Enumerable.Repeat(1e-6, 7)], 1e-6);
        var result = Search(map, new SimulatedBench(map, costs, [0.1, 0.1, 5, 0.1, 0.1, 0.1], 1), new RegionGoal());
        Assert.Equal(RegionVerdict.Faster, result.Verdict);
        Assert.Equal("ii-iii", result.Plan.ToString());
        Assert.True(result.Candidates.Single(c => c.Plan.Equals(result.Plan)).Score!.Value.IsKept);
    }

    [Fact]
    public void A_units_time_is_foretold_among_neighbours_like_its_own()
    {
        var map = Maps.Chain(3);
        var ledger = new RegionLedger(map, (_, form) => form is UnitForm.Float or UnitForm.Integers);
        RegionReading Reading(double[] units, double total) => new(units, new double[4], new double[4], new double[4], total);
        ledger.Learn(map.AllFloat, Reading([10e-6, 10e-6, 10e-6], 31e-6));
        // Between integers the one in the middle takes three times as long.
        ledger.Learn(RegionPlan.Parse("i-i"), Reading([4e-6, 30e-6, 4e-6], 40e-6));
        Assert.Equal(31e-6, ledger.Predict(map.AllFloat)!.Value, 1e-12);
        Assert.Equal(40e-6, ledger.Predict(RegionPlan.Parse("i-i"))!.Value, 1e-12);
        // Of the rest the average is known, which the cut goes by.
        Assert.Equal(20e-6, ledger.Costs.Of(1, UnitForm.Float), 1e-12);
        Assert.Null(ledger.Predict(RegionPlan.Parse("4--")));
    }

    [Fact]
    public void Only_forms_that_a_plan_would_have_are_looked_at_by_themselves()
    {
        var map = Maps.Chain(6);
        // The last three gain nothing in integers, whatever is around them.
        var costs = Maps.Costs([20e-6, 20e-6, 20e-6, 5e-6, 5e-6, 5e-6], [5e-6, 5e-6, 5e-6, 20e-6, 20e-6, 20e-6], [.. Enumerable.Repeat(1e-6, 7)], [.. Enumerable.Repeat(1e-6, 7)], 1e-6);
        var bench = new SimulatedBench(map, costs, [0.1, 5, 0.1, 0.1, 0.1, 0.1], 1);
        Assert.Equal("i-i---", Search(map, bench, new RegionGoal()).Plan.ToString());
        Assert.Equal(["i-----", "-i----", "--i---"], bench.Probed.Select(p => p.ToString()));
    }

    [Fact]
    public void Where_everything_ruins_the_outputs_float_is_kept_and_the_reason_said()
    {
        var map = Maps.Chain(3);
        var costs = Maps.Costs([.. Enumerable.Repeat(20e-6, 3)], [.. Enumerable.Repeat(5e-6, 3)], new double[4], new double[4], 1e-6);
        var result = Search(map, new SimulatedBench(map, costs, [5, 5, 5], 1), new RegionGoal());
        Assert.Equal(RegionVerdict.NothingKept, result.Verdict);
        Assert.Equal(map.AllFloat, result.Plan);
    }

    [Fact]
    public void Least_damage_within_a_time_keeps_the_worst_unit_in_float()
    {
        var map = Maps.Chain(5);
        var costs = Maps.Costs([.. Enumerable.Repeat(20e-6, 5)], [.. Enumerable.Repeat(5e-6, 5)], [.. Enumerable.Repeat(0.5e-6, 6)], [.. Enumerable.Repeat(0.5e-6, 6)], 0);
        double[] damage = [0.1, 4, 0.1, 0.1, 2];
        var bench = new SimulatedBench(map, costs, damage, Unlimited);
        var result = Search(map, bench, new RegionGoal(real => 0.6 * real, LeastDamage: true));
        Assert.True(result.Timing.Seconds <= 0.6 * bench.Float);
        Assert.False(result.Plan.IsInteger(1));
    }

    [Fact]
    public void The_same_measurements_give_the_same_choice()
    {
        var random = new SeededRandom(23);
        var map = Maps.Random(random, 12);
        var costs = Maps.Costs(random, map);
        double[] damage = [.. Enumerable.Range(0, 12).Select(_ => random.Next(10) * 0.1)];
        var first = Search(map, new SimulatedBench(map, costs, damage, 2), new RegionGoal());
        var second = Search(map, new SimulatedBench(map, costs, damage, 2), new RegionGoal());
        Assert.Equal(first.Plan, second.Plan);
        Assert.Equal(first.Candidates.Select(c => c.Plan.ToString()), second.Candidates.Select(c => c.Plan.ToString()));
    }

    [Fact]
    public void Products_get_the_form_that_is_fastest_and_another_where_that_does_too_much_damage()
    {
        var chain = Maps.Chain(6);
        var map = chain with { Units = [.. chain.Units.Select(u => u with { CanBeDynamic = true, Block = 32 })] };
        double[] Six(double value) => [.. Enumerable.Repeat(value, 6)];
        var costs = Maps.Costs(Six(20e-6), Six(5e-6), [.. Enumerable.Repeat(1e-6, 7)], [.. Enumerable.Repeat(1e-6, 7)], 1e-6);
        (costs.Units[(int)UnitForm.Dynamic], costs.Units[(int)UnitForm.Blocks8], costs.Units[(int)UnitForm.Blocks4]) = (Six(9e-6), Six(12e-6), Six(30e-6));
        costs.Units[(int)UnitForm.Blocks4][5] = 2e-6;
        Assert.Equal("iiiii4", Search(map, new SimulatedBench(map, costs, [.. Six(0.01)], 1), new RegionGoal()).Plan.ToString());
        // In integers the third unit alone is too much; with a step of every run it is not.
        var result = Search(map, new SimulatedBench(map, costs, [0.1, 0.1, 1, 0.1, 0.1, 0.1], 1) { Share = 0.3 }, new RegionGoal());
        Assert.Equal(RegionVerdict.Faster, result.Verdict);
        Assert.Equal("iidii4", result.Plan.ToString());
    }

    private static RegionResult Search(RegionMap map, IRegionBench bench, RegionGoal goal) =>
        new RegionSearch(map, bench, goal, (_, _) => true, (_, _) => { }, CancellationToken.None).Run();
}
