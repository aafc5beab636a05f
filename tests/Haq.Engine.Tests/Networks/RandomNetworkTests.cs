using Haq.Engine.Tests.Zoo;

namespace Haq.Engine.Tests.Networks;

/// <summary>Sixty random networks, the same every time; <c>networks</c> of the benchmarks runs thousands.</summary>
public sealed class RandomNetworkTests(ITestOutputHelper output)
{
    private const int Blocks = 4, PerBlock = 5;

    public static TheoryData<string, int> Batches
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string kind in RandomNetworks.Kinds)
                for (int block = 0; block < Blocks; block++) data.Add(kind, block);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public void The_exported_file_computes_what_the_model_as_it_was_read_does(string kind, int block)
    {
        for (int number = block * PerBlock; number < (block + 1) * PerBlock; number++)
        {
            var outcome = NetworkTrial.Run(RandomNetworks.Make(kind, number), (model, seed) =>
                new RandomDataset(model.View, model.Shapes, 32, seed), junctions: number % 2 == 1, equalize: number % 4 == 2);
            output.WriteLine($"{kind} {number}: {outcome}");
            Assert.Null(outcome.Refusal);
            Assert.False(outcome.IsFault, $"{kind} {number}: {outcome}");
            Assert.False(outcome.IsChanged, $"{kind} {number}: {outcome}");
            Assert.False(outcome.IsNoisy, $"{kind} {number}: {outcome}");
        }
    }
}
