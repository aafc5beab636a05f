using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;
using Haq.Engine.Numerics.Units;

namespace Haq.Engine.Tests.Hardware;

public sealed class BudgetResolverTests
{
    private static readonly QuantizableLayer[] s_layers = Networks.MobileNetV1();
    private static readonly HardwareTarget s_edge = HardwareCatalog.Load("bismo-edge", ".");
    private static readonly CostTable s_costs = CostTable.Build(s_edge, s_layers, fixedBits: 1000);
    private static readonly BudgetResolver s_resolver = new(s_edge, s_costs, s_layers);
    private static readonly LayerBits[] s_free = [.. from w in Enumerable.Range(2, 7) from a in Enumerable.Range(2, 7) select new LayerBits(w, a)];
    private static readonly LayerBits[] s_pinned = [new(8, 8)];

    [Fact]
    public void Factors_are_of_all_layers_at_eight_bits_and_of_the_float_model()
    {
        var eight = s_costs.Price(Policy.Uniform(s_layers.Length, new LayerBits(8, 8)));
        var budget = s_resolver.Resolve(new BudgetRequest(Latency: Factor(0.5), Size: Factor(0.25)));
        Assert.Equal(0.5 * eight.LatencySeconds, budget.LatencySeconds!.Value, 1e-15);
        Assert.Equal((s_layers.Sum(l => l.Shape.Weights) * 32 + 1000) / 4, budget.SizeBits);
        Assert.True(s_resolver.Resolve(new BudgetRequest(Latency: Factor(1))).Admits(eight));
    }

    [Fact]
    public void Absolute_limits_are_in_seconds_joules_and_bits()
    {
        var budget = s_resolver.Resolve(new BudgetRequest(
            Latency: new BudgetLimit(new Quantity(0.058, Dimension.Duration)), Size: new BudgetLimit(new Quantity(1000, Dimension.Size))));
        Assert.Equal(new Budget(0.058, null, 8000), budget);
    }

    [Fact]
    public void Mean_bits_of_a_weight_are_a_limit_on_what_the_weights_take_and_the_tighter_of_two_holds()
    {
        long weights = s_layers.Sum(l => l.Shape.Weights);
        var bits = new BudgetLimit(new Quantity(4.5, Dimension.Bits));
        Assert.Equal(1000 + (long)Math.Round(4.5 * weights), s_resolver.Resolve(new BudgetRequest(EffectiveBits: bits)).SizeBits);
        Assert.Equal(1000 + 4 * weights, s_resolver.Resolve(new BudgetRequest(EffectiveBits: Factor(0.5))).SizeBits);
        Assert.Equal((weights * 32 + 1000) / 8, s_resolver.Resolve(new BudgetRequest(Size: Factor(0.125), EffectiveBits: bits)).SizeBits);
        var uniform = Policy.Uniform(s_layers.Length, new LayerBits(4, 8));
        Assert.True(s_resolver.Resolve(new BudgetRequest(EffectiveBits: Factor(0.5))).Admits(s_costs.Price(uniform)));
        Assert.False(s_resolver.Resolve(new BudgetRequest(EffectiveBits: Factor(0.5))).Admits(s_costs.Price(uniform.With(3, new LayerBits(5, 8)))));
    }

    [Fact]
    public void Too_few_mean_bits_are_refused_in_bits_with_the_layers_that_hold_them_up()
    {
        var at = new SourceLocation("haq.yaml", 6, 3);
        var shortfall = Assert.Single(s_resolver.Shortfalls(new BudgetRequest(EffectiveBits: new BudgetLimit(new Quantity(1.5, Dimension.Bits), at)), Choices));
        string message = shortfall.Error().Diagnostic.ToString();
        Assert.StartsWith("haq.yaml(6,3): error HAQ0203: effective-bits 1.5 bit is below the floor, ", message, StringComparison.Ordinal);
        Assert.InRange(shortfall.Nearest.Value, 2, 4);
        Assert.Empty(s_resolver.Shortfalls(new BudgetRequest(EffectiveBits: new BudgetLimit(shortfall.Nearest)), Choices));
        // Each limit that cannot be met is named, not only the first.
        Assert.Equal(2, s_resolver.Shortfalls(new BudgetRequest(Latency: Factor(0.001), EffectiveBits: new BudgetLimit(new Quantity(1, Dimension.Bits))), Choices).Length);
    }

    [Fact]
    public void A_limit_below_the_floor_names_the_floor_and_what_holds_it_up()
    {
        var at = new SourceLocation("haq.yaml", 5, 12);
        var shortfall = Assert.Single(s_resolver.Shortfalls(new BudgetRequest(Latency: Factor(0.01) with { Location = at }), Choices));
        double floor = s_layers.Sum(l => Choices(l.Index).ToArray().Min(b => s_costs[l.Index, b].Seconds));
        Assert.Equal(floor, shortfall.Floor.Value, 1e-12);
        string message = shortfall.Error().Diagnostic.ToString();
        Assert.StartsWith("haq.yaml(5,12): error HAQ0203: latency 0.01x", message, StringComparison.Ordinal);
        Assert.Contains("held up by", message, StringComparison.Ordinal);
        Assert.Contains("pinned", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_nearest_limit_that_it_suggests_can_be_met_and_a_little_less_cannot()
    {
        foreach (var request in new BudgetRequest[] { new(Latency: Factor(0.01)), new(Size: Factor(0.001)) })
        {
            var nearest = Assert.Single(s_resolver.Shortfalls(request, Choices)).Nearest;
            var suggested = request.Latency is null ? new BudgetRequest(Size: new BudgetLimit(nearest)) : new BudgetRequest(Latency: new BudgetLimit(nearest));
            Assert.Empty(s_resolver.Shortfalls(suggested, Choices));
            var less = new BudgetLimit(nearest with { Value = nearest.Value * 0.998 });
            Assert.Single(s_resolver.Shortfalls(request.Latency is null ? new BudgetRequest(Size: less) : new BudgetRequest(Latency: less), Choices));
        }
    }

    [Fact]
    public void Several_limits_are_checked_each()
    {
        var found = s_resolver.Shortfalls(new BudgetRequest(Latency: Factor(0.01), Size: Factor(0.001)), Choices);
        Assert.Equal([CostQuantity.Latency, CostQuantity.Size], found.Select(f => f.Quantity));
    }

    [Fact]
    public void Members_of_a_group_share_the_width_that_is_cheapest_for_all()
    {
        QuantizableLayer[] layers = [new(0, "a", LayerShape.Dense(64, 64), 0), new(1, "b", LayerShape.Dense(64, 64), 0)];
        var costs = CostTable.Build(s_edge, layers, 0);
        LayerBits[][] choices = [[new(2, 2), new(2, 4)], [new(2, 4), new(2, 6)]];
        var floor = BudgetFloor.Of(CostQuantity.Latency, costs, layers, layer => choices[layer]);
        Assert.Equal(new Policy([new(2, 4), new(2, 4)]), floor.Policy);
    }

    [Fact]
    public void A_limit_on_energy_needs_an_energy_model()
    {
        var limit = new BudgetLimit(new Quantity(1e-3, Dimension.Energy), new SourceLocation("haq.yaml", 6, 11));
        string message = Assert.Throws<HaqException>(() => s_resolver.Resolve(new BudgetRequest(Energy: limit))).Diagnostic.ToString();
        Assert.StartsWith("haq.yaml(6,11): error HAQ0204: bismo-edge has no energy model", message, StringComparison.Ordinal);
    }

    private static ReadOnlySpan<LayerBits> Choices(int layer) => layer is 0 or 1 || layer == s_layers.Length - 1 ? s_pinned : s_free;

    private static BudgetLimit Factor(double value) => new(new Quantity(value, Dimension.Factor));
}
