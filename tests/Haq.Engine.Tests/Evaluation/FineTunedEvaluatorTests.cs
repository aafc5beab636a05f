using Haq.Engine.Evaluation;
using Haq.Engine.Layers;
using Haq.Engine.Tests.Training;
using Haq.Engine.Training;

namespace Haq.Engine.Tests.Evaluation;

public sealed class FineTunedEvaluatorTests
{
    private static readonly FineTuneOptions s_options = new() { Epochs = 8, Batch = 16, LearningRate = 3e-3 };

    [Fact]
    public void A_policy_has_the_score_of_its_network_after_training_every_time()
    {
        using var images = TinyNetwork.Images(64, "search");
        using var training = TinyNetwork.Images(96);
        var quantizer = TinyNetwork.Quantizer();
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        var measured = new MeasuredEvaluator(quantizer, set);
        var policy = Policy.Uniform(quantizer.Model.Layers.Length, new LayerBits(1, 4));
        FineTunedEvaluator Evaluator() => new(quantizer, set, training, s_options, score => -score.Loss);

        var score = Evaluator().Evaluate(policy, CancellationToken.None);
        Assert.True(score.Loss < measured.Evaluate(policy, CancellationToken.None).Loss, measured.Evaluate(policy, CancellationToken.None) + " " + score);
        var tuned = FineTuner.Run(quantizer.Quantize(policy), training, s_options, (m, c) => new ValidationScore(-measured.Evaluate(m, c).Loss));
        Assert.Equal(measured.Evaluate(tuned.Model, CancellationToken.None), score);
        Assert.Equal(score, Evaluator().Evaluate(policy, CancellationToken.None));
        Assert.Equal(set.Float, Evaluator().Float);
    }

    [Fact]
    public void A_policy_without_quantized_weights_is_measured_as_it_is()
    {
        using var images = TinyNetwork.Images(32, "search");
        using var training = TinyNetwork.Images(32);
        var quantizer = TinyNetwork.Quantizer();
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        var policy = Policy.Uniform(quantizer.Model.Layers.Length, new LayerBits(32, 4));
        var score = new FineTunedEvaluator(quantizer, set, training, s_options, s => -s.Loss).Evaluate(policy, CancellationToken.None);
        Assert.Equal(new MeasuredEvaluator(quantizer, set).Evaluate(policy, CancellationToken.None), score);
    }

    [Fact]
    public void A_cancelled_training_ends()
    {
        using var images = TinyNetwork.Images(32, "search");
        var quantizer = TinyNetwork.Quantizer();
        using var set = new EvaluationSet(quantizer.Model.Float, images);
        using var stop = new CancellationTokenSource();
        var evaluator = new FineTunedEvaluator(quantizer, set, images, s_options, score =>
        {
            stop.Cancel();
            return -score.Loss;
        });
        Assert.ThrowsAny<OperationCanceledException>(() => evaluator.Evaluate(Policy.Uniform(quantizer.Model.Layers.Length, new LayerBits(4, 4)), stop.Token));
    }
}
