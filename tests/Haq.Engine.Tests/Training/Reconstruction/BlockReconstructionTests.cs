using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Quantization;
using Haq.Engine.Tests.Evaluation;
using Haq.Engine.Training.Reconstruction;

namespace Haq.Engine.Tests.Training.Reconstruction;

public sealed class BlockReconstructionTests
{
    private static readonly ReconstructionOptions s_few = new() { Steps = 60, Reach = 0.6, Samples = 128, Batch = 16, Threads = 1 };

    [Fact]
    public void Low_bit_layers_get_better_the_same_way_every_time()
    {
        var sample = MeasuredEvaluatorTests.Sample();
        using var training = MeasuredEvaluatorTests.Training(128);
        using var images = MeasuredEvaluatorTests.Images(256);
        using var set = new EvaluationSet(sample.Model.Float, images);
        var evaluator = new MeasuredEvaluator(sample, set);
        int layers = sample.Model.Layers.Length;
        var policy = Policy.Uniform(layers, new LayerBits(3, 8)).With(0, new LayerBits(8, 8)).With(layers - 1, new LayerBits(8, 8));
        var start = sample.Quantize(policy);

        var result = BlockReconstruction.Run(sample.Model, start, training, s_few, cancellation: TestContext.Current.CancellationToken);
        Assert.Empty(result.Warnings);
        Assert.True(result.Blocks.Count(b => b.Kept) > result.Blocks.Length / 2);
        // Every low-bit layer is in exactly one block; wide ones keep their weights.
        Assert.Equal(result.Blocks.SelectMany(b => b.Layers).Distinct().Count(), result.Blocks.Sum(b => b.Layers.Length));
        Assert.All(sample.Model.Layers.Where(l => policy[l.Layer.Index].Weights == 3), l => Assert.Contains(result.Blocks, b => b.Layers.Contains(l.Name)));
        Assert.Same(start.Layers[0].Weights, result.Model.Layers[0].Weights);
        foreach (var layer in result.Model.Layers.Where(l => l.Bits.Weights == 3)) Assert.All(layer.Weights!.Values.ToArray(), q => Assert.InRange(q, -3, 3));

        double before = evaluator.Evaluate(start, CancellationToken.None).Loss, after = evaluator.Evaluate(result.Model, CancellationToken.None).Loss;
        Assert.True(after < 0.9 * before, $"loss {before} before, {after} after");

        var again = BlockReconstruction.Run(sample.Model, start, training, s_few, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Bytes(result.Model), Bytes(again.Model));
        Assert.Equal(result.Blocks.Select(b => b.After), again.Blocks.Select(b => b.After));
        using var stream = new MemoryStream(Bytes(result.Model));
        Assert.Equal(Bytes(result.Model), Bytes(QuantizedLayerFile.Read(start, stream)));
    }

    [Fact]
    public void Networks_without_low_bits_stay_as_they_are()
    {
        var sample = MeasuredEvaluatorTests.Sample();
        using var training = MeasuredEvaluatorTests.Training(32);
        var start = sample.Quantize(Policy.Uniform(sample.Model.Layers.Length, new LayerBits(8, 8)));
        var result = BlockReconstruction.Run(sample.Model, start, training, s_few);
        Assert.Empty(result.Blocks);
        Assert.Equal(Bytes(start), Bytes(result.Model));
    }

    private static byte[] Bytes(QuantizedModel model)
    {
        using var stream = new MemoryStream();
        QuantizedLayerFile.Write(model, stream);
        return stream.ToArray();
    }
}
