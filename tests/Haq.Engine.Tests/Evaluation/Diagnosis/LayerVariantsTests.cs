using Haq.Engine.Evaluation;
using Haq.Engine.Evaluation.Diagnosis;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Evaluation.Diagnosis;

/// <summary>Networks with layers back in floating point, by the policies that name them.</summary>
public sealed class LayerVariantsTests
{
    [Fact]
    public void A_name_gives_the_variant_and_different_variants_have_different_names()
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        var whole = quantizer.Quantize(Policy.Uniform(quantizer.Model.Layers.Length, new LayerBits(4, 8)));
        var variants = new LayerVariants(whole);
        Assert.Equal(whole.Layers, variants.Variant(variants.Whole).Layers);
        var names = new HashSet<string>(StringComparer.Ordinal) { variants.Whole.Digest };
        foreach (var layer in whole.Layers)
        {
            int index = layer.Found.Layer.Index;
            var (without, alone) = (variants.Variant(variants.Without(layer)), variants.Variant(variants.Alone(layer)));
            Assert.True(without.Layers[index] is { Weights: null, Bias: null, Activation: null });
            Assert.Equal(layer, alone.Layers[index]);
            foreach (var other in whole.Layers.Where(l => l != layer))
            {
                bool shares = other.Found.Input == layer.Found.Input;
                Assert.Equal(shares ? other with { Activation = null } : other, without.Layers[other.Found.Layer.Index]);
                Assert.Equal(other with { Weights = null, Bias = null, Activation = shares ? other.Activation : null }, alone.Layers[other.Found.Layer.Index]);
            }
            Assert.True(names.Add(variants.Without(layer).Digest) && names.Add(variants.Alone(layer).Digest));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_diagnosis_on_a_pool_is_that_of_one_process_to_the_bit(int threads)
    {
        var quantizer = MeasuredEvaluatorTests.Sample();
        using var images = MeasuredEvaluatorTests.Images(24);
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        var whole = quantizer.Quantize(Policy.Uniform(quantizer.Model.Layers.Length, new LayerBits(8, 8)).With(7, new LayerBits(1, 8)).With(3, new LayerBits(3, 4)));
        var here = new Diagnostician(quantizer, whole, set, images).Run(damage: () => true, [4], cancellation: TestContext.Current.CancellationToken);

        var variants = new LocalPool("variants", set, threads, DamageMeasurements.OpenVariants(whole, set), weights: 0);
        var probes = new LocalPool("probes", set, threads, DamageMeasurements.OpenProbes(quantizer, whole, set), weights: 0);
        using (var onVariants = new DistributedEvaluator(variants, ScoringSubject.Of("variants", set)))
        using (var onProbes = new DistributedEvaluator(probes, ScoringSubject.Of("probes", set)))
        {
            var there = new Diagnostician(quantizer, whole, set, images, new DamageMeasurements(onVariants, onProbes))
                .Run(damage: () => true, [4], cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(here.Quantized, there.Quantized);
            Assert.Equal(here.Layers.Length, there.Layers.Length);
            foreach (var (a, b) in here.Layers.Zip(there.Layers))
            {
                Assert.Equal((a.Layer, a.GivenBack, a.Alone, a.SqnrDb, a.PathSqnrDb), (b.Layer, b.GivenBack, b.Alone, b.SqnrDb, b.PathSqnrDb));
                Assert.Equal(a.DamageOfWeights, b.DamageOfWeights);
                Assert.Equal(a.DamageOfActivations, b.DamageOfActivations);
            }
        }
        await variants.DisposeAsync();
        await probes.DisposeAsync();
    }
}
