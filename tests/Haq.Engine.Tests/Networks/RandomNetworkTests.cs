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

    /// <summary>Those that 8 bits everywhere leave noisy: outlying channels that no operator may even out, rows that a normalization raises, masks beside wide scores.</summary>
    [Theory]
    [InlineData("sequence", 459, true)]
    [InlineData("sequence", 921, true)]
    [InlineData("square", 419, false)]
    [InlineData("cnn", 2291, true)]
    [InlineData("sequence", 2213, true)]
    public void A_build_of_a_network_that_8_bits_ruin_is_mended_or_fails(string kind, int number, bool junctions)
    {
        using var folder = new TemporaryFolder();
        var (typical, codes, refusal) = NetworkBuild.Run(RandomNetworks.Make(kind, number), junctions, folder.Path);
        output.WriteLine($"{kind} {number}: {typical.Decibels:F1} dB, {string.Join(' ', codes)}");
        Assert.Null(refusal);
        Assert.True(typical.Power < RandomNetworks.MostNoise || codes.Contains("HAQ0404"), $"{typical.Decibels:F1} dB, {string.Join(' ', codes)}");
    }

    [Fact]
    public void Scores_beside_a_wide_mask_keep_their_signal()
    {
        var outcome = NetworkTrial.Run(RandomNetworks.Make("sequence", 459), (model, seed) => new RandomDataset(model.View, model.Shapes, 32, seed), junctions: true);
        Assert.False(outcome.IsNoisy, outcome.ToString());
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
