using Haq.Engine.Numerics;
using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;
using Haq.Engine.Search.Regions;

namespace Haq.Engine.Tests.Search.Regions;

public sealed class RegionCutTests
{
    [Fact]
    public void Regions_are_what_integers_reach_without_a_border()
    {
        var map = Maps.Chain(7);
        Assert.Equal([1, 1, 0, 2, 0, 3, 3], map.RegionsOf(RegionPlan.Parse("ii-idii")));
        Assert.All(map.RegionsOf(map.AllFloat), region => Assert.Equal(0, region));
    }

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
            costs.Units[(int)UnitForm.Integers][2] = double.PositiveInfinity;
            costs.Units[(int)UnitForm.Float][5] = double.PositiveInfinity;
            var plan = RegionCut.Solve(map, costs);
            Assert.False(plan.IsInteger(2));
            Assert.True(plan.IsInteger(5));
            double least = AllPlans(map).Where(p => !p.IsInteger(2) && p.IsInteger(5)).Min(p => RegionCut.Price(map, costs, p));
            Assert.Equal(least, RegionCut.Price(map, costs, plan), 1e-11);
        }
    }

    [Fact]
    public void Damage_counts_like_time()
    {
        var map = Maps.Chain(3);
        var costs = Maps.Costs([10e-6, 10e-6, 10e-6], [2e-6, 2e-6, 2e-6], new double[4], new double[4], 0);
        Assert.Equal("iii", RegionCut.Solve(map, costs).ToString());
        Assert.Equal("i-i", RegionCut.Solve(map, costs, Damage([0, 9e-6, 7e-6])).ToString());
    }

    [Fact]
    public void A_border_is_crossed_only_where_it_pays()
    {
        // Two units that gain 8 us each; a border costs 5 us in and 5 us out.
        var map = Maps.Chain(2);
        var costs = Maps.Costs([10e-6, 10e-6], [2e-6, 2e-6], [5e-6, 5e-6, 5e-6], [5e-6, 5e-6, 5e-6], 0);
        Assert.Equal("ii", RegionCut.Solve(map, costs).ToString());
        costs.Units[(int)UnitForm.Integers][1] = 9e-6;
        Assert.Equal("--", RegionCut.Solve(map, costs).ToString());
    }

    [Fact]
    public void With_nothing_shared_between_products_the_cut_is_exact_over_all_forms()
    {
        var random = new SeededRandom(13);
        for (int trial = 0; trial < 60; trial++)
        {
            var (map, costs) = Maps.WithProducts(random, Maps.Random(random, 2 + random.Next(4)), shares: false);
            Assert.Equal(AllForms(map.Units.Length).Min(plan => RegionCut.Price(map, costs, plan)), RegionCut.Price(map, costs, RegionCut.Solve(map, costs)), 1e-11);
        }
    }

    [Fact]
    public void No_move_to_one_form_is_better_than_the_one_that_is_made()
    {
        var random = new SeededRandom(14);
        for (int trial = 0; trial < 200; trial++)
        {
            var (map, costs) = Maps.WithProducts(random, Maps.Random(random, 2 + random.Next(6)), shares: true);
            var from = new RegionPlan([.. Enumerable.Range(0, map.Units.Length).Select(u => Finite(costs, u, (UnitForm)random.Next(5)))]);
            foreach (var form in s_forms)
            {
                double least = Enumerable.Range(0, 1 << map.Units.Length)
                    .Min(bits => RegionCut.Price(map, costs, new RegionPlan([.. Enumerable.Range(0, map.Units.Length).Select(u => (bits >> u & 1) != 0 ? form : from[u])])));
                Assert.Equal(least, RegionCut.Price(map, costs, RegionMove.Best(map, costs, from, form)), 1e-11);
            }
        }
    }

    [Fact]
    public void Where_products_share_a_step_no_move_improves_the_plan_and_it_is_within_two_percent_of_the_best()
    {
        var random = new SeededRandom(15);
        double sum = 0, best = 0;
        for (int trial = 0; trial < 60; trial++)
        {
            var (map, costs) = Maps.WithProducts(random, Maps.Random(random, 2 + random.Next(4)), shares: true);
            var plan = RegionCut.Solve(map, costs);
            double price = RegionCut.Price(map, costs, plan), least = AllForms(map.Units.Length).Min(p => RegionCut.Price(map, costs, p));
            foreach (var form in s_forms) Assert.True(RegionCut.Price(map, costs, RegionMove.Best(map, costs, plan, form)) >= price - 1e-11);
            (sum, best) = (sum + price, best + least);
        }
        Assert.InRange(sum / best, 1 - 1e-9, 1.02);
    }

    [Fact]
    public void A_step_of_every_run_is_paid_once_by_all_that_read_a_tensor()
    {
        // Three products of one tensor gain 4 us each; its step costs 10 us.
        var map = new RegionMap(
            [.. Enumerable.Range(0, 3).Select(u => new RegionUnit($"u{u}", null, [$"u{u}"], [new RegionInput("x", $"u{u}", 0)], $"t{u}") { CanBeInteger = false, CanBeDynamic = true })],
            [new RegionTensor("x", 1000, -1, [0, 1, 2], []), .. Enumerable.Range(0, 3).Select(u => new RegionTensor($"t{u}", 1000, u, [], [("end", u)]))]);
        double[][] units = RegionCosts.Table(3, double.PositiveInfinity);
        (units[(int)UnitForm.Float], units[(int)UnitForm.Dynamic]) = ([9e-6, 9e-6, 9e-6], [5e-6, 5e-6, 5e-6]);
        var costs = new RegionCosts(units, new double[4], new double[4], [10e-6, 0, 0, 0], 0);
        Assert.Equal("ddd", RegionCut.Solve(map, costs).ToString());
        Assert.Equal(25e-6, RegionCut.Price(map, costs, RegionPlan.Parse("ddd")), 1e-12);
        units[(int)UnitForm.Dynamic][2] = 9e-6;
        Assert.Equal("---", RegionCut.Solve(map, costs).ToString());
    }

    private static readonly UnitForm[] s_forms = [UnitForm.Float, UnitForm.Integers, UnitForm.Dynamic, UnitForm.Blocks8, UnitForm.Blocks4];

    private static UnitForm Finite(RegionCosts costs, int unit, UnitForm form) => double.IsFinite(costs.Of(unit, form)) ? form : UnitForm.Float;

    private static double[][] Damage(double[] integers)
    {
        double[][] damage = RegionCosts.Table(integers.Length, 0);
        damage[(int)UnitForm.Integers] = integers;
        return damage;
    }

    private static IEnumerable<RegionPlan> AllForms(int units)
    {
        int count = (int)Math.Pow(s_forms.Length, units);
        for (int n = 0; n < count; n++)
        {
            int rest = n;
            yield return new RegionPlan([.. Enumerable.Range(0, units).Select(_ =>
            {
                var form = s_forms[rest % s_forms.Length];
                rest /= s_forms.Length;
                return form;
            })]);
        }
    }

    private static IEnumerable<RegionPlan> AllPlans(RegionMap map) =>
        Enumerable.Range(0, 1 << map.Units.Length).Select(bits => new RegionPlan([.. Enumerable.Range(0, map.Units.Length).Select(u => (bits >> u & 1) != 0)]));
}
