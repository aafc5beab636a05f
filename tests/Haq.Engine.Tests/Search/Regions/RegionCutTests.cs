using Haq.Engine.Numerics;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Search.Regions;

namespace Haq.Engine.Tests.Search.Regions;

public sealed class RegionCutTests
{
    [Fact]
    public void No_plan_is_cheaper_than_the_cut()
    {
        var random = new SeededRandom(11);
        for (int trial = 0; trial < 200; trial++)
        {
            var map = Maps.Random(random, 2 + random.Next(9));
            var costs = Maps.Costs(random, map);
            double least = AllPlans(map).Min(plan => RegionCut.Price(map, costs, plan));
            Assert.Equal(least, RegionCut.Price(map, costs, RegionCut.Solve(map, costs)), 1e-11);
        }
    }

    [Fact]
    public void What_has_one_form_only_gets_it()
    {
        var random = new SeededRandom(12);
        for (int trial = 0; trial < 100; trial++)
        {
            var map = Maps.Random(random, 8);
            var costs = Maps.Costs(random, map);
            costs.Integer[2] = double.PositiveInfinity;
            costs.Float[5] = double.PositiveInfinity;
            var plan = RegionCut.Solve(map, costs);
            Assert.False(plan[2]);
            Assert.True(plan[5]);
            double least = AllPlans(map).Where(p => !p[2] && p[5]).Min(p => RegionCut.Price(map, costs, p));
            Assert.Equal(least, RegionCut.Price(map, costs, plan), 1e-11);
        }
    }

    [Fact]
    public void Damage_counts_like_time()
    {
        var map = Maps.Chain(3);
        var costs = new RegionCosts([10e-6, 10e-6, 10e-6], [2e-6, 2e-6, 2e-6], new double[4], new double[4], 0);
        Assert.Equal("iii", RegionCut.Solve(map, costs).ToString());
        Assert.Equal("i-i", RegionCut.Solve(map, costs, [0, 9e-6, 7e-6]).ToString());
    }

    [Fact]
    public void A_border_is_crossed_only_where_it_pays()
    {
        // Two units that gain 8 us each; a border costs 5 us in and 5 us out.
        var map = Maps.Chain(2);
        var costs = new RegionCosts([10e-6, 10e-6], [2e-6, 2e-6], [5e-6, 5e-6, 5e-6], [5e-6, 5e-6, 5e-6], 0);
        Assert.Equal("ii", RegionCut.Solve(map, costs).ToString());
        costs.Integer[1] = 9e-6;
        Assert.Equal("--", RegionCut.Solve(map, costs).ToString());
    }

    private static IEnumerable<RegionPlan> AllPlans(RegionMap map) =>
        Enumerable.Range(0, 1 << map.Units.Length).Select(bits => new RegionPlan([.. Enumerable.Range(0, map.Units.Length).Select(u => (bits >> u & 1) != 0)]));
}
