using Haq.Engine.Numerics;
using Haq.Engine.Search.Regions;

namespace Haq.Engine.Tests.Search.Regions;

public sealed class MaxFlowTests
{
    /// <summary>The network of Cormen et al., Introduction to Algorithms, figure 26.1: its greatest flow is 23.</summary>
    [Fact]
    public void The_textbooks_network_carries_what_the_textbook_says()
    {
        var flow = new MaxFlow(6);
        foreach (var (from, to, capacity) in new[] { (0, 1, 16), (0, 2, 13), (1, 3, 12), (2, 1, 4), (3, 2, 9), (2, 4, 14), (4, 3, 7), (3, 5, 20), (4, 5, 4) }) flow.Add(from, to, capacity);
        Assert.Equal(23, flow.Run(0, 5));
        Assert.Equal([true, true, true, false, true, false], Enumerable.Range(0, 6).Select(flow.IsWithSource));
    }

    [Fact]
    public void The_greatest_flow_is_the_least_of_all_cuts()
    {
        var random = new SeededRandom(5);
        for (int trial = 0; trial < 300; trial++)
        {
            int nodes = 2 + random.Next(7);
            var edges = new List<(int From, int To, long Capacity)>();
            for (int e = random.Next(25); e > 0; e--) edges.Add((random.Next(nodes), random.Next(nodes), random.Next(20)));
            edges.RemoveAll(e => e.From == e.To);
            var flow = new MaxFlow(nodes);
            foreach (var (from, to, capacity) in edges) flow.Add(from, to, capacity);
            long least = Enumerable.Range(0, 1 << nodes).Where(side => (side & 1) != 0 && (side & 2) == 0).Min(side => Cut(edges, n => (side >> n & 1) != 0));
            Assert.Equal(least, flow.Run(0, 1));
            Assert.Equal(least, Cut(edges, flow.IsWithSource));
        }
    }

    [Fact]
    public void A_long_chain_needs_no_deep_stack()
    {
        const int Nodes = 200_000;
        var flow = new MaxFlow(Nodes);
        for (int n = 0; n + 1 < Nodes; n++) flow.Add(n, n + 1, n == Nodes / 2 ? 3 : 5);
        Assert.Equal(3, flow.Run(0, Nodes - 1));
    }

    private static long Cut(List<(int From, int To, long Capacity)> edges, Func<int, bool> isWithSource) =>
        edges.Where(e => isWithSource(e.From) && !isWithSource(e.To)).Sum(e => e.Capacity);
}
