using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Layers;
using Haq.Engine.Tests.Search;

namespace Haq.Engine.Tests.Evaluation.Sensitivity;

public sealed class FewProbesTests
{
    private readonly SyntheticNetwork _network = new(6, seed: 1, groups: [0, 1, 2, 2, 4, 5]);

    [Fact]
    public void Two_widths_of_everything_that_has_a_choice_come_first()
    {
        var first = Few().First.ToList();
        // Weights of four layers, activations of three groups: the first and the last layer are pinned.
        Assert.Equal(14, first.Count);
        Assert.All(first, score => Assert.True(score.Width.Bits is 2 or 4));
        Assert.DoesNotContain(first, score => score.Layer == 3 && !score.IsWeights);
    }

    [Fact]
    public void What_is_measured_is_told_as_it_is_and_the_rest_follows_from_its_neighbours()
    {
        var few = Few();
        few.Learn(Weights(2), 1.6);
        Assert.Equal(0.1, few.Of(Weights(4)), 12);
        few.Learn(Weights(4), 0.4);
        Assert.Equal((1.6, 0.4, 0.8), (few.Of(Weights(2)), few.Of(Weights(4)), Math.Round(few.Of(Weights(3)), 12)));
        Assert.Equal(0.1, few.Of(Weights(5)), 12);
        Assert.Equal(0, few.Of(Weights(8)));
        Assert.True(few.Knows(Weights(8)) && !few.Knows(Weights(3)));
    }

    [Fact]
    public void A_table_holds_every_choice_and_counts_what_is_estimated()
    {
        var few = Few();
        foreach (var score in few.First) few.Learn(score, 0.5);
        var table = few.Table("probe");
        Assert.Equal(7 * 4, table.Estimated);
        Assert.Equal(few.Of(Weights(3)) + few.Of(new WidthScore(1, false, new Bitwidth(6))), table.Of(1, new LayerBits(3, 6)));
        Assert.Equal(0, table.ActivationsOf(3)[4]);
        Assert.Throws<InvalidOperationException>(() => table.Of(0, new LayerBits(4, 8)));
    }

    private static WidthScore Weights(int bits) => new(1, true, new Bitwidth(bits));

    private FewProbes Few() => new(_network.Space.Choices, _network.Space.Groups);
}
