using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Search;

namespace Haq.Engine.Tests.Search;

public sealed class SearchSpaceTests
{
    private static readonly QuantizableLayer[] s_layers =
        [.. Enumerable.Range(0, 5).Select(i => new QuantizableLayer(i, $"conv{i}", LayerShape.Conv2D(8, 8, 3, 1, 8, 8), i is 2 or 3 ? 2 : i))];

    [Fact]
    public void First_and_last_layer_are_pinned_at_8_bits_and_the_rest_is_free()
    {
        var space = new SearchSpaceBuilder(s_layers, _ => true).Build();
        Assert.Equal([new LayerBits(8, 8)], space.ChoicesOf(0).ToArray());
        Assert.Equal([new LayerBits(8, 8)], space.ChoicesOf(4).ToArray());
        Assert.Equal(49, space.ChoicesOf(1).Length);
    }

    [Fact]
    public void An_entry_that_names_a_pinned_layer_frees_what_it_names()
    {
        var rule = new LayerRule("conv0", SearchSpaceBuilder.Widths(4, 6), null);
        var space = new SearchSpaceBuilder(s_layers, _ => true) { Rules = [rule] }.Build();
        Assert.Equal([new LayerBits(4, 8), new LayerBits(5, 8), new LayerBits(6, 8)], space.ChoicesOf(0).ToArray());
    }

    [Fact]
    public void Later_rules_win_and_patterns_match_several_layers()
    {
        var space = new SearchSpaceBuilder(s_layers, _ => true)
        {
            Rules = [new LayerRule("conv*", [new Bitwidth(4)], [new Bitwidth(6)]), new LayerRule("conv1", [new Bitwidth(2)], null)],
        }.Build();
        Assert.Equal([new LayerBits(2, 6)], space.ChoicesOf(1).ToArray());
        Assert.Equal([new LayerBits(4, 6)], space.ChoicesOf(4).ToArray());
    }

    [Fact]
    public void Floating_point_weights_go_with_floating_point_activations_only()
    {
        var space = new SearchSpaceBuilder(s_layers, _ => true) { Weights = [new Bitwidth(8), Bitwidth.Float], Activations = [new Bitwidth(8), new Bitwidth(16)] }.Build();
        Assert.Equal([new LayerBits(8, 8), new LayerBits(8, 16), LayerBits.Float], space.ChoicesOf(1).ToArray());
    }

    [Fact]
    public void The_ends_may_be_wider_than_8_bits_where_that_is_asked_for()
    {
        var both = new SearchSpaceBuilder(s_layers, _ => true) { Weights = [new Bitwidth(4)], Activations = [new Bitwidth(4), new Bitwidth(16)] }.Build();
        Assert.Equal([new LayerBits(8, 8), new LayerBits(8, 16)], both.ChoicesOf(0).ToArray());
        var wide = new SearchSpaceBuilder(s_layers, _ => true) { Activations = [new Bitwidth(16)] }.Build();
        Assert.Equal([new LayerBits(8, 16)], wide.ChoicesOf(4).ToArray());
    }

    [Fact]
    public void A_layer_that_is_skipped_is_in_float_whatever_the_hardware_has()
    {
        var space = new SearchSpaceBuilder(s_layers, b => b.Activations <= 8) { Rules = [new LayerRule("conv1", null, null) { Skip = true }] }.Build();
        Assert.Equal([LayerBits.Float], space.ChoicesOf(1).ToArray());
        Assert.Equal(LayerBits.Float, space.Uniform(new LayerBits(4, 4))[1]);
    }

    [Fact]
    public void Only_pairs_that_the_hardware_supports_are_offered()
    {
        var space = new SearchSpaceBuilder(s_layers, b => b.Activations == 8 && b.Weights % 4 == 0).Build();
        Assert.Equal([new LayerBits(4, 8), new LayerBits(8, 8)], space.ChoicesOf(1).ToArray());
    }

    [Fact]
    public void Layers_are_pinned_at_the_widest_width_below_8_where_the_hardware_has_no_8()
    {
        var space = new SearchSpaceBuilder(s_layers, b => b.Weights <= 4 && b.Activations <= 4).Build();
        Assert.Equal([new LayerBits(4, 4)], space.ChoicesOf(0).ToArray());
    }

    [Fact]
    public void A_group_offers_only_activation_widths_that_all_members_can_take()
    {
        var space = new SearchSpaceBuilder(s_layers, _ => true) { Rules = [new LayerRule("conv3", null, [new Bitwidth(4), new Bitwidth(6)])] }.Build();
        Assert.Equal([new Bitwidth(4), new Bitwidth(6)], space.ActivationsOf(2).ToArray());
        Assert.Equal(14, space.ChoicesOf(2).Length);
        Assert.False(space.Contains(space.Widest.With(2, new LayerBits(8, 4))));
        Assert.True(space.Contains(space.Widest));
    }

    [Fact]
    public void Contradicting_members_of_a_group_are_refused()
    {
        var builder = new SearchSpaceBuilder(s_layers, _ => true)
        {
            Rules = [new LayerRule("conv2", null, [new Bitwidth(4)]), new LayerRule("conv3", null, [new Bitwidth(6)])],
        };
        var error = Assert.Throws<HaqException>(() => builder.Build());
        Assert.Equal(DiagnosticCatalog.NoChoice, error.Diagnostic.Descriptor);
        Assert.Contains("'conv2', 'conv3'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_layer_is_refused_with_a_suggestion()
    {
        var location = new SourceLocation("haq.yaml", 7, 3);
        var builder = new SearchSpaceBuilder(s_layers, _ => true) { Rules = [new LayerRule("cnov3", null, null, location)] };
        var error = Assert.Throws<HaqException>(() => builder.Build());
        Assert.Equal("haq.yaml(7,3): error HAQ0602: no layer is called 'cnov3'; did you mean 'conv3'?", error.Diagnostic.ToString());
    }

    [Fact]
    public void Bits_that_the_hardware_lacks_are_refused_by_layer()
    {
        var error = Assert.Throws<HaqException>(() => new SearchSpaceBuilder(s_layers, b => b.Weights == 8) { Weights = [new Bitwidth(3)] }.Build());
        Assert.Contains("'conv1'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Uniform_leaves_pinned_layers_alone_and_rounds_up_to_what_there_is()
    {
        var space = new SearchSpaceBuilder(s_layers, b => b.Weights % 2 == 0).Build();
        var policy = space.Uniform(new LayerBits(5, 5));
        Assert.Equal(new LayerBits(8, 8), policy[0]);
        Assert.Equal(new LayerBits(6, 5), policy[1]);
        Assert.Equal(new LayerBits(8, 8), policy[4]);
    }

    [Fact]
    public void An_unknown_strategy_is_refused_with_the_list()
    {
        var error = Assert.Throws<HaqException>(() => Strategies.Create("dpg", new SearchOptions(), new SourceLocation("haq.yaml", 3, 9)));
        Assert.StartsWith("haq.yaml(3,9): error HAQ0008: there is no search strategy 'dpg'; did you mean 'ddpg'?", error.Diagnostic.ToString(), StringComparison.Ordinal);
        Assert.All(Strategies.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }
}
