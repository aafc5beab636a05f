using Haq.Engine.Evaluation.Diagnosis;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.Subjects;

namespace Haq.Engine.Tests.Pipeline.Subjects;

/// <summary>A network whose layers are looked at, sent to a worker: its variants have the scores there that they have here.</summary>
public sealed class NetworkNumbersTests
{
    [Theory]
    [InlineData("nearest")]
    [InlineData("block")]
    public async Task Variants_of_what_is_sent_are_scored_as_here(string rounding)
    {
        using var project = new TinyProject();
        using var workspace = project.Open(TinyProject.With(TinyProject.Base, new KeyValuePair<string, string>("quantization.rounding", rounding)));
        var whole = workspace.Stages.Quantized(workspace.Stages.Pricing.Value.Space.Uniform(new LayerBits(2, 4))).Value;
        Assert.True(NetworkNumbers.Tell(workspace.Quantizer, whole));

        var (set, variants) = (workspace.SearchSet, new LayerVariants(whole));
        Policy[] named = [variants.Whole, .. whole.Layers.SelectMany(l => (Policy[])[variants.Without(l), variants.Alone(l)])];
        foreach (bool isOfVariants in (bool[])[true, false])
        {
            using var parcel = SubjectPacking.Pack(workspace.Stages.SearchSubject with { Network = new NetworkSource(whole, isOfVariants) }, CancellationToken.None);
            using var folder = new TemporaryFolder();
            using var unpacked = UnpackedParcel.Open(parcel, folder);
            var pool = unpacked.OpenPool(parcel.Digest, 2);
            var here = DamageMeasurements.Here(workspace.Quantizer, whole, set);
            var policies = isOfVariants ? named : [Policy.Uniform(whole.Layers.Length, new LayerBits(4, 8)), Policy.Uniform(whole.Layers.Length, LayerBits.Float)];
            foreach (var policy in policies)
            {
                var scores = await pool.ScoreAsync(new ScoringWork(parcel.Digest, policy, [.. Enumerable.Range(0, set.BatchCount)]), TestContext.Current.CancellationToken);
                Assert.Equal((isOfVariants ? here.Variants : here.Probes).Evaluate(policy, CancellationToken.None), set.Summarize(scores));
            }
            await pool.DisposeAsync();
        }
    }

    [Fact]
    public void What_the_numbers_of_layers_do_not_tell_is_not_sent()
    {
        using var project = new TinyProject();
        using var workspace = project.Open(TinyProject.Base);
        var whole = workspace.Stages.Calibrated(workspace.Stages.Pricing.Value.Space.Uniform(new LayerBits(4, 8))).Value;
        Assert.True(NetworkNumbers.Tell(workspace.Quantizer, whole));
        Assert.False(NetworkNumbers.Tell(workspace.Quantizer, whole with { Constants = whole.Constants.Add("norm.scale", [1, 2]) }));
        Assert.False(NetworkNumbers.Tell(workspace.Quantizer, whole with { Model = whole.Model.Clone() }));
        Assert.False(NetworkNumbers.Tell(workspace.Quantizer, whole with { Layers = [whole.Layers[0] with { IsDynamic = true }, .. whole.Layers.Skip(1)] }));
        Assert.False(NetworkNumbers.Tell(workspace.Quantizer, whole with { Layers = [whole.Layers[0] with { Weights = null, Bias = null }, .. whole.Layers.Skip(1)] }));
    }
}
