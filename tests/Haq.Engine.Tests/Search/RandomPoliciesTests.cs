using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Search;

namespace Haq.Engine.Tests.Search;

public sealed class RandomPoliciesTests
{
    [Fact]
    public void Random_policies_are_in_the_space_keep_groups_together_and_differ()
    {
        var network = new SyntheticNetwork(12, seed: 3, groups: [0, 1, 2, 2, 4, 5, 6, 6, 6, 9, 10, 11]);
        var random = new SeededRandom(4);
        var policies = Enumerable.Range(0, 50).Select(_ => RandomPolicies.Anywhere(network.Space, random)).ToArray();
        Assert.All(policies, p => Assert.True(network.Space.Contains(p) && p.Bits.ToArray().All(b => b.Weights >= 4 && b.Activations >= 4)));
        Assert.Equal(50, policies.Distinct().Count());
        Assert.Equal([4, 5, 6, 7, 8], policies.Select(p => p[3].Weights.Bits).Distinct().Order());
    }

    [Fact]
    public void Near_policies_move_some_widths_by_one_step()
    {
        var network = new SyntheticNetwork(30, seed: 5);
        var random = new SeededRandom(6);
        var centre = network.Space.Uniform(new LayerBits(5, 5));
        int moved = 0;
        for (int i = 0; i < 20; i++)
        {
            var near = RandomPolicies.Near(network.Space, centre, 0.2, random);
            Assert.True(network.Space.Contains(near));
            for (int layer = 1; layer < 29; layer++)
            {
                Assert.InRange(near[layer].Weights.Bits, 4, 6);
                Assert.InRange(near[layer].Activations.Bits, 4, 6);
                moved += (near[layer].Weights == 5 ? 0 : 1) + (near[layer].Activations == 5 ? 0 : 1);
            }
        }
        // A fifth of 20 x 28 x 2 widths, within five standard deviations.
        Assert.InRange(moved, 224 - 67, 224 + 67);
    }
}
